/**
 * A log's files, written anew from a store that somebody says is the newest there is. What that rests on is a person's
 * word, so it can be held to a checkpoint kept elsewhere, and is an entry of the log itself. Only while no gateway runs.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { CompactRange, equalBytes, leafHash, type VerifierKey } from '@countersign/core';
import { createClock } from '../clock.ts';
import { openSqliteStore } from '../store/sqlite/sqlite.ts';
import type { Store } from '../store/store.ts';
import { assertPublishedHere, assertSameLog, checkpointIn, publishedOf } from './continuity.ts';
import type { Keys } from './keys/keys.ts';
import { inOneBuffer } from './log/bytes.ts';
import { lastCheckpoint, type SignedCheckpoint } from './log/checkpoints.ts';
import { openLogFiles } from './log/files.ts';
import { lastCommitted } from './log/newest.ts';
import { openAudit, openAuditKeys } from './open.ts';
import { createUnsignedSealer } from './sealer.ts';

/** Entries read at a time. */
const PAGE = 1000;

export type LostLog = {
  /** The largest checkpoint this store signed. */
  readonly last: SignedCheckpoint;
  /** Entries in the store: what was not signed yet is, too. */
  readonly entries: number;
  /** How a checkpoint kept elsewhere stands to this store. */
  heldTo(kept: string): Promise<Held>;
  /** Writes, signs and publishes all of it, and says so in an entry. Resolves with the entries it then has. */
  rebuild(held?: Extract<Held, { kind: 'same' }>): Promise<number>;
};

export type Held =
  /** This store holds exactly what it was signed over. */
  | { readonly kind: 'same'; readonly size: number }
  /** It has entries this store does not: the store is an older copy. */
  | { readonly kind: 'newer'; readonly size: number }
  /** Of this size, this store has another history. */
  | { readonly kind: 'forked'; readonly size: number }
  | { readonly kind: 'not-of-this-log' };

type Options = {
  readonly data_dir: string;
  readonly origin: string;
  readonly open_store?: typeof openSqliteStore;
};

/**
 * With the store open, and for nobody else. `undefined`: nothing is lost, what is published goes with the store.
 * @throws Error naming the file and the fix: no store, one in use, one that did not sign what is published
 */
export async function withLostLog<T>(
  { data_dir, origin, open_store = openSqliteStore }: Options,
  work: (lost: LostLog | undefined) => Promise<T>,
): Promise<T> {
  const file = path.join(data_dir, 'store.db');
  assertOwnStore(file);
  const keys = openAuditKeys(data_dir, origin);
  const store = await open_store({ path: file, entry_key: keys.entry.current.private_key });
  try {
    await assertSameLog(store, keys.log);
    const published = await publishedOf(store, openLogFiles(path.join(data_dir, 'log')), keys.log);
    if (published.kind !== 'lost') assertPublishedHere(published);
    const last = published.kind === 'lost' ? await lastCheckpoint(store) : undefined;
    if (last === undefined) return await work(undefined);
    return await work({
      last,
      entries: await store.logSize(),
      heldTo: (kept) => heldTo(kept, { store, verifier: keys.log.verifier }),
      rebuild: (held) => rebuild({ store, keys, data_dir, origin, last, held }),
    });
  } finally {
    await store.close();
  }
}

/** Before anything is opened: that alone makes files. */
function assertOwnStore(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`${file}: there is no such store; put it back first`);
  const me = process.getuid?.();
  if (me === undefined || found.uid === me) return;
  // Root may do anything, and would leave files the gateway cannot write again.
  throw new Error(
    `${file} belongs to another user (uid ${found.uid}), and so must the files of its log: sudo -u '#${found.uid}' countersign log rebuild`,
  );
}

async function heldTo(
  kept: string,
  { store, verifier }: { readonly store: Store; readonly verifier: VerifierKey },
): Promise<Held> {
  const checkpoint = await checkpointIn(kept, verifier);
  if (checkpoint === undefined) return { kind: 'not-of-this-log' };
  const { size, root } = checkpoint;
  if (size > (await store.logSize())) return { kind: 'newer', size };
  return { kind: equalBytes(root, await rootAt(store, size)) ? 'same' : 'forked', size };
}

async function rootAt(store: Store, size: number): Promise<Uint8Array> {
  const range = new CompactRange();
  while (range.size < size) {
    const rows = await store.read({
      sql: 'SELECT leaf FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index',
      params: [range.size, Math.min(size, range.size + PAGE)],
    });
    if (rows.length === 0) throw new Error(`the store has a gap at entry ${range.size}: restore it`);
    for (const leaf of inOneBuffer(rows.map((row) => String(row['leaf'])))) range.append(leafHash(leaf));
  }
  return range.root();
}

type Rebuilding = Omit<Options, 'open_store'> & {
  readonly store: Store;
  readonly keys: Keys;
  readonly last: SignedCheckpoint;
  readonly held: Extract<Held, { kind: 'same' }> | undefined;
};

/** Recorded before anything is published: whoever reads the log finds that its past rests on somebody's word. */
async function rebuild({ store, keys, data_dir, origin, last, held }: Rebuilding): Promise<number> {
  const now = createClock(Date.now, await lastCommitted(store));
  const entry = createUnsignedSealer().seal({
    kind: 'system',
    occurred_at: now(),
    task_id: 'gateway',
    predicate: {
      change: 'log rebuilt',
      signed: last.size,
      ...(held === undefined ? {} : { held_to: held.size }),
    },
    terms: {},
  });
  await store.commit({ name: 'log-rebuilt', steps: [], entries: [entry] });
  const troubles: string[] = [];
  const log = { error: ({ why }: { readonly why?: string }) => void troubles.push(why ?? 'no reason given') };
  const audit = await openAudit({ store, data_dir, origin, now, keys, log, rebuild: true });
  await audit.close();
  if (troubles.length > 0)
    throw new Error(
      `the log was not written whole: ${troubles.join('; ')}; put that right, then run it again`,
    );
  return store.logSize();
}
