/**
 * AuthZEN evaluation → our evaluation, pure. Who asks comes from the credential; a body that says otherwise is refused.
 * The whole question is the action: every member of it is in the canonical bytes, and `context.approval` — the one
 * member that is about the asking and not the action — is taken out first.
 */
import {
  type Evaluation,
  type Facts,
  isJsonObject,
  type Json,
  type JsonObject,
  type Principal,
} from '@countersign/core';
import type { EvaluationInput } from '@countersign/sdk';
import type { Bound } from '../../credentials/binding.ts';
import type { BindingSchema } from '../../policy/policy.ts';

export const ACCESS_BINDING = 'access';

/** Rules `on: access` see the question as it was asked. */
export const accessBinding: BindingSchema = {
  name: ACCESS_BINDING,
  facts: {
    type: 'object',
    additionalProperties: false,
    required: ['action', 'action_properties', 'resource', 'context'],
    properties: {
      action: { type: 'string' },
      action_properties: {},
      resource: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'id', 'properties'],
        properties: { type: { type: 'string' }, id: { type: 'string' }, properties: {} },
      },
      context: {},
    },
  },
  // The caller carries out obligations here, and cannot be seen to: none is offered.
  obligations: [],
};

export type AskedWith = { readonly state: string; readonly id: string };
export type Understood = {
  readonly evaluation: Evaluation;
  /** The parts a denial or approval is bound to, as asked. */
  readonly bound: Bound;
  /** The approval the caller evaluates again with. */
  readonly approval?: AskedWith;
};
export type Misunderstood = {
  readonly kind: 'not_you' | 'malformed';
  readonly field: string;
  readonly message: string;
};

export function understand(input: EvaluationInput, principal: Principal): Understood | Misunderstood {
  const disagreement = disagrees(input, principal);
  if (disagreement !== undefined) return disagreement;
  const { approval, ...context } = input.context ?? {};
  const given = approval === undefined ? undefined : readApproval(approval);
  if (given === 'malformed') {
    return {
      kind: 'malformed',
      field: 'context.approval',
      message: 'send it unchanged, as the task’s result gave it: id, approved_at, approved_until, state',
    };
  }
  const action_properties = input.action.properties ?? {};
  const resource = {
    type: input.resource.type,
    id: input.resource.id,
    properties: input.resource.properties ?? {},
  };
  const { tenant, subject, act, agent, team } = principal;
  const evaluation: Evaluation = {
    tenant,
    subject,
    ...(act === undefined ? {} : { act }),
    action: { name: input.action.name },
    resource,
    context: { action_properties, context },
    facts: factsOf({ action: input.action.name, action_properties, resource, context }, { agent, team }),
  };
  const bound = boundTo(evaluation);
  return given === undefined ? { evaluation, bound } : { evaluation, bound, approval: given };
}

type Question = {
  readonly action: string;
  readonly action_properties: Json;
  readonly resource: Evaluation['resource'];
  readonly context: JsonObject;
};

/** What rules `on: access` see of a question. */
export const factsOf = (question: Question, { agent, team }: Pick<Principal, 'agent' | 'team'>): Facts => ({
  binding: ACCESS_BINDING,
  confidence: 'exact',
  scope: {
    env: 'external',
    class: 'unknown',
    agent,
    team: team ?? '',
    resource: question.resource.id,
    upstream: ACCESS_BINDING,
  },
  values: question,
});

/** The bound parts of an evaluation, or of the canonical action stored of it: equal for equal questions. */
export function boundTo(action: Pick<Evaluation, 'subject' | 'action' | 'resource' | 'context'>): Bound {
  const { action_properties, context } = action.context;
  return {
    subject: { type: action.subject.type, id: action.subject.id },
    action: { name: action.action.name, properties: action_properties ?? {} },
    resource: { type: action.resource.type, id: action.resource.id, properties: action.resource.properties },
    context: isJsonObject(context) ? context : {},
  };
}

function disagrees({ subject }: EvaluationInput, principal: Principal): Misunderstood | undefined {
  if (subject.id !== principal.subject.id) {
    return {
      kind: 'not_you',
      field: 'subject.id',
      message: 'the credential is another subject’s; an agent asks for itself',
    };
  }
  if (subject.type !== principal.subject.type) {
    return { kind: 'not_you', field: 'subject.type', message: `expected "${principal.subject.type}"` };
  }
  if (Object.keys(subject.properties ?? {}).length > 0) {
    return {
      kind: 'not_you',
      field: 'subject.properties',
      message: 'remove it: who acts for whom comes from the credential',
    };
  }
  return undefined;
}

function readApproval(value: Json): AskedWith | 'malformed' {
  if (!isJsonObject(value)) return 'malformed';
  const { id, state } = value;
  return typeof id === 'string' && typeof state === 'string' ? { id, state } : 'malformed';
}
