import type { KeyObject } from 'node:crypto';
import {
  type Checkpoint,
  consistencyPlan,
  decodeUtf8,
  LogError,
  parseCheckpoint,
  parseNote,
  proofFrom,
  readerOverTiles,
  tilePath,
  tilesFor,
  type VerifierKey,
  verifyConsistency,
  verifyNote,
} from '@countersign/core';
import { readEntryKeys } from '../log/entry-keys.ts';
import { readTile } from '../read/receipt.ts';
import type { Findings } from './report.ts';
import type { LogSource } from './source.ts';

export type Head = {
  readonly note: string;
  readonly checkpoint: Checkpoint;
  readonly witnesses: readonly string[];
};

/** The checkpoint, if it is signed by the log. Undefined with a finding. */
export async function readHead(
  source: LogSource,
  keys: readonly VerifierKey[],
  findings: Findings,
): Promise<Head | undefined> {
  const bytes = await source.read('checkpoint');
  if (bytes === undefined) {
    findings.add('no-checkpoint', `${source.name} has no file "checkpoint"`);
    return undefined;
  }
  return await readNote(decodeUtf8(bytes), keys, findings);
}

export async function readNote(
  note: string,
  [log, ...witnesses]: readonly VerifierKey[],
  findings: Findings,
): Promise<Head | undefined> {
  if (log === undefined) throw new TypeError('the log key is missing');
  const signed = parseNote(note);
  const checkpoint = parseCheckpoint(signed.text);
  const held = await verifyNote(signed, [log, ...witnesses]);
  if (held.status === 'bad-signature') {
    findings.add('checkpoint-bad-signature', `the signature of ${held.key.name} does not hold`);
    return undefined;
  }
  if (held.status === 'unknown-keys' || !held.signatures.some(({ key }) => key === log)) {
    const by = signed.signatures.map(({ name }) => name).join(', ');
    findings.add('checkpoint-not-signed', `signed by ${by}, not by the key of ${log.name} that was given`);
    return undefined;
  }
  if (checkpoint.origin !== log.name) {
    findings.add('wrong-origin', `its first line is ${checkpoint.origin}, the key is of ${log.name}`);
    return undefined;
  }
  return {
    note,
    checkpoint,
    witnesses: held.signatures.flatMap(({ key }) => (key === log ? [] : [key.name])),
  };
}

/** The keys that may sign entries. Empty with a finding. */
export async function readKeys(
  source: LogSource,
  log: VerifierKey,
  findings: Findings,
): Promise<readonly KeyObject[]> {
  const bytes = await source.read('entry-keys');
  if (bytes === undefined) {
    findings.add('entry-keys-not-signed', `${source.name} has no file "entry-keys"`);
    return [];
  }
  try {
    const read = await readEntryKeys(decodeUtf8(bytes), log);
    if (read.status === 'verified') return read.keys;
    findings.add('entry-keys-not-signed', `entry-keys: ${read.status}`);
  } catch (error) {
    findings.add('entry-keys-not-signed', `entry-keys: ${error instanceof Error ? error.message : error}`);
  }
  return [];
}

/** Whether the log continues an earlier checkpoint. The caller has already checked the newer one against the entries. */
export async function checkContinues(
  source: LogSource,
  { older, newer }: { older: Checkpoint; newer: Checkpoint },
  findings: Findings,
): Promise<void> {
  if (older.size > newer.size) {
    findings.add('cut', `you kept a checkpoint of ${older.size} entries, the log now has ${newer.size}`);
    return;
  }
  const forked = (why: string): void =>
    findings.add(
      'forked',
      `the first ${older.size} entries are not those of the checkpoint you kept (${why})`,
    );
  const plan = consistencyPlan(older.size, newer.size);
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesFor(plan, newer.size)) {
    const bytes = await readTile(source.read, tile);
    if (bytes === undefined) return findings.add('missing', tilePath(tile));
    tiles.set(tilePath(tile), bytes);
  }
  try {
    const read = readerOverTiles(newer.size, (tile) => tiles.get(tilePath(tile)) ?? new Uint8Array());
    const claim = {
      from: older.size,
      to: newer.size,
      fromRoot: older.root,
      toRoot: newer.root,
      proof: proofFrom(plan, read),
    };
    if (!verifyConsistency(claim)) forked('no consistency proof');
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    forked(error.message);
  }
}
