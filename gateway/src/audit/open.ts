import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogError, parseCheckpoint, parseNote, type VerifierKey, verifyNote } from '@countersign/core';
import type { Store } from '../store/store.ts';
import type { Sealer } from './audit.ts';
import { type Keys, type LogKey, openKeys } from './keys/keys.ts';
import { lastCheckpoint } from './log/checkpoints.ts';
import { formatEntryKeys } from './log/entry-keys.ts';
import { type LogFiles, openLogFiles } from './log/files.ts';
import { startSequencer } from './log/sequencer.ts';
import { type PublicFile, publicFiles } from './public-files.ts';
import { createLogReader, type LogReader, type Record } from './read/reader.ts';
import { createSealer, createUnsignedSealer } from './sealer.ts';

export type AuditOptions = {
  readonly store: Store;
  readonly data_dir: string;
  /** The log's name on its checkpoints, a schema-less URL: `gate.example.com/log`. */
  readonly origin: string;
  readonly now: () => number;
  /** Opened before the store, which was given the entry key and signs. Without them, they are opened here and entries signed here. */
  readonly keys?: Keys;
  readonly log: { error(fields: object, message: string): void };
};

export type Audit = {
  readonly sealer: Sealer;
  readonly keys: Keys;
  readerFor(parts: { readonly events: { readonly recorded: Record } }): LogReader;
  readonly publicFile: (path: string) => Promise<PublicFile | undefined>;
  /** Not ready while nothing can be stored, or nothing signed: then what is committed is safe, but not yet provable. */
  ready(): Promise<{ readonly ready: true } | { readonly ready: false; readonly why: readonly string[] }>;
  /** Signs and publishes what is committed so far. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

/** The keys in `<data_dir>/keys`, made if missing. @throws Error naming the file and the fix */
export const openAuditKeys = (data_dir: string, origin: string): Keys =>
  openKeys(join(data_dir, 'keys'), origin);

/**
 * Keys in `<data_dir>/keys`, the log's public files in `<data_dir>/log`, the line an auditor keeps in `<data_dir>/log.vkey`.
 * @throws Error naming the file and the fix
 */
export async function openAudit({
  store,
  data_dir,
  origin,
  now,
  log,
  keys: given,
}: AuditOptions): Promise<Audit> {
  const keys = given ?? openAuditKeys(data_dir, origin);
  await assertSameLog(store, keys.log);
  await writeFile(join(data_dir, 'log.vkey'), `${keys.log.vkey}\n`, { mode: 0o644 });
  const files = openLogFiles(join(data_dir, 'log'));
  await assertPublishedHere(store, files, keys.log);
  await files.publish('entry-keys', formatEntryKeys(keys.entry, keys.log));
  const sequencer = await startSequencer({
    store,
    files,
    key: keys.log,
    now,
    onTrouble: (status) => log.error(status, 'the audit log is not being signed'),
  });

  return {
    sealer: given === undefined ? createSealer({ key: keys.entry.current }) : createUnsignedSealer(),
    keys,
    readerFor: ({ events }) =>
      createLogReader({
        store,
        read: files.read,
        log: keys.log.verifier,
        now,
        record: (fact, message) => events.recorded(fact, message),
      }),
    publicFile: publicFiles(files, keys),
    ready: async () => {
      const { state, why = state } = sequencer.status();
      const troubles = [store.trouble(), state === 'running' ? undefined : `audit log: ${why}`];
      const said = troubles.filter((trouble) => trouble !== undefined);
      return said.length === 0 ? { ready: true } : { ready: false, why: said };
    },
    flush: async () => {
      await sequencer.flush();
    },
    close: async () => {
      await sequencer.flush();
      await sequencer.close();
    },
  };
}

/** A log changes neither name nor key: auditors would hold a checkpoint nothing continues. */
async function assertSameLog(store: Store, { verifier }: LogKey): Promise<void> {
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

/**
 * What was published, this store signed. An older copy of it, put back, did not: going on would sign a second history
 * for sizes auditors already hold (A24).
 */
async function assertPublishedHere(store: Store, files: LogFiles, { verifier }: LogKey): Promise<void> {
  const published = await files.read('checkpoint');
  if (published === undefined) return;
  const text = Buffer.from(published).toString('utf8');
  // Not a checkpoint of this log: somebody's edit of a public file. The next pass writes it anew.
  if (!(await isSignedBy(text, verifier))) return;
  const { size } = parseCheckpoint(parseNote(text).text);
  const signed = await store.read({
    sql: 'SELECT 1 FROM checkpoints WHERE size = $1 AND note = $2',
    params: [size, text],
  });
  if (signed.length === 1) return;
  throw new Error(
    `this store did not sign log/checkpoint (${size} entries): it is an older copy, or another store. Put the newest copy back; if it is lost, begin a new log: an empty data folder and another log.origin`,
  );
}

async function isSignedBy(text: string, verifier: VerifierKey): Promise<boolean> {
  try {
    return (await verifyNote(parseNote(text), [verifier])).status === 'verified';
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
}
