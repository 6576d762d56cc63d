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

export async function lastCheckpoint(store: Store): Promise<SignedCheckpoint | undefined> {
  const [row] = await store.read({
    sql: 'SELECT size, note, signed_at FROM checkpoints ORDER BY size DESC LIMIT 1',
    params: [],
  });
  if (row === undefined) return undefined;
  return { size: Number(row['size']), note: String(row['note']), signed_at: Number(row['signed_at']) };
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
