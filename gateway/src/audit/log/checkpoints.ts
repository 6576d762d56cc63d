/**
 * The public log: entries in the store become tiles, envelopes and signed checkpoints on disk. Nothing here is the truth,
 * the store is; it must never sign what is not durable, a second root for a size, or a smaller tree (A24).
 */
import type { Store } from '../../store/store.ts';

export type SignedCheckpoint = {
  readonly size: number;
  /** The signed note, verbatim. */
  readonly note: string;
  /** Unix milliseconds. */
  readonly signed_at: number;
};

export const lastCheckpoint = async (store: Store): Promise<SignedCheckpoint | undefined> =>
  (await checkpointsBelow(store, { limit: 1 }))[0];

/** The largest first; with `below`, only smaller ones. */
export async function checkpointsBelow(
  store: Store,
  { limit, below = Number.MAX_SAFE_INTEGER }: { readonly limit: number; readonly below?: number },
): Promise<readonly SignedCheckpoint[]> {
  const rows = await store.read({
    sql: 'SELECT size, note, signed_at FROM checkpoints WHERE size < $1 ORDER BY size DESC LIMIT $2',
    params: [below, limit],
  });
  return rows.map((row) => ({
    size: Number(row['size']),
    note: String(row['note']),
    signed_at: Number(row['signed_at']),
  }));
}

/** Compare-and-set: false when a tree of this size or a larger one was signed, or one at a later time. */
export async function putCheckpoint(
  store: Store,
  { size, note, signed_at }: SignedCheckpoint,
): Promise<boolean> {
  const outcome = await store.commit({
    name: 'checkpoint',
    steps: [
      {
        name: 'not-smaller-nor-earlier',
        sql: `SELECT size FROM checkpoints WHERE size = (SELECT MAX(size) FROM checkpoints)
              AND (size >= $1 OR signed_at > $2)`,
        params: [size, signed_at],
        rows: 0,
      },
      {
        name: 'put',
        sql: 'INSERT INTO checkpoints (size, note, signed_at) VALUES ($1, $2, $3)',
        params: [size, note, signed_at],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}
