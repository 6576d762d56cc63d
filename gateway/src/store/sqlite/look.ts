/**
 * A look at a store from beside it, whether a gateway has it open or none does. It changes nothing, and leaves no file
 * behind that the gateway's own user could not open.
 */
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { MIGRATIONS } from '../schema/migrations.ts';
import type { Row, Store } from '../store.ts';
import { messageOf } from './failures.ts';
import { bind, statementCache } from './statements.ts';

export type Looked<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'no-store' }
  /** Why not, in words that follow the file's name. A gateway of this build might open it, or not. */
  | { readonly kind: 'not-seen'; readonly why: string }
  /** A newer build made it: no gateway of this build opens it. */
  | { readonly kind: 'newer'; readonly why: string };

/** What `look` makes of the store in this file. */
export async function lookAtStore<T>(
  file: string,
  look: (store: Pick<Store, 'read'>) => Promise<T>,
): Promise<Looked<T>> {
  let db: DatabaseSync | undefined;
  try {
    // What may not be looked for throws: that is no answer.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return { kind: 'no-store' };
    db = open(file);
    return otherVersion(db) ?? { kind: 'seen', value: await look(readerOf(db)) };
  } catch (error) {
    return { kind: 'not-seen', why: messageOf(error) };
  } finally {
    db?.close();
  }
}

/** Without a write-ahead log nobody has it open, and SQLite would make one to look: told that nothing changes, it does not. */
function open(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  if (!existsSync(`${file}-wal`)) url.search = 'immutable=1';
  return new DatabaseSync(url, { readOnly: true, timeout: 5000, allowExtension: false });
}

function otherVersion(db: DatabaseSync): Exclude<Looked<never>, { kind: 'seen' }> | undefined {
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  const version = Number(
    db.prepare('SELECT MAX(version) AS version FROM migrations').get()?.['version'] ?? 0,
  );
  if (version === known) return undefined;
  return version < known
    ? { kind: 'not-seen', why: `it is at version ${version}; the next start brings it to ${known}` }
    : {
        kind: 'newer',
        why: `it is at version ${version}, this build knows up to ${known}: run the newer build`,
      };
}

function readerOf(db: DatabaseSync): Pick<Store, 'read'> {
  const statements = statementCache(db);
  return {
    read: <R extends Row>({ sql, params }: Parameters<Store['read']>[0]) => {
      const prepared = statements(sql);
      return Promise.resolve(prepared.statement.all(...bind(prepared, params)) as unknown as readonly R[]);
    },
  };
}
