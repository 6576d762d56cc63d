/** Shapes of the inbox, of several answers in one go, of a day, and of saved searches. */
import { PROOFS, REQUEST_STATUSES } from '@countersign/core';
import type {
  InboxItem,
  ReviewsInput,
  ReviewsResult,
  SavedSearch,
  SavedSearchInput,
  Today,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { eligibility, quorum } from '../decision.ts';
import { describes } from '../describes.ts';
import { reviewFields, summary } from '../requests.ts';
import { flag, identified, paging, text, time, timeParameter } from '../values.ts';
import { followed } from './calls.ts';

export const inboxItem = describes<InboxItem>()(
  z
    .object({
      ...summary,
      eligibility,
      proof_needed: z.enum(PROOFS).exactOptional(),
      reviewed_by: z.array(text),
      my_decision: z.enum(['approved', 'denied']).exactOptional(),
      group: text,
    })
    .openapi('InboxItem'),
);
export const inboxQuery = z.strictObject({ for_me: flag.exactOptional(), ...paging });

/** As many as a person can have looked at in one go. */
const REVIEWS_MAX = 50;
const one = z.strictObject({ request_id: identified('req_').shape.id, ...reviewFields });
export const reviewsInput = describes<ReviewsInput>()(
  z.strictObject({ reviews: z.array(one).min(1).max(REVIEWS_MAX) }).openapi('ReviewsInput'),
);
const result = z.discriminatedUnion('recorded', [
  z.object({
    request_id: text,
    recorded: z.literal(true),
    status: z.enum(REQUEST_STATUSES),
    quorum,
    event_id: text,
  }),
  z.object({
    request_id: text,
    recorded: z.literal(false),
    why: text,
    message: text,
    field: text.exactOptional(),
  }),
]);
export const reviewsResult = describes<ReviewsResult>()(
  z.object({ results: z.array(result) }).openapi('ReviewsResult'),
);

export const todayQuery = z.strictObject({ since: timeParameter.exactOptional() });
export const today = describes<Today>()(
  z
    .object({
      since: time,
      waiting: z.object({ all: z.int(), for_me: z.int(), more: z.boolean() }),
      calls: z.object({
        allowed: z.int(),
        held: z.int(),
        denied: z.int(),
        paused: z.int(),
        unasked: z.int(),
        more: z.boolean(),
      }),
      requests: z.object({ approved: z.int(), denied: z.int(), expired: z.int(), cancelled: z.int() }),
      median_ms: z.int().exactOptional(),
      my_reviews: z.int(),
      followed,
    })
    .openapi('Today'),
);

const NAME_CHARACTERS_MAX = 80;
const QUERY_CHARACTERS_MAX = 2_000;

export const savedSearch = describes<SavedSearch>()(
  z.object({ id: text, name: text, query: text, saved_at: time }).openapi('SavedSearch'),
);
/** A place of this console and no other: nobody is led elsewhere by a link they saved. */
export const savedSearchInput = describes<SavedSearchInput>()(
  z
    .strictObject({
      name: z.string().trim().min(1).max(NAME_CHARACTERS_MAX),
      query: z
        .string()
        .max(QUERY_CHARACTERS_MAX)
        .regex(
          /^\/(?![/\\])[!-~]*$/,
          'expected a path and query of this console, such as /history?agent=coder',
        ),
    })
    .openapi('SavedSearchInput'),
);
