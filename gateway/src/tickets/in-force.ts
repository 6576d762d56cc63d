/**
 * Under what a ticket system does something: what is in force by the store when it is committed. Where another gateway changed
 * that, it is looked up first, and whoever was let in by what was there before does nothing and is shown nothing (I8).
 */
import { epochGuard } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { TicketSystem } from '../identity/ticketing.ts';
import type { Step } from '../store/store.ts';
import type { TicketOutcome } from './outcome.ts';

const ATTEMPTS_MAX = 5;

export const CHANGED = {
  kind: 'refused',
  why: 'wrong_state',
  message: 'The configuration changed just now. Try again.',
} as const;

export const isInForce = ({ authority }: Pick<Deps, 'authority'>, system: TicketSystem): boolean =>
  authority.current().ticketing.get(system.id) === system;

/** `once`: commits with this guard whatever it does; `again` when the guard did not hold. */
export async function whileInForce<T>(
  deps: Pick<Deps, 'authority'>,
  system: TicketSystem,
  once: (guard: Step) => Promise<TicketOutcome<T> | 'again'>,
): Promise<TicketOutcome<T>> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (!isInForce(deps, system)) return CHANGED;
    const outcome = await once(epochGuard(deps.authority.current().epoch));
    if (outcome !== 'again') return outcome;
    await deps.authority.catchUp();
  }
  return {
    kind: 'refused',
    why: 'wrong_state',
    message: 'What is in force kept changing meanwhile. Try again.',
  };
}
