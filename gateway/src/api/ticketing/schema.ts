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
import { text, time } from '../schema/values.ts';

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
