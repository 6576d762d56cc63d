/** Every rule in force beside how often it decided: those that never did are dead, outranked, or new. */
import type { PolicyCoverage, RuleCoverage } from '@countersign/sdk';
import {
  countedUntil,
  countRuleHits,
  HOUR_MS,
  type RuleHits,
  readRuleHits,
  readRulesSeen,
  type Seen,
} from '../audit/read/rule-hits.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { startRepeating } from '../repeat.ts';
import type { Store } from '../store/store.ts';

/** Of the log, in one look; the rest is counted by the next. */
const LOOK_CHUNKS_MAX = 200;
const BETWEEN_CHUNKS_MAX = 40;
const BETWEEN_MS = 60_000;

export type CoverageDeps = {
  readonly store: Store;
  readonly policy: () => LoadedPolicy;
  readonly now: () => number;
};

export async function coverageSince(
  { store, policy, now }: CoverageDeps,
  since: number,
): Promise<PolicyCoverage> {
  const hour = Math.floor(since / HOUR_MS);
  const counted = await countRuleHits(store, LOOK_CHUNKS_MAX);
  const [hits, seen, until] = await Promise.all([
    readRuleHits(store, hour),
    readRulesSeen(store),
    countedUntil(store, counted.size),
  ]);
  const { ref, rules } = policy();
  const byRule = new Map(hits.map((hit) => [hit.rule, hit]));
  const inForce = new Set(rules.map(({ id }) => id));
  return {
    since: hour * HOUR_MS,
    until: counted.complete ? now() : (until ?? hour * HOUR_MS),
    policy: { digest: ref.digest, version: ref.version },
    rules: rules.map(({ id, file, line, then, dry_run }) => ({
      rule: id,
      file,
      line,
      then,
      dry_run,
      ...countsOf(byRule.get(id), seen.get(id)),
    })),
    others: hits
      .filter(({ rule }) => !inForce.has(rule))
      .map((hit) => ({ rule: hit.rule, ...countsOf(hit, seen.get(hit.rule)) }))
      .toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
    complete: counted.complete,
  };
}

type Counts = Pick<RuleCoverage, 'allowed' | 'asked' | 'reviewed' | 'refused' | 'last_hit'>;

const countsOf = (hit: RuleHits | undefined, seen: Seen | undefined): Counts => ({
  allowed: hit?.allowed ?? 0,
  asked: hit?.asked ?? 0,
  reviewed: hit?.reviewed ?? 0,
  refused: hit?.refused ?? 0,
  ...(seen === undefined ? {} : { last_hit: seen.last_at }),
});

/** Counts now and then, so that whoever looks finds little left to count. Returns the way to stop. */
export const keepCounting = (
  store: Store,
  failed: (error: unknown) => void,
  every_ms = BETWEEN_MS,
): (() => Promise<void>) =>
  startRepeating({ every_ms, run: () => countRuleHits(store, BETWEEN_CHUNKS_MAX), failed });
