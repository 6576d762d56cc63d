/**
 * The store in one file, by `node:sqlite`. The gateway's main thread stands here; a writer thread owns the only writing
 * connection and a reader thread a read-only one, so that a long list never delays a permit. It never retries a commit,
 * and after a failed fsync it never writes again.
 */
import type { KeyObject } from 'node:crypto';
import { createSigner, signatureForm } from '../../audit/signer.ts';
import {
  type Command,
  type NewEntry,
  type Outcome,
  type Row,
  type Store,
  StoreRefused,
  StoreUnavailable,
} from '../store.ts';
import { bytesOf, type Lane, lane } from './threads/lane.ts';
import type {
  Answer,
  FromReader,
  FromWriter,
  ReadAnswer,
  ToReader,
  ToWriter,
  WriterData,
} from './threads/messages.ts';
import { createPacker } from './threads/packed.ts';
import { startThread, type Thread } from './threads/thread.ts';

export type SqliteOptions = {
  /** The database file. Its folder is made, 0700; the file is 0600. */
  readonly path: string;
  /** Commands that may wait (I15). */
  readonly commands_max?: number;
  /** Bytes of waiting commands. */
  readonly bytes_max?: number;
  /** How long to wait for a stranger's lock (a backup) before refusing. */
  readonly busy_ms?: number;
  /** Signs entries that come unsigned. */
  readonly entry_key?: KeyObject;
};

/**
 * Signing is a third of what an entry costs. The writer does it, so that the main thread has time for callers; but when
 * this many commands wait, the writer is what they wait for, and the main thread signs.
 */
const BUSY = 16;
const ROWS_MAX = 10_000;
const READS_MAX = 10_000;

/** Opens the embedded store. @throws StoreUnavailable: in use, from a newer version, damaged, not writable — each says which, and the fix */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const writer = await startWriter(options);
  const reader = await startReader(options.path, writer);
  const listeners = new Set<(size: number) => void>();
  let size = writer.size;
  let stopped: string | undefined;
  let closing: Promise<void> | undefined;

  const commands = lane<Command, Outcome>({
    name: 'commands',
    items_max: options.commands_max ?? 20_000,
    bytes_max: options.bytes_max ?? 64 * 1024 * 1024,
    bytesOf,
    unhurried: (command) => command.unhurried === true,
    send: createPacker((packed) => writer.say({ kind: 'commands', packed })),
  });
  const reads = lane<ReadRequestOf, readonly Row[]>({
    name: 'reads',
    items_max: READS_MAX,
    bytes_max: Number.POSITIVE_INFINITY,
    bytesOf: () => 0,
    send: (batch) => reader.say({ kind: 'reads', reads: batch }),
  });

  writer.onMessage((message) => {
    if (message.kind !== 'answers') return;
    stopped ??= message.stopped;
    const grown = message.size > size;
    size = Math.max(size, message.size);
    for (const answer of message.answers) settle(commands, answer);
    if (grown) for (const listener of listeners) listener(size);
  });
  reader.onMessage((message) => {
    if (message.kind === 'rows') for (const answer of message.answers) settleRead(reads, answer);
  });
  writer.onDeath((why) => {
    stopped ??= `the writer is gone: ${why}`;
    commands.failAll(`the store stopped while this was under way: ${why}`, 'unknown');
  });
  reader.onDeath((why) => {
    stopped ??= `the reader is gone: ${why}`;
    reads.failAll(`the store stopped reading: ${why}`, 'no');
  });

  const signed = commandSigner(options.entry_key);

  const trouble = (): string | undefined =>
    closing === undefined ? stopped && `the store has stopped: ${stopped}` : 'the store is closed';

  async function shut(): Promise<void> {
    // Both queues are first-in, first-out: what was accepted is answered before the threads see the request to close.
    commands.flush();
    reads.flush();
    reader.say({ kind: 'close' });
    await reader.ended;
    const failure = new Promise<string | undefined>((resolve) => {
      writer.onMessage((message) => {
        if (message.kind === 'closed') resolve(message.failure);
      });
      // Also when it ended by itself long ago.
      void writer.ended.then(() => resolve(undefined));
    });
    writer.say({ kind: 'close' });
    const why = await failure;
    await writer.ended;
    if (why !== undefined) throw new StoreUnavailable(`closing the store: ${why}`, 'unknown');
  }

  return {
    commit: (command) => {
      const no = trouble();
      if (no !== undefined) return Promise.reject(new StoreUnavailable(no, 'no'));
      return commands.push(commands.waiting() < BUSY ? command : signed(command));
    },
    read: <R extends Row>({ sql, params, rows_max = ROWS_MAX }: ReadOptions) => {
      if (closing !== undefined) return Promise.reject(new StoreUnavailable('the store is closed', 'no'));
      return reads.push({ sql, params, rows_max }) as Promise<readonly R[]>;
    },
    trouble,
    logSize: () => Promise.resolve(size),
    onAppend: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      closing ??= shut();
      return closing;
    },
  };
}

type ReadOptions = Parameters<Store['read']>[0];
type ReadRequestOf = Required<ReadOptions>;

/** Signs what is unsigned in a command, in this thread. Without a key it leaves that to be refused. */
function commandSigner(entry_key: KeyObject | undefined): (command: Command) => Command {
  if (entry_key === undefined) return (command) => command;
  const sign = createSigner(entry_key);
  const ready = (entry: NewEntry): NewEntry => {
    if (!('statement' in entry)) return entry;
    const { statement, ...head } = entry;
    return { ...head, ...sign(statement) };
  };
  return (command) => ({ ...command, entries: command.entries.map(ready) });
}

function startWriter({
  path,
  busy_ms = 5000,
  entry_key,
}: SqliteOptions): Promise<Thread<ToWriter, FromWriter>> {
  const signing = entry_key === undefined ? {} : { signing: { entry_key, form: signatureForm(entry_key) } };
  return startThread('writer', { path, busy_ms, ...signing } satisfies WriterData);
}

async function startReader(
  path: string,
  writer: Thread<ToWriter, FromWriter>,
): Promise<Thread<ToReader, FromReader>> {
  try {
    return await startThread<ToReader, FromReader>('reader', { path });
  } catch (error) {
    writer.say({ kind: 'close' });
    await writer.ended;
    throw error;
  }
}

function settle(commands: Lane<Command, Outcome>, answer: Answer): void {
  if (typeof answer === 'number') commands.resolve({ ok: true, first_leaf: answer });
  else if ('guard' in answer) commands.resolve({ ok: false, guard: answer.guard });
  else if ('refused' in answer) commands.reject(new StoreRefused(answer.refused));
  else commands.reject(new StoreUnavailable(answer.unavailable, answer.stored));
}

function settleRead(reads: Lane<ReadRequestOf, readonly Row[]>, answer: ReadAnswer): void {
  if ('rows' in answer) reads.resolve(answer.rows);
  else if ('refused' in answer) reads.reject(new StoreRefused(answer.refused));
  else reads.reject(new StoreUnavailable(answer.unavailable, 'no'));
}
