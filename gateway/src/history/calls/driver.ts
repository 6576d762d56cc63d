/**
 * What a page of calls is gone through by. How a call went, on what it was permitted and who answered change after the fact,
 * so they stand in columns and not among the words; where words and columns are both asked for, what few calls have leads,
 * and each of those is asked for the rest. Where many have either and hardly any both, it takes as long as looking through
 * them does; but a stretch at a time, so that nobody else who reads waits for it (I15).
 */
import type { CallFilter } from '@countersign/sdk';
import type { Store, Value } from '../../store/store.ts';

/** `calls`: all of them. `words`: those a search finds. */
export type Driver = 'calls' | 'words' | Changing;
type Changing = 'outcome' | 'permitted_by' | 'reviewer';

/** So many are asked one by one, for as many words as there may be, before others who read have waited for long. */
const FEW = 200;

const INDEXED: { readonly [K in Changing]: string } = {
  outcome: 'calls WHERE outcome',
  permitted_by: 'calls WHERE permitted_by',
  reviewer: 'call_reviewers WHERE reviewer',
};
const CHANGING = Object.keys(INDEXED) as readonly Changing[];

export async function driverOf(store: Store, filter: CallFilter, searched: boolean): Promise<Driver> {
  const asked = CHANGING.filter((kind) => filter[kind] !== undefined);
  const [only] = asked;
  if (only === undefined) return searched ? 'words' : 'calls';
  if (!searched && asked.length === 1) return only;
  for (const kind of asked) {
    const [row] = await store.read({
      sql: `SELECT COUNT(*) AS n FROM (SELECT 1 FROM ${INDEXED[kind]} = $1 LIMIT ${FEW + 1}) AS few`,
      params: [filter[kind] ?? null],
    });
    if (Number(row?.['n']) <= FEW) return kind;
  }
  return searched ? 'words' : only;
}

/** Places of the log gone through at a time where what leads may have hardly any of the rest: some milliseconds. */
export const STRETCH = 16_384;

export const mayFindLittle = (driver: Driver, { outcome, permitted_by, reviewer }: CallFilter): boolean =>
  driver === 'words' && (outcome ?? permitted_by ?? reviewer) !== undefined;

/** In the order they are gone through: nothing else may choose another. */
export function sourceOf(driver: Driver, table: string | undefined): string {
  const calls = driver === 'reviewer' ? 'call_reviewers r CROSS JOIN calls c' : 'calls c';
  if (table === undefined) return calls;
  return driver === 'words' ? `${table} CROSS JOIN calls c` : `${calls} CROSS JOIN ${table}`;
}

/** Conditions on what changes. */
export function changingBy(
  { outcome, permitted_by, reviewer }: CallFilter,
  driver: Driver,
  put: (value: Value) => string,
): readonly string[] {
  return [
    ...(outcome === undefined ? [] : [`c.outcome = ${put(outcome)}`]),
    ...(permitted_by === undefined ? [] : [`c.permitted_by = ${put(permitted_by)}`]),
    ...(reviewer === undefined ? [] : reviewedBy(put(reviewer), driver)),
  ];
}

const reviewedBy = (reviewer: string, driver: Driver): readonly string[] =>
  driver === 'reviewer'
    ? ['c.seq = r.seq', `r.reviewer = ${reviewer}`]
    : [`EXISTS (SELECT 1 FROM call_reviewers r WHERE r.reviewer = ${reviewer} AND r.seq = c.seq)`];
