/** Shapes of the history: calls, trails, and what came before a request. */
import { RISKS } from '@countersign/core';
import {
  type Before,
  CALL_DECISIONS,
  CALL_OUTCOMES,
  type Call,
  type CallAction,
  type CallAnswer,
  type CallDetail,
  type CallPage,
  PERMITTED_BY,
  type RequestHistory,
  type Trail,
  type TrailDetail,
  type TrailPage,
  type TrailStep,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { shownRedaction } from '../requests.ts';
import { json, jsonObject, name, paging, text, time, timeParameter } from '../values.ts';

export const followed = z.object({ until: time, behind: z.int() }).openapi({
  description: 'How far the log was followed: up to which moment, and how many entries are left',
});
const decision = z.enum(CALL_DECISIONS);
const outcome = z.enum(CALL_OUTCOMES).openapi({
  description:
    'waiting, approved (unused, revoked: and never run), running, succeeded, failed, unknown, permitted (the caller enforces), refused, denied, expired, cancelled, void',
});
const permitted_by = z.enum(PERMITTED_BY);
const risk = z.enum(RISKS);

const call = {
  id: text,
  at: time,
  agent: text,
  subject: text,
  owner: text.nullable(),
  team: text.nullable(),
  upstream: text,
  env: text,
  action: text,
  resource: text,
  class: text.nullable(),
  risk: risk.nullable(),
  decision,
  outcome,
  permitted_by: permitted_by.exactOptional(),
  reason: text.exactOptional(),
  rules: z.array(text),
  reviews: z.array(z.object({ reviewer: text, decision: text, at: time })),
  sentence: text,
  request_id: text.exactOptional(),
  granted_by: text.exactOptional(),
  execution_id: text.exactOptional(),
  resolved_at: time.exactOptional(),
  started_at: time.exactOptional(),
  ended_at: time.exactOptional(),
  asked_again: z.int(),
  trail: text,
};
export const callShape = describes<Call>()(z.object(call).openapi('Call'));
const page = { next_cursor: text.exactOptional(), followed };
export const callPage = describes<CallPage>()(z.object({ items: z.array(callShape), ...page }));

const asked = describes<CallAction>()(
  z
    .discriminatedUnion('kind', [
      z.object({
        kind: z.literal('kept'),
        shown_action: jsonObject,
        redactions: z.array(shownRedaction),
      }),
      z.object({ kind: z.enum(['not_kept', 'large', 'erased']) }),
    ])
    .openapi('CallAction'),
);
const answer = describes<CallAnswer>()(
  z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('kept'), shown: json }),
      z.object({ kind: z.enum(['none', 'not_kept', 'large', 'erased']) }),
    ])
    .openapi('CallAnswer'),
);
const entry = z.object({ event_id: text, kind: text, at: time, leaf_index: z.int() });

export const callDetail = describes<CallDetail>()(
  z.object({ ...call, asked, answer, entries: z.array(entry), followed }).openapi('CallDetail'),
);

/** Something in it must be a word, or it would find nothing and look as if there were nothing. */
const q = z
  .string()
  .max(512)
  .regex(/[\p{L}\p{N}]/u, 'expected letters or digits to search for');

export const callQuery = z.strictObject({
  q: q.exactOptional(),
  agent: name.exactOptional(),
  subject: name.exactOptional(),
  owner: name.exactOptional(),
  team: name.exactOptional(),
  reviewer: name.exactOptional(),
  rule: name.exactOptional(),
  upstream: name.exactOptional(),
  action: name.exactOptional(),
  resource: name.exactOptional(),
  class: name.exactOptional(),
  env: name.exactOptional(),
  risk: risk.exactOptional(),
  decision: decision.exactOptional(),
  outcome: z.enum(CALL_OUTCOMES).exactOptional(),
  permitted_by: permitted_by.exactOptional(),
  trail: name.exactOptional(),
  from: timeParameter.exactOptional(),
  to: timeParameter.exactOptional(),
  ...paging,
});

const trail = {
  id: text,
  bound_by: z.enum(['session', 'trace', 'time']),
  agent: text,
  subject: text,
  owner: text.nullable(),
  started_at: time,
  last_at: time,
  calls: z.int(),
  held: z.int(),
  denied: z.int(),
  failed: z.int(),
};
const trailShape = describes<Trail>()(z.object(trail).openapi('Trail'));
export const trailPage = describes<TrailPage>()(z.object({ items: z.array(trailShape), ...page }));
export const trailQuery = z.strictObject({
  agent: name.exactOptional(),
  from: timeParameter.exactOptional(),
  to: timeParameter.exactOptional(),
  ...paging,
});

const step = describes<TrailStep>()(
  z
    .object({ ...call, step: z.int(), shape: text, same: text.exactOptional(), asked, answer })
    .openapi('TrailStep'),
);
export const trailDetail = describes<TrailDetail>()(
  z.object({ ...trail, steps: z.array(step), ...page }).openapi('TrailDetail'),
);
export const stepPaging = z.strictObject(paging);

const before = describes<Before>()(
  z
    .object({
      counted: z.int(),
      more: z.boolean(),
      outcomes: z.record(z.string(), z.int()),
      last: z.array(callShape),
    })
    .openapi('Before'),
);
export const requestHistory = describes<RequestHistory>()(
  z.object({ tool: before, shape: before, same: before, followed }).openapi('RequestHistory'),
);
