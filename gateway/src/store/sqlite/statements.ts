import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { StoreRefused, type Value } from '../store.ts';

/** Prepared statements kept a connection; the program has a few dozen texts, so the bound is only against a mistake (I15). */
const STATEMENTS_MAX = 512;

const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)|;/g;

/**
 * `$n` → `?n`, outside quotes; how many parameters that makes; and the words SQLite needs to keep a row in its key, or
 * under its row id, instead of in a second index. One statement a text: SQLite would silently drop what follows a semicolon.
 * @throws StoreRefused for more than one statement
 */
export function toSqlite(sql: string): { readonly text: string; readonly parameters: number } {
  let parameters = 0;
  const text = sql.replaceAll(TOKENS, (token, n: string | undefined) => {
    if (token === ';') throw new StoreRefused(`one statement a step, without a semicolon: ${sql}`);
    if (n === undefined) return token;
    parameters = Math.max(parameters, Number(n));
    return `?${n}`;
  });
  const keyed = text
    .replaceAll(/\bBIGINT PRIMARY KEY\b/g, 'INTEGER PRIMARY KEY')
    .replace(/^CREATE TABLE entry_.*\)$/s, '$& WITHOUT ROWID');
  return { text: keyed, parameters };
}

export type Prepared = {
  readonly statement: StatementSync;
  /** Returns rows (SELECT, RETURNING) rather than a count of changes. */
  readonly returns: boolean;
  readonly parameters: number;
};

export type Statements = (sql: string) => Prepared;

export function statementCache(db: DatabaseSync): Statements {
  const cache = new Map<string, Prepared>();
  return (sql) => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const { text, parameters } = toSqlite(sql);
    const statement = db.prepare(text);
    const prepared = { statement, returns: statement.columns().length > 0, parameters };
    if (cache.size >= STATEMENTS_MAX) cache.delete(cache.keys().next().value ?? sql);
    cache.set(sql, prepared);
    return prepared;
  };
}

/**
 * Whole numbers are bound as integers: bound as doubles they would divide and print differently from the other adapter.
 * @throws StoreRefused when the count is wrong, which SQLite would fill with NULL
 */
export function bind({ parameters }: Prepared, params: readonly Value[]): SQLInputValue[] {
  if (params.length !== parameters) {
    throw new StoreRefused(`the statement has ${parameters} parameters and was given ${params.length}`);
  }
  return params.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
  );
}
