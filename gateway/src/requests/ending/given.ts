/**
 * Ends what a request yielded, an approval or a grant: the compare-and-swap every such ending shares. It leaves `active`
 * once (I5), together with the entry that says so (I10).
 */
import type { RequestStatus } from '@countersign/core';
import type { ResolvedEvent } from '../../audit/facts/answered.ts';
import type { Deps } from '../../deps.ts';
import type { Step } from '../../store/store.ts';
import type { StoredRequest } from '../views/row.ts';

export type GivenEnding = Pick<ResolvedEvent, 'by' | 'grant' | 'reason'> & {
  readonly status: Exclude<ResolvedEvent['status'], RequestStatus>;
  readonly now: number;
  /** Of the command. */
  readonly name: string;
  /** The one that takes it out of `active`, and what belongs to the same transaction. */
  readonly steps: readonly Step[];
};

/** Tells those who wait. False: it had ended already. */
export async function endGiven(
  deps: Deps,
  stored: StoredRequest,
  { name, now, steps, ...said }: GivenEnding,
): Promise<boolean> {
  const { id, opened_at, status } = stored.request;
  const event = deps.events.resolved(stored.about, { ...said, at: now, request_id: id, opened_at });
  const outcome = await deps.store.commit({ name, steps, entries: [event.entry] });
  if (!outcome.ok) return false;
  event.committed();
  deps.bus.publish({ request_id: id, status, at: now });
  return true;
}
