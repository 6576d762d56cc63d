import { StoreRefused } from '../store.ts';

/** Why SQLite refused, sorted by what the store must do about it. Codes: https://www.sqlite.org/rescode.html */

const FULL = 13;
const UNIQUE = [2067, 1555, 2579]; // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _ROWID
const CALLERS_FAULT = new Set([1, 18, 19, 20, 25]); // ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE

export type Failure =
  /** A uniqueness constraint: somebody was first. A guard that does not hold. */
  | 'taken'
  /** The statement is wrong: text, parameters, another constraint. */
  | 'refused'
  /** No space; works again when there is. */
  | 'full'
  /** Input/output, corruption, anything else: what is on the disk is no longer known. */
  | 'broken';

export function failureOf(error: unknown): Failure {
  if (error instanceof StoreRefused) return 'refused';
  if (!(error instanceof Error)) return 'broken';
  const extended = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
  // Errors of the binding itself (a value it cannot bind, an integer it cannot represent) never reached the file.
  if (extended === undefined) return 'code' in error ? 'refused' : 'broken';
  if (UNIQUE.includes(extended)) return 'taken';
  const code = extended & 0xff;
  if (code === FULL) return 'full';
  return CALLERS_FAULT.has(code) ? 'refused' : 'broken';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
