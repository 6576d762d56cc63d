/** What operators look at: how many cards are on their way, and which were given up on until one of them has looked. */
import type { DeadCard } from '@countersign/sdk';
import type { Store } from '../store/store.ts';

export async function deadCards(
  store: Pick<Store, 'read'>,
  { limit, after }: { readonly limit: number; readonly after?: string },
): Promise<readonly DeadCard[]> {
  const rows = await store.read({
    sql: `SELECT id, request_id, channel, place, trouble, attempts, made_at FROM cards
           WHERE state = 'dead' AND id < $1 ORDER BY id DESC LIMIT ${limit}`,
    params: [after ?? '~'],
  });
  return rows.map((row) => ({
    id: String(row['id']),
    request_id: String(row['request_id']),
    channel: String(row['channel']),
    place: String(row['place']),
    trouble: String(row['trouble']),
    attempts: Number(row['attempts']),
    made_at: Number(row['made_at']),
  }));
}

export type Counts = { readonly waiting: number; readonly failing: number; readonly dead: number };

/** What is to be shown later, if at all, is not on its way yet. */
export async function countCards(
  store: Pick<Store, 'read'>,
  now: number,
): Promise<ReadonlyMap<string, Counts>> {
  const rows = await store.read({
    sql: `SELECT channel,
                 SUM(CASE WHEN state = 'live' AND shown < wanted AND (attempts > 0 OR next_at <= $1) THEN 1 ELSE 0 END) AS waiting,
                 SUM(CASE WHEN state = 'live' AND attempts > 0 THEN 1 ELSE 0 END) AS failing,
                 SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead
            FROM cards GROUP BY channel`,
    params: [now],
  });
  return new Map(
    rows.map((row) => [
      String(row['channel']),
      { waiting: Number(row['waiting']), failing: Number(row['failing']), dead: Number(row['dead']) },
    ]),
  );
}

/** An operator has looked: it is tried again, from the newest. */
export async function reviveCard(store: Pick<Store, 'commit'>, id: string, now: number): Promise<boolean> {
  const outcome = await store.commit({
    name: 'revive-card',
    steps: [
      {
        name: 'revive',
        sql: `UPDATE cards SET state = 'live', attempts = 0, failing_since = NULL, trouble = NULL, next_at = $2, wanted = wanted + 1
               WHERE id = $1 AND state = 'dead'`,
        params: [id, now],
        rows: 1,
      },
    ],
    entries: [],
  });
  return outcome.ok;
}
