/** Shapes of what an agent may do and a person may review. */
import { PROOFS } from '@countersign/core';
import type {
  AgentPolicy,
  May,
  PersonPolicy,
  PersonRule,
  PersonSeat,
  UpstreamPowers,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { digestOut, text, time } from '../values.ts';

const effect = z.enum(['allow', 'require', 'deny']);
const texts = z.array(text);
const inForce = z.object({ digest: digestOut, version: text });

const may = describes<May>()(
  z
    .object({
      effects: z.array(effect).openapi({
        description: 'Every answer there could be, strictest first; one: whatever the call says.',
      }),
      depends_on: texts.openapi({
        description: 'As conditions name it: `mcp.args.path`, `subject`, `resource`.',
      }),
      rules: z.array(
        z.object({
          rule: text,
          then: effect,
          certain: z.boolean(),
          depends_on: texts,
          asks: texts.exactOptional(),
        }),
      ),
      rules_left_out: z.int(),
      reviewers: z
        .object({
          people: texts,
          left_out: z.int(),
          enough: z.boolean().openapi({ description: 'False: a request would be refused at once.' }),
        })
        .exactOptional(),
    })
    .openapi('May'),
);

const upstreamPowers = describes<UpstreamPowers>()(
  z
    .object({
      upstream: text,
      env: text,
      scopes: texts.exactOptional(),
      open: may,
      tools: z.array(z.object({ tool: text, class: text, changed: z.literal(true).exactOptional(), may })),
      not_accepted: texts,
      others: z.array(z.object({ method: text, may })),
    })
    .openapi('UpstreamPowers'),
);

const rule = { rule: text, about: text, file: text, line: z.int(), on: text, dry_run: z.boolean() };

export const agentPolicy = describes<AgentPolicy>()(
  z
    .object({
      agent: text,
      policy: inForce,
      at: time,
      stopped: z.enum(['paused', 'no_credential']).exactOptional(),
      unknown: z.array(z.enum(['owner', 'subject', 'team'])),
      upstreams: z.array(upstreamPowers),
      access: may.exactOptional(),
      rules: z.array(z.object({ ...rule, then: effect })),
      left_out: z.int(),
    })
    .openapi('AgentPolicy'),
);

const seat = describes<PersonSeat>()(
  z
    .object({
      stage: z.int(),
      stages: z.int(),
      by: text,
      count: z.int(),
      proof: z.enum(PROOFS),
      by_team: z.literal(true).exactOptional(),
      instead_of: texts.exactOptional(),
      lacks_passkey: z.literal(true).exactOptional(),
    })
    .openapi('PersonSeat'),
);

const personRule = describes<PersonRule>()(
  z
    .object({
      ...rule,
      seats: z.array(seat),
      break_glass: z.object({ may_break: z.boolean(), may_judge: z.boolean() }).exactOptional(),
      agents: z.object({
        may: texts,
        not: z.array(z.object({ agent: text, why: text })),
        left_out: z.int(),
      }),
    })
    .openapi('PersonRule'),
);

export const personPolicy = describes<PersonPolicy>()(
  z
    .object({
      person: text,
      policy: inForce,
      at: time,
      standing: z.enum(['reviewer', 'not_a_reviewer', 'inactive']),
      operator: z.boolean(),
      passkey: z.boolean(),
      away: z.boolean(),
      sits_in_for: texts,
      rules: z.array(personRule),
      rules_left_out: z.int(),
    })
    .openapi('PersonPolicy'),
);
