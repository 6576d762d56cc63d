/**
 * Takes the clear text of one request away for good: the action, what rules read of it, the agent's claim, people's
 * reasons, the answers of its runs. Who may is in `who.ts`, when in `needed.ts`, what goes in `holders.ts`. All of it is one
 * transaction with the entry that says so; who decided what about which digest stays, and so does the tree (I10).
 */
import { epochGuard } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { payloadId } from '../ids.ts';
import { newSalt, type Payload, storePayloadOf } from '../payloads.ts';
import { loadRequest } from '../requests/load.ts';
import type { EraseOutcome, Requests } from '../requests/requests.ts';
import type { Erased, StoredRequest } from '../requests/views/row.ts';
import { erasureEvent, payloadsOf } from './entry.ts';
import { forget } from './holders.ts';
import { NEEDED, notNeeded } from './needed.ts';
import { isOperator, mayErase, type Part } from './who.ts';

const ATTEMPTS_MAX = 5;

type Asked = { readonly by: string; readonly reason: string };
/** `part`: what whoever erases had to do with it; it is on the record. */
type Allowed = Asked & { readonly epoch: number; readonly part: Part | undefined };
type Refused = Extract<EraseOutcome, { kind: 'refused' }>;

export const createErase =
  (deps: Deps): Requests['erase'] =>
  async (request_id, by, reason) => {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const outcome = await once(deps, request_id, { by, reason });
      if (outcome !== 'again') return outcome;
      await deps.authority.catchUp();
    }
    return no('wrong_state', 'The request kept changing meanwhile; look again, then erase it.');
  };

const no = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

async function once(deps: Deps, request_id: string, asked: Asked): Promise<EraseOutcome | 'again'> {
  const { directory, epoch } = deps.authority.current();
  const person = directory.person(asked.by);
  if (!isOperator(person)) return no('not_allowed', 'Only an operator erases the clear text of a request.');
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return no('unknown', 'There is no such request.');
  if (stored.erased !== undefined) return { kind: 'erased', already: true, ...stored.erased };
  const allowed = await mayErase(deps, stored, { person, directory });
  if (!allowed.may) return no('not_allowed', allowed.message);
  return commitErasure(deps, stored, { ...asked, epoch, part: allowed.part });
}

async function commitErasure(
  deps: Deps,
  stored: StoredRequest,
  { by, reason, epoch, part }: Allowed,
): Promise<EraseOutcome | 'again'> {
  const { id, status } = stored.request;
  const now = deps.now();
  const counts = await payloadsOf(deps, id);
  const why: Payload = { id: payloadId(now), kind: 'erasure', salt: newSalt(), body: reason };
  const event = erasureEvent(deps, stored, { by, at: now, counts, why, part });
  const erased: Erased = { at: now, by, event_id: event.entry.event_id };
  const payloads = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const outcome = await deps.store.commit({
    name: 'erase',
    erases: true,
    steps: [
      epochGuard(epoch),
      ...notNeeded(id, now),
      ...forget({ stored, erased, payloads }),
      // After the others are gone: this one stays, or nobody could ever say why they are.
      storePayloadOf(id, why, now),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) {
    const needed = NEEDED[outcome.guard];
    return needed === undefined ? 'again' : no('wrong_state', needed);
  }
  event.committed();
  deps.bus.publish({ request_id: id, status, at: now });
  return { kind: 'erased', already: false, ...erased };
}
