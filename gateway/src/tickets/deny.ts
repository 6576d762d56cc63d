/**
 * A refusal by a ticket system: it can only stop. It ends the request as `denied`, by the system and by nobody else: no person
 * reviewed, so it is no review, fills no seat and counts in no quorum (I4). Whoever comes late changes nothing, is told so, and
 * is on the record (I5). How many there may be within an hour is bounded, so that a stolen key stops little (A19).
 */
import { epochGuard } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { ticketSystemName } from '../identity/ticketing.ts';
import { payloadId, ticketActId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { loadRequest } from '../requests/load.ts';
import { prepareEnding } from '../requests/resolve.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { insertAct, withinHour } from './acts.ts';
import { type Saying, worded } from './comment.ts';
import { ticketFact } from './facts.ts';
import { CHANGED, isInForce } from './in-force.ts';
import { type Denied, type TicketOutcome, UNKNOWN } from './outcome.ts';
import { recordInVain, tooMany } from './over.ts';
import { type Said, saidPayload } from './said.ts';
import { visibleTo } from './sees.ts';

const ATTEMPTS_MAX = 5;

export async function deny(deps: Deps, saying: Saying): Promise<TicketOutcome<Denied>> {
  const words = worded(saying.system, saying.said);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const stored = await visibleTo(deps, saying.system, saying.request_id);
    if (stored === undefined) return UNKNOWN;
    if (!saying.system.may('deny'))
      return {
        kind: 'refused',
        why: 'not_allowed',
        message: `ticketing.${saying.system.id}.may does not say deny`,
      };
    if ('refused' in words) return words.refused;
    const { request, resolution } = stored;
    if (request.status === 'denied' && resolution?.by === ticketSystemName(saying.system.id))
      return { kind: 'done', result: { status: 'denied', event_id: resolution.event, already: true } };
    if (request.status !== 'pending' || deps.now() >= request.expires_at) return late(deps, saying, stored);
    const ended = await end(deps, saying, { stored, said: words.said });
    if (ended !== 'again') return ended;
    await deps.authority.catchUp();
  }
  return { kind: 'refused', why: 'wrong_state', message: 'The request kept changing meanwhile. Look again.' };
}

/** Counted apart: whoever is often late, as busy systems are, can refuse all the same. */
const boundOf = ({ system }: Saying, kind: 'denial' | 'late') =>
  ({ system: system.id, kinds: [kind], most: system.config.limits.denials_per_hour }) as const;

type Ending = { readonly stored: StoredRequest; readonly said: Said };

async function end(
  deps: Deps,
  saying: Saying,
  { stored, said }: Ending,
): Promise<TicketOutcome<Denied> | 'again'> {
  const { system } = saying;
  const { id: request_id } = stored.request;
  const authority = deps.authority.current();
  const bound = boundOf(saying, 'denial');
  // Whoever was let in by what is no longer in force does nothing by it (I8).
  if (!isInForce(deps, system)) return CHANGED;
  const at = deps.now();
  const [parts, reason] = [saidPayload(said, at), reasonOf(said, at)];
  const ending = prepareEnding(deps, stored, {
    status: 'denied',
    now: at,
    by: ticketSystemName(system.id),
    reason_payload_id: reason.id,
    reason: sealed(reason),
  });
  const { event_id } = ending.event.entry;
  const outcome = await deps.store.commit({
    name: 'ticket-deny',
    steps: [
      epochGuard(authority.epoch),
      withinHour(bound, at),
      ending.step,
      storePayloadOf(request_id, parts, at),
      storePayloadOf(request_id, reason, at),
      insertAct({
        id: ticketActId(at),
        system: system.id,
        kind: 'denial',
        request_id,
        payload_id: parts.id,
        event_id,
        at,
      }),
    ],
    entries: [ending.event.entry],
  });
  if (!outcome.ok) return outcome.guard === 'within-hour' ? tooMany(deps, bound, 'deny') : 'again';
  ending.event.committed();
  deps.events.ticketingDone({ system: system.id, act: 'deny', outcome: 'taken' });
  deps.bus.publish({ request_id, status: 'denied', at });
  return { kind: 'done', result: { status: 'denied', event_id, already: false } };
}

/** What the agent is told, and what is read where a reason is: its words alone, whose they are is said beside them. */
const reasonOf = ({ text }: Said, now: number): Payload => ({
  id: payloadId(now),
  kind: 'reason',
  salt: newSalt(),
  body: text,
});

/** Too late: nothing changes, they are told, and it is recorded; as often as they may refuse, and no oftener. */
async function late(deps: Deps, saying: Saying, { about }: StoredRequest): Promise<TicketOutcome<Denied>> {
  const { system, request_id } = saying;
  const at = deps.now();
  const bound = boundOf(saying, 'late');
  const status = (await loadRequest(deps.store, request_id))?.request.status ?? 'expired';
  const event = deps.events.ticketing(
    ticketFact(about, request_id, { change: 'ticket refusal too late', system: system.id, at, status }),
    { system: system.id, act: 'deny', outcome: 'late' },
  );
  const vain = { bound, kind: 'late', tried: 'deny', request_id, event, at } as const;
  const refused = await recordInVain(deps, { name: 'ticket-late', ...vain });
  if (refused !== undefined) return refused;
  const over = status === 'pending' ? 'has expired' : `is already ${status}`;
  return {
    kind: 'refused',
    why: 'already_resolved',
    message: `This request ${over}. The refusal changed nothing.`,
    status: status === 'pending' ? 'expired' : status,
  };
}
