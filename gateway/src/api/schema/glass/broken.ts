/** Shapes of broken glass, and of the review of it afterwards. They describe, and decide nothing: what counts is asked behind the ports. */
import { type By, type JudgeEligibility, NO_JUDGE, type NoJudge, RISKS } from '@countersign/core';
import {
  type BreakGlassInput,
  type BrokenGlass,
  type CloseGlassInput,
  GLASS_VERDICTS,
  type ToldPerson,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { reviewSignature } from '../passkeys.ts';
import { execution, REASON_CHARACTERS_MAX } from '../requests.ts';
import { digest, flag, paging, text, time } from '../values.ts';

const by = z
  .custom<By>((value) => typeof value === 'string')
  .openapi({ type: 'string', example: 'group:security' });
const verdict = z.enum(GLASS_VERDICTS);
const reason = z.string().trim().min(1).max(REASON_CHARACTERS_MAX);

const told = describes<ToldPerson>()(
  z.object({ person: text, name: text, acknowledged_at: time.exactOptional() }),
);

const reasons = Object.keys(NO_JUDGE) as [NoJudge, ...NoJudge[]];
const mayClose = describes<JudgeEligibility>()(
  z.discriminatedUnion('eligible', [
    z.object({ eligible: z.literal(true) }),
    z.object({ eligible: z.literal(false), why: z.enum(reasons) }),
  ]),
);

export const brokenGlass = describes<BrokenGlass>()(
  z
    .object({
      id: text,
      request_id: text,
      status: z.enum(['open', 'closed']),
      broken_by: text,
      broken_by_name: text,
      broken_at: time,
      reason: text.exactOptional(),
      agent: text,
      upstream: text,
      action: text,
      resource: text,
      risk: z.enum(RISKS),
      approval: z.object({
        id: text,
        status: z.enum(['active', 'used', 'expired', 'revoked']),
        approved_until: time,
      }),
      executions: z.array(execution),
      notify: z.array(by),
      review: z.array(by),
      told: z.array(told).openapi({ description: 'At most 200 of `told_total`.' }),
      told_total: z.int(),
      closed: z
        .object({ by: text, by_name: text, at: time, verdict, note: text.exactOptional() })
        .exactOptional(),
      you: z.object({ told: z.boolean(), acknowledged_at: time.exactOptional(), may_close: mayClose }),
    })
    .openapi('BrokenGlass'),
);

export const glassQuery = z.strictObject({
  open: flag.exactOptional(),
  unacknowledged: flag.exactOptional(),
  ...paging,
});
export const breakGlassInput = describes<BreakGlassInput>()(
  z
    .strictObject({
      reason: reason.openapi({ description: 'What the emergency is, and why it cannot wait.' }),
      action_digest: digest.openapi({ description: 'As shown.' }),
      rendered_digest: digest.openapi({ description: 'As shown.' }),
      signature: reviewSignature.openapi({
        description: 'Of a review challenge whose decision is `break-glass`.',
      }),
    })
    .openapi('BreakGlassInput'),
);

export const closeGlassInput = describes<CloseGlassInput>()(
  z.strictObject({ verdict, note: reason }).openapi('CloseGlassInput'),
);
