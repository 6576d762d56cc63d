/** Shapes of AuthZEN evaluations and ARAP requests. Closed: a member nobody acts on is refused, not ignored. */
import { REQUEST_STATUSES } from '@countersign/core';
import type {
  AccessRequestInput,
  ActionName,
  Entity,
  EvaluationInput,
  EvaluationResult,
  EvaluationsInput,
  EvaluationsResult,
  TaskAnswer,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../schema/describes.ts';
import { jsonObject, name, text } from '../schema/values.ts';

const entity = describes<Entity>()(
  z.strictObject({
    type: name,
    id: name,
    properties: jsonObject.exactOptional(),
  }),
);
const action = describes<ActionName>()(z.strictObject({ name, properties: jsonObject.exactOptional() }));
const question = { subject: entity, action, resource: entity, context: jsonObject.exactOptional() };

export const evaluationInput = describes<EvaluationInput>()(
  z.strictObject(question).openapi('EvaluationInput'),
);

export const EVALUATIONS_MAX = 50;
const partial = {
  subject: entity.exactOptional(),
  action: action.exactOptional(),
  resource: entity.exactOptional(),
  context: jsonObject.exactOptional(),
};
export const evaluationsInput = describes<EvaluationsInput>()(
  z
    .strictObject({
      ...partial,
      evaluations: z.array(z.strictObject(partial)).min(1).max(EVALUATIONS_MAX),
      options: z
        .strictObject({
          evaluations_semantic: z
            .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
            .exactOptional(),
        })
        .exactOptional(),
    })
    .openapi('EvaluationsInput'),
);

const display = z.object({ title: text, description: text });
export const evaluationResult = describes<EvaluationResult>()(
  z
    .object({
      decision: z.boolean(),
      context: z.object({
        evaluation_id: text,
        evaluated_at: text,
        reason: text.exactOptional(),
        message: text.exactOptional(),
        next_action: z.enum(['request', 'retry', 'none']).exactOptional(),
        retry_after: z.int().exactOptional(),
        access_request: z
          .object({ endpoint: text, template: text, expires_at: text, binding_token: text, display })
          .exactOptional(),
        obligations: z.array(z.object({ id: text, type: text, properties: jsonObject })).exactOptional(),
      }),
    })
    .openapi('EvaluationResult'),
);
export const evaluationsResult = describes<EvaluationsResult>()(
  z.object({ evaluations: z.array(evaluationResult) }).openapi('EvaluationsResult'),
);

const notOffered = (instead: string) =>
  z
    .custom<never>(() => false, `not offered by this version: ${instead}`)
    .openapi({ type: 'null', description: 'Not offered by this version' })
    .exactOptional();

export const accessRequestInput = describes<AccessRequestInput>()(
  z
    .strictObject({
      ...question,
      denial: z.strictObject({
        evaluation_id: name,
        binding_token: z.string().min(1).max(8192),
        evaluated_at: text.exactOptional(),
        expires_at: text.exactOptional(),
        reason: text.exactOptional(),
        template: text.exactOptional(),
      }),
      client: z
        .strictObject({
          id: name.exactOptional(),
          name: name.exactOptional(),
          source: jsonObject.exactOptional(),
        })
        .exactOptional(),
      items: notOffered('request each action by itself'),
      callback: z
        .strictObject({
          endpoint: z.string().min(1).max(2048),
          state: z.string().max(1024).exactOptional(),
          events: z
            .array(z.enum(['approved', 'denied', 'expired', 'cancelled', 'failed']))
            .min(1)
            .max(5)
            .exactOptional(),
        })
        .exactOptional(),
      requested_access: notOffered('policy says how long an approval lives'),
    })
    .openapi('AccessRequestInput'),
);

const task = z.object({
  id: text,
  status: z.enum(REQUEST_STATUSES),
  status_endpoint: text,
  expires_at: text,
  progress: z.object({ current_step: z.int(), total_steps: z.int(), step_name: text }),
  links: z.object({ review: text, cancel: text }),
  display,
});
export const taskAnswer = describes<TaskAnswer>()(
  z
    .object({
      task,
      result: z
        .object({
          mode: z.literal('reevaluate'),
          approval: z.object({ id: text, approved_at: text, approved_until: text, state: text }),
        })
        .exactOptional(),
    })
    .openapi('TaskAnswer'),
);
export const taskPath = z.strictObject({ id: z.string().min(1).max(64) });
