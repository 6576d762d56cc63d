/**
 * Rules that offer to have their glass broken, and name nobody who could: without a confirmed passkey it is no way out of
 * anything. Found while there is no emergency, and told.
 */
import { type AskedBy, type By, isSeatedBy } from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import type { Log } from '../events.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Rule } from '../policy/rules/rule.ts';

/** Whoever is of the agent's team is known when an agent asks. */
const isNamed = (by: AskedBy): by is By => by !== 'own_team' && by !== 'other_team';

/** Ids of rules nobody could break now, whoever asks. */
export function unready(
  rules: readonly Rule[],
  { directory, passkeys }: Pick<Snapshot, 'directory' | 'passkeys'>,
): readonly string[] {
  const holders = new Set([...passkeys.values()].map(({ person }) => person));
  const able = [...directory.people()].filter(
    ({ id, active, roles }) => active && roles.includes('reviewer') && holders.has(id),
  );
  return rules.flatMap(({ id, requirement, dry_run }) => {
    const terms = requirement?.break_glass;
    if (terms === undefined || dry_run) return [];
    const named = terms.by.filter(isNamed);
    return able.some((person) => named.every((by) => isSeatedBy(person, by))) ? [] : [id];
  });
}

type Watched = {
  readonly rules: () => readonly Rule[];
  readonly snapshot: () => Snapshot;
  readonly metrics: Metrics;
  readonly log: Log;
};

/** Said at the start, and counted whenever somebody looks: people enrol, and policies change. */
export function tellUnready({ rules, snapshot, metrics, log }: Watched): void {
  const found = unready(rules(), snapshot());
  if (found.length > 0)
    log.warn(
      { rules: found },
      'the glass of these rules cannot be broken: nobody they name has a confirmed passkey',
    );
  metrics.observed(
    {
      name: 'countersign_break_glass_rules_unready',
      help: 'Rules that offer to have their glass broken, and name nobody with a confirmed passkey.',
    },
    () => unready(rules(), snapshot()).length,
  );
}
