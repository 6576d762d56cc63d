/** What ticket systems send and are told. Closed shapes, as everywhere; their words are bounded before they are read (I15). */
import { REQUEST_STATUSES, RISKS } from '@countersign/core';
import { z } from '@hono/zod-openapi';
import { TICKET_POWERS } from '../../config/ticketing/ticketing.ts';
import {
  AUTHOR_CHARACTERS_MAX,
  KEY_CHARACTERS_MAX,
  TEXT_CHARACTERS_MAX,
  URL_CHARACTERS_MAX,
} from '../../tickets/said.ts';
import { quorum } from '../schema/decision.ts';
import { reviewChallenge, reviewSignature } from '../schema/passkeys.ts';
import { approvable, shownRedaction } from '../schema/requests.ts';
import { digest, digestOut, jsonObject, text, time } from '../schema/values.ts';

const author = z
  .string()
  .min(1)
  .max(AUTHOR_CHARACTERS_MAX)
  .openapi({ description: 'Who says it, in the ticket system’s words. Shown as its claim.' });
const ticket = z
  .strictObject({
    key: z.string().min(1).max(KEY_CHARACTERS_MAX).openapi({ example: 'OPS-12' }),
    url: z
      .string()
      .min(1)
      .max(URL_CHARACTERS_MAX)
      .exactOptional()
      .openapi({ description: 'Below `ticketing.<id>.url`; no other link is taken.' }),
  })
  .exactOptional();
const words = z.string().min(1).max(TEXT_CHARACTERS_MAX);

export const commentInput = z.strictObject({ author, text: words, ticket }).openapi('TicketCommentInput');
export const denialInput = z
  .strictObject({
    author,
    reason: words.openapi({ description: 'The agent is told it, as this system’s.' }),
    ticket,
  })
  .openapi('TicketDenialInput');

export const commented = z.object({ id: text, at: time, event_id: text }).openapi('TicketComment');
export const denied = z
  .object({
    status: z.literal('denied'),
    event_id: text,
    already: z.boolean().openapi({ description: 'This system had refused it before; nothing changed now.' }),
  })
  .openapi('TicketDenial');

export const ticketRequest = z
  .object({
    id: text,
    status: z.enum(REQUEST_STATUSES),
    agent: text,
    upstream: text,
    env: text,
    action: text,
    resource: text,
    risk: z.enum(RISKS),
    sentence: text.openapi({
      description: 'What would happen, from facts; secrets and personal data are blank.',
    }),
    opened_at: time,
    expires_at: time,
    resolved_at: time.exactOptional(),
    quorum,
    link: text.openapi({ description: 'Where people answer it. Opening it changes nothing.' }),
    may: z
      .array(z.enum(TICKET_POWERS))
      .readonly()
      .openapi({ description: 'What this system may do with it now.' }),
  })
  .openapi('TicketRequest');

export const ticketRendering = z
  .object({
    id: text,
    action_digest: digestOut,
    rendered_digest: digestOut.openapi({ description: 'Of what is to be shown: an answer names it.' }),
    lines: z
      .array(text)
      .readonly()
      .openapi({ description: 'The whole action, made visible: show every line, in a fixed-width face.' }),
    shown_action: jsonObject,
    redactions: z.array(shownRedaction).readonly(),
    approvable,
    claim: text
      .exactOptional()
      .openapi({ description: 'The agent’s own words: show them apart, as its claim.' }),
  })
  .openapi('TicketRendering');

const asked = {
  person: z
    .string()
    .min(1)
    .max(320)
    .openapi({ description: 'By id, or by an account of theirs. Who it is, their proof says.' }),
  decision: z.enum(['approved', 'denied']),
  reason: z.string().trim().min(1).max(TEXT_CHARACTERS_MAX).exactOptional(),
  action_digest: digest,
  rendered_digest: digest.openapi({ description: 'Of what the ticket system showed them.' }),
};
export const relayAsk = z.strictObject({ ...asked, proof: z.enum(['oidc', 'passkey']) }).openapi('RelayAsk');
export const relayAsked = z
  .discriminatedUnion('proof', [
    z.object({
      proof: z.literal('oidc'),
      nonce: text.openapi({ description: 'For the authorization request, with max_age=0 and prompt=login.' }),
      client_id: text,
      issuer: text,
      expires_at: time,
    }),
    z.object({ proof: z.literal('passkey'), challenge: reviewChallenge, expires_at: time }),
  ])
  .openapi('RelayAsked');

/** Signed tokens of real providers are a tenth of it; what is longer is none. */
const ID_TOKEN_CHARACTERS_MAX = 16_384;

export const relayAnswer = z
  .strictObject({
    ...asked,
    proof: z
      .union([
        z.strictObject({ id_token: z.string().min(1).max(ID_TOKEN_CHARACTERS_MAX) }),
        z.strictObject({ signature: reviewSignature }),
      ])
      .openapi({ description: 'The person’s own, made for exactly this answer.' }),
  })
  .openapi('RelayAnswer');
export const relayTaken = z
  .object({ status: z.enum(REQUEST_STATUSES), quorum, event_id: text })
  .openapi('RelayTaken');

export const relatedOrigins = z
  .object({ origins: z.array(text).readonly() })
  .openapi('RelatedOrigins', { description: 'WebAuthn Level 3, related origins.' });
