import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { readWanted } from '../search.ts';
import { StoreRefused, type Value } from '../store.ts';

/** Prepared statements kept a connection; the program has a few dozen texts, so the bound is only against a mistake (I15). */
const STATEMENTS_MAX = 512;

const TOKENS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)|;/g;

export type Translated = {
  readonly text: string;
  readonly parameters: number;
  /** Numbers of the parameters that say what a search wants. */
  readonly searches: readonly number[];
};

/**
 * `$n` → `?n`, outside quotes; how many parameters that makes; and the words SQLite needs to keep a row in its key, or
 * under its row id, instead of in a second index. One statement a text: SQLite would silently drop what follows a semicolon.
 * @throws StoreRefused for more than one statement
 */
export function toSqlite(sql: string): Translated {
  let parameters = 0;
  const text = sql.replaceAll(TOKENS, (token, n: string | undefined) => {
    if (token === ';') throw new StoreRefused(`one statement a step, without a semicolon: ${sql}`);
    if (n === undefined) return token;
    parameters = Math.max(parameters, Number(n));
    return `?${n}`;
  });
  const keyed = text
    .replaceAll(/\bBIGINT PRIMARY KEY\b/g, 'INTEGER PRIMARY KEY')
    .replace(/^CREATE TABLE entry_.*\)$/s, '$& WITHOUT ROWID')
    .replace(SEARCH_TABLE, searchTable);
  const searches = [...keyed.matchAll(SEARCH)].map(([, , n]) => Number(n));
  return { text: keyed.replaceAll(SEARCH, '$1 MATCH ?$2'), parameters, searches };
}

const SEARCH_TABLE = /^CREATE TABLE (search_\w+) \(rowid INTEGER PRIMARY KEY, (.*)\)$/s;
const SEARCH = /\b(search_\w+) MATCHES \?(\d+)/g;

/**
 * FTS5. Words come as words, so nothing of them is cut or folded but ASCII case. With `secure-delete` a row taken out is
 * taken out of the index as well; by default FTS5 only notes that it is gone, and erased text would stay in the file.
 * Without `prefix`, the first letter somebody types gathers every word that begins with it, from every row, while others
 * wait to read (I15).
 */
function searchTable(_: string, name: string, columns: string): string {
  const names = columns.split(',').map((column) => column.trim().split(' ')[0]);
  return `CREATE VIRTUAL TABLE ${name} USING fts5(${names.join(', ')}, columnsize = 0, tokenize = 'ascii', prefix = '1 2 3 4');
    INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1)`;
}

/** Words are quoted: nothing in them is FTS5's own language. */
const toFts5 = (parameter: Value): string =>
  readWanted(parameter)
    .map(({ column, words, begins }) => `${column} : "${words.join(' ')}"${begins === true ? ' *' : ''}`)
    .join(' AND ');

export type Prepared = {
  readonly statement: StatementSync;
  /** Returns rows (SELECT, RETURNING) rather than a count of changes. */
  readonly returns: boolean;
  readonly parameters: number;
  readonly searches: readonly number[];
};

export type Statements = (sql: string) => Prepared;

export function statementCache(db: DatabaseSync): Statements {
  const cache = new Map<string, Prepared>();
  return (sql) => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const { text, parameters, searches } = toSqlite(sql);
    const statement = db.prepare(text);
    const prepared = { statement, returns: statement.columns().length > 0, parameters, searches };
    if (cache.size >= STATEMENTS_MAX) cache.delete(cache.keys().next().value ?? sql);
    cache.set(sql, prepared);
    return prepared;
  };
}

/**
 * Whole numbers are bound as integers: bound as doubles they would divide and print differently from the other adapter.
 * @throws StoreRefused when the count is wrong, which SQLite would fill with NULL
 */
export function bind({ parameters, searches }: Prepared, params: readonly Value[]): SQLInputValue[] {
  if (params.length !== parameters) {
    throw new StoreRefused(`the statement has ${parameters} parameters and was given ${params.length}`);
  }
  const bound = params.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value,
  );
  for (const n of searches) bound[n - 1] = searched(params[n - 1] ?? null);
  return bound;
}

function searched(parameter: Value): string {
  try {
    return toFts5(parameter);
  } catch (error) {
    throw new StoreRefused(error instanceof Error ? error.message : String(error));
  }
}
