/**
 * Whether this store is the one that goes on: asked before anything is signed. A store put back from a backup knows nothing of what
 * was published since, and would sign a second history for sizes auditors already hold (A24). So it must be seen to hold
 * what was published; where nothing of that is left to see, only a person can say that no newer copy was ever used.
 */
import { LogError, parseCheckpoint, parseNote, type VerifierKey, verifyNote } from '@countersign/core';
import type { Store } from '../store/store.ts';
import type { LogKey } from './keys/keys.ts';
import { checkpointsBelow, lastCheckpoint } from './log/checkpoints.ts';
import type { LogFiles } from './log/files.ts';

/** A log changes neither name nor key: auditors would hold a checkpoint nothing continues. */
export async function assertSameLog(store: Store, { verifier }: LogKey): Promise<void> {
  const last = await lastCheckpoint(store);
  if (last === undefined) return;
  const note = parseNote(last.note);
  if ((await verifyNote(note, [verifier])).status === 'verified') return;
  const { origin } = parseCheckpoint(note.text);
  throw new Error(
    origin === verifier.name
      ? `keys/log.pem is not the key that signed this log (${origin}): restore it from a backup`
      : `this store's log is named ${origin}, the configuration says ${verifier.name}: set log.origin back to ${origin}`,
  );
}

export type Published =
  /** What is published, this store signed; or nothing was ever published. */
  | { readonly kind: 'here' }
  /** A checkpoint of this log that this store did not sign. */
  | { readonly kind: 'elsewhere'; readonly size: number }
  /** This store signed a log, and no checkpoint of it is left. */
  | { readonly kind: 'lost'; readonly size: number };

export async function publishedOf(store: Store, files: LogFiles, { verifier }: LogKey): Promise<Published> {
  const bytes = await files.read('checkpoint');
  const published = await checkpointIn(
    bytes === undefined ? '' : Buffer.from(bytes).toString('utf8'),
    verifier,
  );
  if (published === undefined) return unpublished(store, files);
  const { size, text } = published;
  const [signed] = await store.read({ sql: 'SELECT note FROM checkpoints WHERE size = $1', params: [size] });
  // The text, not the note: somebody else may have signed the same one beneath.
  const same = signed !== undefined && parseNote(String(signed['note'])).text === text;
  return same ? { kind: 'here' } : { kind: 'elsewhere', size };
}

/**
 * The keys are published before the first checkpoint is signed, and no second one is signed before the first is
 * published. So with keys there, one checkpoint signed and none published is what a crash in between leaves.
 */
async function unpublished(store: Store, files: LogFiles): Promise<Published> {
  const [last, ...others] = await checkpointsBelow(store, { limit: 2 });
  if (last === undefined) return { kind: 'here' };
  const crashed = others.length === 0 && (await files.read('entry-keys')) !== undefined;
  return crashed ? { kind: 'here' } : { kind: 'lost', size: last.size };
}

/** @throws Error naming what is there and the fix */
export function assertPublishedHere(published: Published): void {
  if (published.kind === 'elsewhere')
    throw new Error(
      `this store did not sign log/checkpoint (${published.size} entries): it is an older copy, or another store. Put the newest copy back; if it is lost, begin a new log: an empty data folder and another log.origin`,
    );
  if (published.kind === 'lost')
    throw new Error(
      `log/checkpoint is missing, or is none of this log’s, though this store signed one (${published.size} entries): if this is a backup that was put back, it would sign its past a second time. Put the newest back; if it is lost, begin a new log: an empty data folder and another log.origin. If only log/ was lost, and no store is newer than this, run: countersign log rebuild`,
    );
}

/** Undefined for what this key did not sign, and for what it signed and is no checkpoint, as `entry-keys` is. */
export async function checkpointIn(
  note: string,
  verifier: VerifierKey,
): Promise<{ readonly text: string; readonly size: number; readonly root: Uint8Array } | undefined> {
  try {
    const parsed = parseNote(note);
    if ((await verifyNote(parsed, [verifier])).status !== 'verified') return undefined;
    const { size, root } = parseCheckpoint(parsed.text);
    return { text: parsed.text, size, root };
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
}
