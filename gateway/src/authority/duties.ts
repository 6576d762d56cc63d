/**
 * What people did about who reviews what, as the store holds it and as the snapshot carries it: delegations, and who
 * last changed what decides. A change somebody makes is known with the change itself, in its transaction (I8, I10).
 */
import type { Delegation, Duties, RuleChange } from '@countersign/core';
import type { AuthorityChange } from '../audit/facts/changed.ts';
import type { Step, Store } from '../store/store.ts';

export async function loadDuties(store: Store, now: number): Promise<Duties> {
  const [given, changed] = await Promise.all([
    store.read({
      sql: 'SELECT id, from_person, to_person, starts_at, ends_at FROM delegations WHERE revoked_at IS NULL AND ends_at > $1',
      params: [now],
      rows_max: 100_000,
    }),
    store.read({
      sql: 'SELECT person, upstream, resource, changed_at FROM rule_changes',
      params: [],
      rows_max: 1_000_000,
    }),
  ]);
  const delegations = given.map(
    (row): Delegation => ({
      id: String(row['id']),
      from: String(row['from_person']),
      to: String(row['to_person']),
      starts_at: Number(row['starts_at']),
      until: Number(row['ends_at']),
    }),
  );
  const changes = new Map<string, readonly RuleChange[]>();
  for (const row of changed) {
    const tool = { upstream: String(row['upstream']), resource: String(row['resource']) };
    add(changes, String(row['person']), {
      at: Number(row['changed_at']),
      ...(tool.resource === '' ? {} : { tool }),
    });
  }
  return { delegations, changes };
}

/** The newest change of each scope is all that matters: who made it reviews nothing that was open by then. */
function add(changes: Map<string, readonly RuleChange[]>, person: string, made: RuleChange): void {
  const others = (changes.get(person) ?? []).filter(({ tool }) => scopeOf(tool) !== scopeOf(made.tool));
  changes.set(person, [...others, made]);
}

const scopeOf = (tool: RuleChange['tool']): string =>
  tool === undefined ? '' : `${tool.upstream}\n${tool.resource}`;

export type Authored = {
  readonly duties: Duties;
  /** To be committed with the change itself. */
  readonly steps: readonly Step[];
};

/** The kinds of change by which an action may come to be permitted, or somebody to review it. */
const DECIDES: readonly AuthorityChange['kind'][] = ['policy-change', 'config-change', 'tool-change'];

export type Made = Pick<AuthorityChange, 'kind' | 'by' | 'upstream' | 'resource'>;

/** The duties once these changes are made. A change without an author, such as of a file, bars nobody. */
export function authored(duties: Duties, records: readonly Made[], now: number): Authored {
  const steps: Step[] = [];
  const changes = new Map(duties.changes);
  for (const { kind, by, upstream, resource } of records) {
    if (by === undefined || !DECIDES.includes(kind)) continue;
    const tool = upstream === undefined || resource === undefined ? undefined : { upstream, resource };
    add(changes, by, { at: now, ...(tool === undefined ? {} : { tool }) });
    steps.push({
      name: 'changed-by',
      sql: `INSERT INTO rule_changes (person, upstream, resource, changed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (person, upstream, resource) DO UPDATE SET changed_at = excluded.changed_at`,
      params: [by, tool?.upstream ?? '', tool?.resource ?? '', now],
      rows: 1,
    });
  }
  return steps.length === 0 ? { duties, steps } : { duties: { ...duties, changes }, steps };
}
