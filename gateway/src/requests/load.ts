/** Reads one request by id. */
import type { Store } from '../store/store.ts';
import { REQUEST_COLUMNS, readRequest, type StoredRequest } from './views/row.ts';

export async function loadRequest(store: Store, id: string): Promise<StoredRequest | undefined> {
  const [row] = await store.read({
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE id = $1`,
    params: [id],
  });
  return row === undefined ? undefined : readRequest(row);
}
