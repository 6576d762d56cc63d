/**
 * How many operators it takes to change what decides (I13): one, while there has only ever been one; two from the moment
 * two were active, until two agree to end that. The mark is in the store, so that nobody shrinks the number by leaving,
 * by making somebody leave, or by a restart (A13, A18). It is only ever set here, in the transaction that shows it.
 */
import type { Directory, JsonObject } from '@countersign/core';
import type { Step, Store } from '../store/store.ts';

export type OperatorsRule =
  | { readonly kind: 'two'; readonly since: number }
  /** Two agreed that one is enough. It stays so until an operator asks for two again. */
  | { readonly kind: 'ended'; readonly since: number };

const NAME = 'operators_rule';

/** @throws TypeError for a mark that does not read back: a gateway that cannot tell does not start */
export async function loadOperatorsRule(store: Pick<Store, 'read'>): Promise<OperatorsRule | undefined> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [NAME] });
  if (row === undefined) return undefined;
  const { kind, since } = JSON.parse(String(row['value'])) as Partial<OperatorsRule>;
  if ((kind !== 'two' && kind !== 'ended') || typeof since !== 'number')
    throw new TypeError(`meta.${NAME}: does not say how many operators a change takes; restore the store`);
  return { kind, since };
}

export const keepOperatorsRule = (rule: OperatorsRule): Step => ({
  name: 'operators-rule',
  sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  params: [NAME, JSON.stringify(rule)],
  rows: 1,
});

export const activeOperators = (directory: Directory): readonly string[] =>
  [...directory.people()]
    .filter(({ active, roles }) => active && roles.includes('operator'))
    .map(({ id }) => id)
    .sort();

export type Marked = { readonly rule: OperatorsRule; readonly step: Step; readonly predicate: JsonObject };

/** What is to be committed beside a change after which, for the first time, two operators are active. */
export function markedBy(
  held: OperatorsRule | undefined,
  directory: Directory,
  now: number,
): Marked | undefined {
  if (held !== undefined) return undefined;
  const operators = activeOperators(directory);
  if (operators.length < 2) return undefined;
  const rule: OperatorsRule = { kind: 'two', since: now };
  return {
    rule,
    step: keepOperatorsRule(rule),
    predicate: { change: 'two operators are needed from now on', operators },
  };
}

/** What every view says of a change no second person had to see. */
export const UNSEEN = {
  one: 'one operator: no second person saw this',
  ended: 'two operators agreed that one is enough: no second person saw this',
} as const;

export const unseenWords = (rule: OperatorsRule | undefined): string =>
  rule === undefined ? UNSEEN.one : UNSEEN.ended;
