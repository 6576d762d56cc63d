/** What the log says of ticket systems. Pure, as all facts are; what they worded is a commitment (I7). */
import type { JsonObject } from '@countersign/core';
import type { AuditFact } from '../audit/audit.ts';
import { type About, base, termsOf, what } from '../audit/facts/about.ts';
import type { Deps } from '../deps.ts';
import type { Event } from '../events.ts';

export type TicketFact = {
  readonly system: string;
  readonly at: number;
} & (
  | { readonly change: 'ticket comment'; readonly id: string; readonly said: JsonObject }
  /** It changed nothing: it came late, or its proof did not hold. */
  | { readonly change: 'ticket refusal too late'; readonly status: string }
  | { readonly change: 'relayed answer refused'; readonly why: string; readonly claimed?: string }
);

/** Of one request: its entries are found by it, and by nobody's name. */
export function ticketFact(about: About, request_id: string, fact: TicketFact): AuditFact {
  const { system, at, ...said } = fact;
  return {
    ...base(about),
    kind: 'system',
    occurred_at: at,
    task_id: request_id,
    predicate: { ...said, ticketing: system, request_id, what: what(about) },
    terms: { ...termsOf(about), request_id },
  };
}

/** More than it may within an hour: of no request, and one entry for many of them. */
export const overFact = (
  system: string,
  tried: string,
  { at, most }: { at: number; most: number },
): AuditFact => ({
  kind: 'system',
  occurred_at: at,
  task_id: `ticketing:${system}`,
  predicate: { change: 'ticketing over its limit', ticketing: system, tried, per_hour: most },
  terms: {},
});

type RefusedRelay = {
  readonly system: string;
  readonly request_id: string;
  readonly why: string;
  /** Who the system said it was, by their id here: nobody has proven that. What it wrote besides is not repeated (I7). */
  readonly claimed?: string;
};

export const refusedRelay = (
  { events, now }: Pick<Deps, 'events' | 'now'>,
  about: About,
  { request_id, ...refused }: RefusedRelay,
): Event =>
  events.ticketing(
    ticketFact(about, request_id, { change: 'relayed answer refused', at: now(), ...refused }),
    { system: refused.system, act: 'relay', outcome: 'refused' },
  );
