import {
  type Json,
  type JsonObject,
  parseJson,
  parseStatement,
  readEnvelope,
  type VerifierKey,
} from '@countersign/core';
import type { LogEntry, LogEntryDetail, LogFilter, LoggedCheckpoint } from '@countersign/sdk';
import { BadCursor } from '../../cursor.ts';
import { type NewEntry, type Row, type Store, TERM_COLUMNS } from '../../store/store.ts';
import type { AuditFact } from '../audit.ts';
import { checkpointsBelow, lastCheckpoint } from '../log/checkpoints.ts';
import { COLUMNS, lookUp, type Place } from './look-up.ts';
import { outcomeOf } from './outcome.ts';
import { proveInclusion, type ReadFile, receiptOf } from './receipt.ts';

export type LogReader = {
  lookUp(
    filter: LogFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly items: readonly LogEntry[]; readonly next_cursor?: string }>;
  entry(event_id: string): Promise<LogEntryDetail | undefined>;
  /** Signed roots, newest first. */
  checkpoints(page: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{ readonly items: readonly LoggedCheckpoint[]; readonly next_cursor?: string }>;
  /** A Sigstore bundle; `pending` until a checkpoint covers the entry. */
  receipt(event_id: string): Promise<JsonObject | 'pending' | undefined>;
  /** JSON Lines, oldest first, a page in memory at a time; recorded before the first line. */
  export(filter: LogFilter, by: string): AsyncIterable<string>;
};

/** Seals a fact and says what to do once it is committed. */
export type Record = (fact: AuditFact, message: string) => { readonly entry: NewEntry; committed(): void };

export type ReaderOptions = {
  readonly store: Store;
  readonly read: ReadFile;
  readonly log: VerifierKey;
  readonly now: () => number;
  readonly record: Record;
};

const EXPORT_PAGE = 500;

export function createLogReader(options: ReaderOptions): LogReader {
  const { store, read, log } = options;

  const stored = async (event_id: string): Promise<Row | undefined> =>
    (
      await store.read({
        sql: `SELECT ${COLUMNS}, e.envelope, e.leaf FROM entries e WHERE e.event_id = $1`,
        params: [event_id],
      })
    )[0];

  return {
    async lookUp(filter, { limit, cursor }) {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const wanted = { filter, limit: limit + 1, ...(after && { after }) };
      const rows = await lookUp(store, wanted, `${COLUMNS}, e.envelope`);
      const items = rows.slice(0, limit).map((row) => signedEntryOf(row).entry);
      const last = items.at(-1);
      return {
        items,
        ...(rows.length > limit &&
          last !== undefined && { next_cursor: `${last.occurred_at}.${last.leaf_index}` }),
      };
    },
    async entry(event_id) {
      const row = await stored(event_id);
      return row === undefined ? undefined : detailOf(row);
    },
    async checkpoints({ limit, cursor }) {
      const found = await checkpointsBelow(store, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { below: Number(cursor) }),
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, ...(found.length > limit && last !== undefined && { next_cursor: String(last.size) }) };
    },
    async receipt(event_id) {
      const row = await stored(event_id);
      if (row === undefined) return undefined;
      const checkpoint = await lastCheckpoint(store);
      const index = Number(row['leaf_index']);
      if (checkpoint === undefined || checkpoint.size <= index) return 'pending';
      const proven = await proveInclusion(read, index, checkpoint.note);
      // The files follow the store; after their loss they are being made again.
      if (proven === undefined) return 'pending';
      return receiptOf(
        proven,
        { envelope: String(row['envelope']), leaf: String(row['leaf']) },
        log,
      ) as unknown as JsonObject;
    },
    export: (filter, by) => exported(options, filter, by),
  };
}

async function* exported(
  { store, now, record }: ReaderOptions,
  filter: LogFilter,
  by: string,
): AsyncGenerator<string> {
  const predicate: JsonObject = { by, filter: filter as JsonObject };
  const event = record(
    { kind: 'export', occurred_at: now(), task_id: 'export', predicate, terms: { reviewer: by } },
    'log exported',
  );
  await store.commit({ name: 'export', steps: [], entries: [event.entry] });
  event.committed();
  // What was there when it was asked: the entry about the export itself is not part of it.
  const size = (await store.logSize()) - 1;
  for (let from = 0; from < size; from += EXPORT_PAGE) {
    const rows = await store.read({
      sql: `SELECT ${COLUMNS}, e.envelope FROM entries e WHERE e.leaf_index >= $1 AND e.leaf_index < $2 ORDER BY e.leaf_index`,
      params: [from, Math.min(size, from + EXPORT_PAGE)],
    });
    const lines = rows
      .filter((row) => matches(entryOf(row), filter))
      .map((row) => `${JSON.stringify(detailOf(row))}\n`);
    if (lines.length > 0) yield lines.join('');
  }
}

function matches(entry: LogEntry, { rule, request, since, until, ...terms }: LogFilter): boolean {
  if (since !== undefined && entry.occurred_at < since) return false;
  if (until !== undefined && entry.occurred_at >= until) return false;
  if (rule !== undefined && !entry.rules.includes(rule)) return false;
  if (request !== undefined && entry.request_id !== request) return false;
  return Object.entries(terms).every(
    ([term, value]) => value === undefined || entry[term as keyof LogEntry] === value,
  );
}

function entryOf(row: Row): LogEntry {
  const terms = TERM_COLUMNS.flatMap((term) => (row[term] === null ? [] : [[term, String(row[term])]]));
  return {
    event_id: String(row['event_id']),
    leaf_index: Number(row['leaf_index']),
    kind: String(row['kind']),
    occurred_at: Number(row['occurred_at']),
    ...Object.fromEntries(terms),
    rules: row['rules'] === null ? [] : (JSON.parse(String(row['rules'])) as string[]),
  };
}

function detailOf(row: Row): LogEntryDetail {
  const { entry, statement, envelope } = signedEntryOf(row);
  return {
    ...entry,
    statement: statement as unknown as JsonObject,
    envelope: envelope as Json as JsonObject,
  };
}

/** With what its signed statement says came of it. */
function signedEntryOf(row: Row) {
  const envelope = parseJson(String(row['envelope']));
  const statement = parseStatement(readEnvelope(envelope).payload);
  const entry = entryOf(row);
  const outcome = outcomeOf(entry.kind, statement.predicate);
  const broken = statement.predicate['broken_glass'] ?? statement.predicate['glass_id'];
  const glass = typeof broken === 'string' ? { broken_glass: broken } : {};
  const { change } = statement.predicate;
  const changed = typeof change === 'string' ? { change } : {};
  return {
    entry: { ...entry, ...changed, ...glass, ...(outcome === undefined ? {} : { outcome }) },
    statement,
    envelope,
  };
}

/** @throws BadCursor: neither everything nor nothing is an answer to a cursor nobody here wrote. */
function readCursor(cursor: string): Place {
  const [, occurred_at, leaf_index] = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (occurred_at === undefined || leaf_index === undefined) throw new BadCursor();
  return { occurred_at: Number(occurred_at), leaf_index: Number(leaf_index) };
}
