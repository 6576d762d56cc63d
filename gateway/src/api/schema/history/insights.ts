/** Shapes of what the history adds up to. */
import type {
  DayVolume,
  DecisionTime,
  FastReview,
  Insights,
  NearMiss,
  Reading,
  RuleInsight,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { text, time, timeParameter } from '../values.ts';
import { callShape, followed } from './calls.ts';

const asked = {
  held: z.int(),
  approved: z.int(),
  denied: z.int(),
  expired: z.int(),
  cancelled: z.int(),
  waiting: z.int(),
  approval_rate: z.number().exactOptional(),
};
const decisionTime = describes<DecisionTime>()(
  z.object({ decided: z.int(), median_ms: z.int(), p90_ms: z.int() }).openapi('DecisionTime'),
);
const rule = describes<RuleInsight>()(
  z
    .object({
      rules: z.array(text),
      ...asked,
      time: decisionTime.exactOptional(),
      always_approved: z.boolean(),
    })
    .openapi('RuleInsight'),
);
const volume = describes<DayVolume>()(
  z.object({ day: time, name: text, allowed: z.int(), held: z.int(), denied: z.int() }).openapi('DayVolume'),
);
const reviewer = describes<Reading>()(
  z.object({ reviewer: text, approvals: z.int(), fast: z.int(), unseen: z.int() }).openapi('Reading'),
);
const fast = describes<FastReview>()(
  z
    .object({ request_id: text, reviewer: text, reviewed_at: time, took_ms: z.int(), characters: z.int() })
    .openapi('FastReview'),
);
const nearMiss = describes<NearMiss>()(
  z
    .object({
      kind: z.enum(['denied', 'cancelled', 'changed']),
      call: callShape,
      then: callShape.exactOptional(),
    })
    .openapi('NearMiss'),
);

export const insights = describes<Insights>()(
  z
    .object({
      from: time,
      to: time,
      followed,
      asked: z.object(asked),
      time: decisionTime.exactOptional(),
      rules: z.array(rule),
      volume: z.object({ agents: z.array(volume), rules: z.array(volume), all: z.array(volume) }),
      reading: z.object({
        assumed: z.object({ characters_per_s: z.number(), at_least_ms: z.int() }),
        of: z.enum(['everybody', 'you']),
        all: z
          .object({ reviewers: z.int(), approvals: z.int(), fast: z.int(), unseen: z.int() })
          .exactOptional(),
        reviewers: z.array(reviewer),
        fastest: z.array(fast),
      }),
      unanswered: z.array(callShape),
      near_misses: z.array(nearMiss),
      always_from: z.int(),
      looked_at: z.int().exactOptional(),
    })
    .openapi('Insights'),
);

export const insightsQuery = z.strictObject({
  from: timeParameter.exactOptional(),
  to: timeParameter.exactOptional(),
});
