/** A comment of a ticket system: a claim beside a request, on the record. It changes no state and answers nothing (A18). */
import type { Deps } from '../deps.ts';
import type { TicketSystem } from '../identity/ticketing.ts';
import { ticketActId } from '../ids.ts';
import { sealed, storePayloadOf } from '../payloads.ts';
import type { Step } from '../store/store.ts';
import { insertAct, roomForComment, withinHour } from './acts.ts';
import { ticketFact } from './facts.ts';
import { whileInForce } from './in-force.ts';
import { type Commented, type TicketOutcome, UNKNOWN } from './outcome.ts';
import { tooMany } from './over.ts';
import { cleanSaid, linkProblem, type Said, saidPayload } from './said.ts';
import { visibleTo } from './sees.ts';

/** More than anybody reads; a ticket system that copies a whole discussion is told to stop. */
const PER_REQUEST_MAX = 100;

export type Saying = { readonly system: TicketSystem; readonly request_id: string; readonly said: Said };

/** What it worded, as it is kept; or why it is not taken. */
export function worded(
  system: TicketSystem,
  said: Said,
): { readonly said: Said } | { readonly refused: Extract<TicketOutcome<never>, { kind: 'refused' }> } {
  const refused = (message: string) => ({
    refused: { kind: 'refused', why: 'bad_ticket', message } as const,
  });
  const clean = cleanSaid(said);
  if (clean === undefined) return refused('author, text: must have something in them that can be read');
  const problem = linkProblem(system, clean);
  return problem === undefined ? { said: clean } : refused(problem);
}

export const comment = (deps: Deps, saying: Saying): Promise<TicketOutcome<Commented>> =>
  whileInForce(deps, saying.system, (guard) => commentOnce(deps, saying, guard));

async function commentOnce(
  deps: Deps,
  saying: Saying,
  guard: Step,
): Promise<TicketOutcome<Commented> | 'again'> {
  const { system, request_id } = saying;
  const stored = await visibleTo(deps, system, request_id);
  if (stored === undefined) return UNKNOWN;
  if (!system.may('comment'))
    return {
      kind: 'refused',
      why: 'not_allowed',
      message: `ticketing.${system.id}.may does not say comment`,
    };
  if (stored.erased !== undefined)
    return { kind: 'refused', why: 'wrong_state', message: 'The clear text of this request was erased.' };
  const words = worded(system, saying.said);
  if ('refused' in words) return words.refused;
  const at = deps.now();
  const id = ticketActId(at);
  const payload = saidPayload(words.said, at);
  const event = deps.events.ticketing(
    ticketFact(stored.about, request_id, {
      change: 'ticket comment',
      id,
      system: system.id,
      at,
      said: sealed(payload),
    }),
    { system: system.id, act: 'comment', outcome: 'taken' },
  );
  const { event_id } = event.entry;
  const bound = {
    system: system.id,
    kinds: ['comment'],
    most: system.config.limits.comments_per_hour,
  } as const;
  const outcome = await deps.store.commit({
    name: 'ticket-comment',
    steps: [
      guard,
      {
        name: 'kept',
        sql: 'SELECT 1 FROM requests WHERE id = $1 AND erased_at IS NULL',
        params: [request_id],
        rows: 1,
      },
      withinHour(bound, at),
      roomForComment(request_id, PER_REQUEST_MAX),
      storePayloadOf(request_id, payload, at),
      insertAct({ id, system: system.id, kind: 'comment', request_id, payload_id: payload.id, event_id, at }),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) {
    if (outcome.guard === guard.name) return 'again';
    if (outcome.guard === 'within-hour') return tooMany(deps, bound, 'comment');
    const message =
      outcome.guard === 'room'
        ? `This request has ${PER_REQUEST_MAX} comments already; keep the rest in the ticket.`
        : 'The clear text of this request was erased.';
    return { kind: 'refused', why: 'wrong_state', message };
  }
  event.committed();
  deps.bus.publish({ request_id, status: stored.request.status, at });
  return { kind: 'done', result: { id, at, event_id } };
}
