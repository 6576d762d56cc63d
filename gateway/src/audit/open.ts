import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import type { Sealer } from './audit.ts';
import { assertPublishedHere, assertSameLog, publishedOf } from './continuity.ts';
import { type Keys, openKeys } from './keys/keys.ts';
import { formatEntryKeys } from './log/entry-keys.ts';
import { openLogFiles } from './log/files.ts';
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
  /** Somebody said that this store is the newest there is: its log's files are lost, and written anew. */
  readonly rebuild?: boolean;
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
  rebuild = false,
}: AuditOptions): Promise<Audit> {
  const keys = given ?? openAuditKeys(data_dir, origin);
  await assertSameLog(store, keys.log);
  await writeFile(join(data_dir, 'log.vkey'), `${keys.log.vkey}\n`, { mode: 0o644 });
  const files = openLogFiles(join(data_dir, 'log'));
  if (!rebuild) assertPublishedHere(await publishedOf(store, files, keys.log));
  const entryKeys = formatEntryKeys(keys.entry, keys.log);
  await files.publish('entry-keys', entryKeys);
  const sequencer = await startSequencer({
    store,
    files: {
      ...files,
      publish: async (name, text) => {
        // No entry is checked without them: taken away while we run, they are back before the next checkpoint is.
        if ((await files.read('entry-keys')) === undefined) await files.publish('entry-keys', entryKeys);
        await files.publish(name, text);
      },
    },
    key: keys.log,
    now,
    anew: rebuild,
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
