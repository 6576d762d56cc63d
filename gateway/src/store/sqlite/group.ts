/**
 * Group commit: many commands, one transaction, one fsync, separate fates. One whose guard does not hold falls alone, and
 * the rest commit together. Guards nearly always hold, and a savepoint costs a copy of every page its command touches: so
 * a group is run without, and only if something in it falls is it undone and run again, each command in a savepoint.
 *
 * A group may be begun before it is known who else is in it: what nobody waits for is run and signed while there is
 * nothing else to do, and whoever comes next pays for the fsync alone.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type Command, type NewEntry, type Step, TERM_COLUMNS } from '../store.ts';
import { type Failure, failureOf, messageOf } from './failures.ts';
import { bind, type Statements } from './statements.ts';
import type { Answer } from './threads/messages.ts';

export type Group = {
  readonly answers: readonly Answer[];
  /** Set when the store must stop: what is on the disk is no longer known. */
  readonly stopped?: string;
};

export type Committer = {
  /** Begins the next group with these: they are run, in a transaction left open, and not yet stored. */
  begin(commands: readonly Command[]): void;
  /** Ends the group with these, and returns when all of it is on stable storage: answers in the order they were given. */
  commit(commands: readonly Command[]): Group;
  /** Number of entries committed. */
  size(): number;
};

const INSERT_ENTRY = `INSERT INTO entries (leaf_index, event_id, kind, occurred_at, envelope, leaf,
  ${TERM_COLUMNS.join(', ')}, rules) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const LOG_SIZE = 'SELECT COALESCE(MAX(leaf_index) + 1, 0) AS size FROM entries';

/** Thrown inside a transaction; never leaves this file. */
class GuardFailed extends Error {
  readonly step: string;
  constructor(step: string) {
    super(step);
    this.step = step;
  }
}

class Failed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, message: string, options: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** One open transaction: the steps and entries of one command after another. */
function transaction({ statements, signed }: Parts, first_leaf: number) {
  let next = first_leaf;

  function append(entry: NewEntry): void {
    const { terms } = entry;
    try {
      const { envelope, leaf } = 'statement' in entry ? signed(entry.statement) : entry;
      const head = [BigInt(next), entry.event_id, entry.kind, BigInt(entry.occurred_at), envelope, leaf];
      const row = [...head, ...TERM_COLUMNS.map((column) => terms[column] ?? null), rulesOf(terms)];
      statements(INSERT_ENTRY).statement.run(...row);
    } catch (error) {
      const failure = failureOf(error) === 'taken' ? 'refused' : failureOf(error);
      throw new Failed(failure, `entry ${entry.event_id}: ${messageOf(error)}`, { cause: error });
    }
    next += 1;
  }

  /** One command, nothing around it. @throws GuardFailed, Failed */
  function bare(command: Command): Answer {
    const first = next;
    for (const step of command.steps) runStep(statements, step);
    for (const entry of command.entries) append(entry);
    return command.entries.length === 0 ? -1 : first;
  }

  /** One command in its savepoint. @throws Failed when the whole transaction is in doubt */
  function alone(command: Command): Answer {
    const first = next;
    statements('SAVEPOINT command').statement.run();
    try {
      const answer = bare(command);
      statements('RELEASE command').statement.run();
      return answer;
    } catch (error) {
      if (!fallsAlone(error)) throw error;
      next = first;
      statements('ROLLBACK TO command').statement.run();
      statements('RELEASE command').statement.run();
      if (error instanceof GuardFailed) return { guard: error.step };
      return { refused: `${command.name}: ${messageOf(error)}` };
    }
  }

  return { bare, alone, size: () => next };
}

/** One command did not hold, or is wrong; nothing is amiss with the others, or with the disk. */
const fallsAlone = (error: unknown): boolean =>
  error instanceof GuardFailed || (error instanceof Failed && error.failure === 'refused');

/** Sorted and without repeats, as JSON: equal sets are equal text. */
const rulesOf = ({ rules }: NewEntry['terms']): string | null =>
  rules === undefined || rules.length === 0 ? null : JSON.stringify([...new Set(rules)].sort());

function runStep(statements: Statements, step: Step): void {
  let touched: number;
  try {
    const prepared = statements(step.sql);
    const params = bind(prepared, step.params);
    const { statement, returns } = prepared;
    touched = returns ? statement.all(...params).length : Number(statement.run(...params).changes);
  } catch (error) {
    if (failureOf(error) === 'taken') throw new GuardFailed(step.name);
    throw new Failed(failureOf(error), `step ${step.name}: ${messageOf(error)}`, { cause: error });
  }
  if (step.rows !== 'any' && touched !== step.rows) throw new GuardFailed(step.name);
}

/** Turns a statement into envelope and leaf; throws StoreRefused where nobody gave a key. */
export type Sign = (statement: string) => { readonly envelope: string; readonly leaf: string };
type Parts = { readonly statements: Statements; readonly signed: Sign };
/** In a transaction still open: what each is told once it is committed, and how many entries there are then. */
type Ran = { readonly answers: readonly Answer[]; readonly size: number };
type Running = { readonly open: ReturnType<typeof transaction>; readonly answers: Answer[] };

export function committer(db: DatabaseSync, parts: Parts): Committer {
  const { statements } = parts;
  // The writer is the only one there is (exclusive lock), so the log's size may be kept in memory. It counts only what
  // COMMIT has acknowledged.
  let size = Number(statements(LOG_SIZE).statement.get()?.['size']);

  let begun: readonly Command[] = [];
  /** As far as the group that is begun has run. */
  let running: Running | undefined;
  /** Why it cannot be ended: the fault of none of its commands. */
  let spoiled: { readonly by: unknown } | undefined;

  function start(): Running {
    const open = transaction(parts, size);
    statements('BEGIN IMMEDIATE').statement.run();
    return { open, answers: [] };
  }

  /** What has not run yet of a group. @throws GuardFailed, Failed */
  function goOn(group: readonly Command[]): Ran {
    running ??= start();
    const { open, answers } = running;
    for (let at = answers.length; at < group.length; at += 1) answers.push(open.bare(group[at] as Command));
    return { answers, size: open.size() };
  }

  function runAll(group: readonly Command[]): Ran {
    try {
      if (spoiled !== undefined) throw spoiled.by;
      return goOn(group);
    } catch (error) {
      if (!fallsAlone(error)) throw error;
      statements('ROLLBACK').statement.run();
      const { open } = start();
      return { answers: group.map(open.alone), size: open.size() };
    } finally {
      running = undefined;
      spoiled = undefined;
    }
  }

  function begin(commands: readonly Command[]): void {
    begun = [...begun, ...commands];
    try {
      goOn(begun);
    } catch (error) {
      // Whose fault it was is said when the group is run again for its end; where it was the disk's, it is not tried again.
      running = undefined;
      if (!rollback(db) || !fallsAlone(error)) spoiled ??= { by: error };
    }
  }

  function commit(commands: readonly Command[]): Group {
    const all = [...begun, ...commands];
    begun = [];
    let ran: Ran;
    try {
      ran = runAll(all);
    } catch (error) {
      // Nothing was acknowledged and nothing reached a commit record: certainly not stored.
      const undone = rollback(db);
      const group = failAll(all, error, 'no');
      return undone ? group : { ...group, stopped: 'a failed transaction could not be rolled back' };
    }
    try {
      // Durable from here: COMMIT returns after the write-ahead log was fsynced (`synchronous` is FULL). A crash before
      // it returns leaves either nothing of this group or all of it, and nobody was told either way.
      statements('COMMIT').statement.run();
    } catch (error) {
      const undone = rollback(db);
      const group = failAll(all, error, 'unknown');
      return undone ? group : { ...group, stopped: 'a failed transaction could not be rolled back' };
    }
    size = ran.size;
    return { answers: ran.answers };
  }

  return { begin, commit, size: () => size };
}

function failAll(commands: readonly Command[], error: unknown, stored: 'no' | 'unknown'): Group {
  const message = `the store could not commit: ${messageOf(error)}`;
  const answers = commands.map(() => ({ unavailable: message, stored }));
  const failure = error instanceof Failed ? error.failure : failureOf(error);
  // Disk full is over when there is room again. After a failed fsync nobody knows what the disk holds, and a second
  // fsync that succeeds proves nothing: the kernel may have dropped the pages. So it is never tried (A20).
  return failure === 'full' ? { answers } : { answers, stopped: message };
}

function rollback(db: DatabaseSync): boolean {
  try {
    // A full disk makes SQLite roll back by itself; then there is nothing left to do.
    if (db.isTransaction) db.exec('ROLLBACK');
    return true;
  } catch {
    return false; // the caller stops the store: a transaction that cannot be undone must not be continued
  }
}
