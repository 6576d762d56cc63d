/**
 * From committed entries to a published checkpoint, one pass at a time: entries → tiles and envelopes on disk →
 * checkpoint signed, by compare-and-set in the store → checkpoint published. The store's commit was the
 * acknowledgement (I10); everything here follows within a second, can die anywhere, and is done again from the store by
 * the same code: there is no recovery besides the next pass.
 *
 * It never signs a smaller tree, a second root for a size, or while the clock is behind the last checkpoint (A24).
 */
import { sign } from 'node:crypto';
import {
  equalBytes,
  formatCheckpoint,
  formatNote,
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  type Tile,
} from '@countersign/core';
import type { Row, Store } from '../../store/store.ts';
import type { LogKey } from '../keys/keys.ts';
import { inOneBuffer } from './bytes.ts';
import { lastCheckpoint, putCheckpoint, type SignedCheckpoint } from './checkpoints.ts';
import type { LogFiles } from './files.ts';
import { indexEntries } from './terms.ts';
import { TreeWriter } from './tree.ts';

export type SequencerStatus = {
  readonly state: 'running' | 'clock_behind' | 'failing' | 'stopped';
  /** Size of the last published checkpoint. */
  readonly size: number;
  readonly why?: string;
};

export type Sequencer = {
  /** One pass now, after any that is under way. Resolves with what is published after it. */
  flush(): Promise<SignedCheckpoint | undefined>;
  status(): SequencerStatus;
  /** Ends after the pass under way. */
  close(): Promise<void>;
};

export type SequencerOptions = {
  readonly store: Store;
  readonly files: LogFiles;
  readonly key: LogKey;
  readonly now: () => number;
  /** The files that are there are of no account: each is written again. */
  readonly anew?: boolean;
  /** Told once each time the state changes for the worse. */
  readonly onTrouble?: (status: SequencerStatus) => void;
};

/** A hint waits this long for others; without one, a pass is due this often. */
const HINT_MS = 500;
const EVERY_MS = 1000;

type Tree = {
  readonly writer: TreeWriter;
  /** Tiles filled since the last checkpoint: their unfinished forms go once a checkpoint speaks of the full ones. */
  readonly filled: Tile[];
};

/** The log and its store disagree, or the disk failed an fsync: signing on could only make it worse. */
class Stop extends Error {}

export async function startSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { store, onTrouble } = options;
  let status: SequencerStatus = { state: 'running', size: 0 };
  let tree: Tree | undefined;
  let published: SignedCheckpoint | undefined;
  let passing: Promise<void> = Promise.resolve();
  let hint: NodeJS.Timeout | undefined;
  let closed = false;

  async function pass(): Promise<void> {
    if (status.state === 'stopped') return;
    try {
      const last = await lastCheckpoint(store);
      const there = last !== undefined && (await options.files.read('checkpoint')) !== undefined;
      if (published !== undefined && !there) {
        // Taken away while we run. The store is the one that goes on, which the next start could not know.
        published = undefined;
        tree = undefined;
      }
      tree ??= await openTree(options, last);
      const signed = await advance(options, tree, { last, there });
      if (signed !== undefined && signed.note !== published?.note) {
        await options.files.publish('checkpoint', signed.note);
        published = signed;
      }
      await indexEntries(store, tree.writer.size);
      const behind = signed !== undefined && signed.size < tree.writer.size;
      settle(
        behind ? 'clock_behind' : 'running',
        behind ? 'the clock is behind the last checkpoint' : undefined,
      );
    } catch (error) {
      tree = undefined; // what it had written is unknown: begin again from what is on disk
      const why = error instanceof Error ? error.message : String(error);
      settle(error instanceof Stop || isFailedSync(error) ? 'stopped' : 'failing', why);
    }
  }

  function settle(state: SequencerStatus['state'], why?: string): void {
    const worse = state !== 'running' && state !== status.state;
    status = { state, size: published?.size ?? 0, ...(why === undefined ? {} : { why }) };
    if (worse) onTrouble?.(status);
  }

  const enqueue = (): Promise<void> => {
    passing = passing.then(pass);
    return passing;
  };
  const hinted = (): void => {
    hint ??= setTimeout(() => {
      hint = undefined;
      void enqueue();
    }, HINT_MS);
  };

  const leave = store.onAppend(hinted);
  const timer = setInterval(() => {
    if (hint === undefined) hinted();
  }, EVERY_MS);
  timer.unref();
  await enqueue();

  return {
    flush: async () => {
      if (!closed) await enqueue();
      return published;
    },
    status: () => status,
    close: async () => {
      closed = true;
      leave();
      clearInterval(timer);
      clearTimeout(hint);
      await passing;
    },
  };
}

/** The tree as far as it was signed, from the files; from nothing when they are not all there or do not add up to what was signed. */
async function openTree(
  { store, files, anew = false }: SequencerOptions,
  last: SignedCheckpoint | undefined,
): Promise<Tree> {
  const edge = last === undefined || anew ? undefined : await files.readEdge(last.size);
  if (
    edge === undefined ||
    !equalBytes(edge.range.root(), rootOf(last)) ||
    !(await files.holdsAll(edge.range.size))
  ) {
    return { writer: new TreeWriter(), filled: [] };
  }
  const tree: Tree = { writer: new TreeWriter(edge), filled: [] };
  // The unfinished envelope file is begun again once a run, so that nothing torn by a crash stays in it.
  const first = edge.range.size - edge.entries.length;
  const rows = await readRows(store, first, edge.range.size);
  await writeEnvelopes(files, { first, envelopes: rows.map((row) => String(row['envelope'])) });
  return tree;
}

/** The last one signed, and whether one is published, that or an older. */
type Signed = { readonly last: SignedCheckpoint | undefined; readonly there: boolean };

/** Brings files and checkpoint up to the store. Returns the newest checkpoint there is. */
async function advance(
  options: SequencerOptions,
  tree: Tree,
  { last, there }: Signed,
): Promise<SignedCheckpoint | undefined> {
  const { store, files, now } = options;
  const { writer } = tree;
  const size = await store.logSize();
  if (last !== undefined && size < last.size) {
    throw new Stop(
      `the store has ${size} entries, but ${last.size} were signed: it was cut or replaced; restore it`,
    );
  }
  while (writer.size < size) await writePage(options, tree, { size, last });
  const partial = writer.takePartial();
  await files.writeTiles(partial);
  await files.syncNames();
  // Durable now: every file of this tree. A crash here leaves files no checkpoint speaks of; the next pass writes the same.
  if (size === 0 || size === last?.size) return last;
  if (last !== undefined && now() < last.signed_at) return last;
  // No second one is signed while none is published: a folder without one then says that it was lost (continuity.ts).
  if (last !== undefined && !there) await files.publish('checkpoint', last.note);
  const text = formatCheckpoint({
    origin: options.key.verifier.name,
    size,
    root: writer.root(),
    extensions: [],
  });
  const made: SignedCheckpoint = { size, note: signNote(text, options.key), signed_at: now() };
  const put = await putCheckpoint(store, made);
  // Durable now: what we said of this size, and that we may say nothing else. A crash here leaves it unpublished; the
  // next start publishes it.
  if (!put) return await agree(store, writer, made);
  for (const tile of tree.filled.splice(0)) await files.dropPartials(tile);
  return made;
}

/** Somebody signed before us (another node). Fine, if it is the same tree. */
async function agree(
  store: Store,
  writer: TreeWriter,
  made: SignedCheckpoint,
): Promise<SignedCheckpoint | undefined> {
  const theirs = await lastCheckpoint(store);
  if (theirs?.size === made.size && !equalBytes(rootOf(theirs), writer.root())) {
    throw new Stop(
      `two roots for a tree of ${made.size}: this store and the log that was signed are not the same`,
    );
  }
  return theirs;
}

type Page = { readonly size: number; readonly last: SignedCheckpoint | undefined };

/**
 * A page ends where its bundle does: what is read at a time is small enough to be gone before anything made meanwhile
 * has to be moved out of its way, and goes to one file.
 */
const endOfBundle = (first: number): number => first - (first % TILE_WIDTH) + TILE_WIDTH;

async function writePage(
  { store, files }: SequencerOptions,
  tree: Tree,
  { size, last }: Page,
): Promise<void> {
  const { writer } = tree;
  const first = writer.size;
  const rows = await readRows(store, first, Math.min(size, endOfBundle(first)));
  const signedRoot = last === undefined ? undefined : rootOf(last);
  for (const leaf of inOneBuffer(rows.map((row) => String(row['leaf'])))) {
    writer.append(leaf);
    if (writer.size === last?.size && signedRoot !== undefined && !equalBytes(writer.root(), signedRoot)) {
      throw new Stop(
        `the store's first ${last.size} entries are not those that were signed: an entry was changed`,
      );
    }
  }
  await writeEnvelopes(files, { first, envelopes: rows.map((row) => String(row['envelope'])) });
  const full = writer.takeFull();
  await files.writeTiles(full);
  tree.filled.push(...full.map(({ tile }) => tile));
}

async function readRows(store: Store, from: number, to: number): Promise<readonly Row[]> {
  const rows = await store.read({
    sql: 'SELECT leaf, envelope FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index',
    params: [from, to],
  });
  if (rows.length !== to - from) throw new Stop(`the store has a gap between entries ${from} and ${to}`);
  return rows;
}

/** Of one bundle; a bundle without entries has no file. */
async function writeEnvelopes(
  files: LogFiles,
  { first, envelopes }: { readonly first: number; readonly envelopes: readonly string[] },
): Promise<void> {
  if (envelopes.length === 0) return;
  await files.writeEnvelopes(Math.floor(first / TILE_WIDTH), first % TILE_WIDTH, envelopes);
}

function signNote(text: string, { private_key, verifier }: LogKey): string {
  const signature = new Uint8Array(sign(null, Buffer.from(text), private_key));
  return formatNote({ text, signatures: [{ name: verifier.name, keyId: verifier.keyId, signature }] });
}

const rootOf = (checkpoint: SignedCheckpoint | undefined): Uint8Array =>
  checkpoint === undefined ? new Uint8Array() : parseCheckpoint(parseNote(checkpoint.note).text).root;

const isFailedSync = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EIO';
