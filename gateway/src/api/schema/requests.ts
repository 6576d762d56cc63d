/** Shapes of access requests, reviews and approvals. */
import { PROOFS, REQUEST_STATUSES, RISKS } from '@countersign/core';
import type {
  Approvable,
  Approval,
  Erased,
  Erasure,
  Execution,
  RequestDetail,
  RequestSummary,
  ReviewInput,
  ReviewResult,
  ShownRedaction,
  ShownReview,
  TicketNote,
  TimelineEntry,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import {
  eligibility,
  explanation,
  grantTerms,
  ineligible,
  principal,
  quorum,
  requirement,
} from './decision.ts';
import { describes } from './describes.ts';
import { glassMark, glassOffer } from './glass/marks.ts';
import { grant } from './grants.ts';
import { preview } from './history/previews.ts';
import { reviewSignature } from './passkeys.ts';
import { digest, digestOut, flag, jsonObject, name, paging, text, time } from './values.ts';

const status = z.enum(REQUEST_STATUSES);
const decision = z.enum(['approved', 'denied']);
/** Long enough for a careful reason, short enough to read. */
export const REASON_CHARACTERS_MAX = 2000;

export const summary = {
  id: text,
  status,
  agent: text,
  subject: text,
  owner: text.nullable(),
  team: text.nullable(),
  upstream: text,
  env: text,
  action: text,
  resource: text,
  risk: z.enum(RISKS),
  sentence: text,
  rules: z.array(text),
  opened_at: time,
  expires_at: time,
  resolved_at: time.exactOptional(),
  quorum,
  broken_glass: glassMark.exactOptional().openapi({
    description: 'Let through by one person in an emergency, without the others.',
  }),
};
export const requestSummary = describes<RequestSummary>()(z.object(summary).openapi('RequestSummary'));

const approvalShape = {
  id: text,
  request_id: text,
  status: z.enum(['active', 'used', 'expired', 'revoked']),
  agent: text,
  upstream: text,
  action: text,
  resource: text,
  approved_at: time,
  approved_until: time,
  uses_left: z.int(),
  broken_glass: text.exactOptional().openapi({ description: 'Given by whoever broke this glass.' }),
};
export const approval = describes<Approval>()(z.object(approvalShape).openapi('Approval'));

const ticketNote = describes<TicketNote>()(
  z
    .object({
      system: text,
      kind: z.enum(['comment', 'refusal']),
      at: time,
      author: text,
      text,
      ticket: z.object({ key: text, url: text.exactOptional() }).exactOptional(),
    })
    .openapi('TicketNote'),
);

export const shownReview = describes<ShownReview>()(
  z
    .object({
      reviewer: text,
      name: text,
      decision,
      reason: text.exactOptional(),
      reviewed_at: time,
      signed: z.literal(true).exactOptional(),
      relayed: z
        .object({ by: text, proof: z.enum(['passkey', 'oidc']) })
        .exactOptional()
        .openapi({ description: 'Handed over by this ticket system, with the person’s own proof.' }),
      counts: z.boolean(),
      why_not: ineligible.exactOptional(),
      for: z.array(text).exactOptional(),
    })
    .openapi('Review'),
);

export const shownRedaction = describes<ShownRedaction>()(
  z
    .object({
      pointer: text.openapi({
        description: 'JSON Pointer into shown_action; with ~key at the end, the key it leads to',
      }),
      kind: z.enum(['secret', 'pii', 'failure']),
      label: text,
      chars: z.int(),
      origin: text.exactOptional(),
      range: z.object({ start: z.int(), end: z.int() }).exactOptional(),
    })
    .openapi('Redaction'),
);

export const approvable = describes<Approvable>()(
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true) }),
    z.object({ ok: z.literal(false), why: text }),
  ]),
);

export const execution = describes<Execution>()(
  z.object({
    id: text,
    status: text,
    started_at: time,
    ended_at: time.exactOptional(),
    broken_glass: text.exactOptional(),
  }),
);
export const timelineEntry = describes<TimelineEntry>()(
  z.object({
    at: time,
    event_id: text,
    kind: text,
    leaf_index: z.int(),
    summary: text,
  }),
);

const erased = describes<Erased>()(
  z.object({ at: time, by: text, reason: text.exactOptional() }).openapi('Erased'),
);

export const erasure = describes<Erasure>()(
  z.object({ at: time, by: text, event_id: text, already: z.boolean() }).openapi('Erasure'),
);

export const requestDetail = describes<RequestDetail>()(
  z
    .object({
      ...summary,
      principal,
      action_digest: digestOut,
      requirement,
      explanation,
      shown_action: jsonObject,
      argument_order: z.array(text).exactOptional(),
      redactions: z.array(shownRedaction),
      revealed: z.boolean(),
      findings_total: z.int(),
      rendered_digest: digestOut,
      approvable,
      claim: text.exactOptional(),
      ticket_notes: z.array(ticketNote).exactOptional().openapi({
        description: 'What ticket systems said of it, oldest first: claims, and no answers.',
      }),
      preview: preview.exactOptional().openapi({
        description:
          'What it would change, where the operator says how to find out: information, not part of what is approved.',
      }),
      refused_by: text
        .exactOptional()
        .openapi({ description: 'The ticket system that refused it, not a person.' }),
      reviews: z.array(shownReview),
      eligibility,
      may_answer: z
        .object({ people: z.array(z.object({ id: text, name: text })), more: z.boolean() })
        .exactOptional()
        .openapi({ description: 'Who could answer it now, at most 20; `more`: there may be others.' }),
      proof_needed: z.enum(PROOFS).exactOptional(),
      break_glass: glassOffer.exactOptional().openapi({ description: 'While it is pending.' }),
      approval: approval.exactOptional(),
      grant: grant.exactOptional(),
      executions: z.array(execution),
      timeline: z.array(timelineEntry),
      erased: erased.exactOptional(),
    })
    .openapi('RequestDetail'),
);

export const requestQuery = z.strictObject({
  status: status.exactOptional(),
  agent: name.exactOptional(),
  upstream: name.exactOptional(),
  risk: z.enum(RISKS).exactOptional(),
  reviewable: flag.exactOptional(),
  ...paging,
});
export const approvalQuery = z.strictObject({ active: flag.exactOptional(), ...paging });

export const reviewFields = {
  decision,
  reason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX).exactOptional(),
  action_digest: digest.exactOptional().openapi({ description: 'As shown. Required to approve.' }),
  rendered_digest: digest.exactOptional().openapi({ description: 'As shown. Required to approve.' }),
  preview: z
    .string()
    .regex(/^prv_[0-9A-HJKMNP-TV-Z]{26}$/, 'expected prv_ and 26 characters')
    .exactOptional()
    .openapi({
      description:
        'The preview that was shown, by id: on the record. An approval that names one which is not the newest is refused.',
    }),
  signature: reviewSignature.exactOptional(),
  grant: grantTerms.exactOptional().openapi({
    description:
      'With an approval, where the requirement offers it: as much more of the same tool, whatever the arguments.',
  }),
};
export const reviewInput = describes<ReviewInput>()(z.strictObject(reviewFields).openapi('ReviewInput'));

export const reviewResult = describes<ReviewResult>()(
  z.object({ status, quorum, event_id: text }).openapi('ReviewResult'),
);
/** For what needs a reason on the record: revoking, revealing, erasing. */
export const reasonInput = z.strictObject({ reason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX) });
