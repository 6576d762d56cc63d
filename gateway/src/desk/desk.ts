/**
 * The policy desk: what people who write the policy ask of it — which rules decide, what a draft says and would do —
 * answered from what is in force and what is on record. It changes nothing, and nothing it answers is a decision.
 */
import type { PolicyDesk } from '../api/ports.ts';
import type { Deps } from '../deps.ts';
import type { InForce } from '../in-force/policy.ts';
import { coverageSince, keepCounting } from './coverage.ts';

/** `start`: what it does between being asked; returns the way to stop. */
export type Desk = PolicyDesk & { start(): () => Promise<void> };

export type DeskParts = {
  readonly deps: Pick<Deps, 'store' | 'now' | 'log'>;
  readonly policy: InForce;
};

export function openDesk({ deps, policy }: DeskParts): Desk {
  const { store, now, log } = deps;
  return {
    coverage: (since) => coverageSince({ store, now, policy: () => policy.source.current() }, since),
    start: () =>
      keepCounting(store, (error) =>
        log.warn({ error: String(error) }, 'how often rules decide could not be counted; it is tried again'),
      ),
  };
}
