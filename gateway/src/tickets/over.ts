/**
 * A ticket system that is over one of its limits by the hour: told so each time, counted each time, and on the record once an
 * hour, so that a stolen key neither stops all agents nor fills the log (A19, A21).
 */
import type { Deps } from '../deps.ts';
import type { Event } from '../events.ts';
import { ticketActId } from '../ids.ts';
import { type ActKind, type Bound, HOUR_MS, insertAct, waitOf, withinHour } from './acts.ts';
import { overFact } from './facts.ts';
import type { TicketOutcome } from './outcome.ts';

export async function tooMany(
  deps: Deps,
  bound: Bound,
  tried: 'comment' | 'deny' | 'relay',
): Promise<Extract<TicketOutcome<never>, { kind: 'refused' }>> {
  const { system, most } = bound;
  const at = deps.now();
  deps.events.ticketingOver({ system, act: tried });
  const event = deps.events.ticketing(overFact(system, tried, { at, most }), undefined);
  const outcome = await deps.store.commit({
    name: 'ticketing-over',
    steps: [
      {
        name: 'first-within-hour',
        sql: "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ticket_acts WHERE system = $1 AND kind = 'over' AND at > $2)",
        params: [system, at - HOUR_MS],
        rows: 1,
      },
      insertAct({ id: ticketActId(at), system, kind: 'over', event_id: event.entry.event_id, at }),
    ],
    entries: [event.entry],
  });
  if (outcome.ok) {
    event.committed();
    deps.log.warn(
      { system, act: tried, per_hour: most },
      'a ticket system is over its limit; if this is not meant, take its key out of the configuration',
    );
  }
  const retry_after_s = await waitOf(deps.store, bound, at);
  const message = `This ticket system may do this ${most} times within an hour; try again in ${retry_after_s} s.`;
  return { kind: 'refused', why: 'too_many', message, retry_after_s };
}

type InVain = {
  /** The command’s. */
  readonly name: string;
  readonly bound: Bound;
  readonly kind: ActKind;
  readonly tried: 'deny' | 'relay';
  readonly request_id: string;
  readonly event: Event;
  readonly at: number;
};

/** What changed nothing is on record, as often as it may be tried at all and no oftener: else it would fill the log. */
export async function recordInVain(
  deps: Deps,
  { name, bound, kind, tried, request_id, event, at }: InVain,
): Promise<Awaited<ReturnType<typeof tooMany>> | undefined> {
  const { event_id } = event.entry;
  const act = { id: ticketActId(at), system: bound.system, kind, request_id, event_id, at };
  const outcome = await deps.store.commit({
    name,
    steps: [withinHour(bound, at), insertAct(act)],
    entries: [event.entry],
  });
  if (!outcome.ok) return tooMany(deps, bound, tried);
  event.committed();
  return undefined;
}
