/**
 * What another gateway on this store decided, told to who waits for it here: a hint like any other on the bus, for whoever
 * waits looks in the store. Looked for while somebody waits, where others have the store too.
 */
import type { RequestChange } from '@countersign/sdk';
import type { Deps } from '../deps.ts';

const AT_A_TIME = 500;

export async function tellElsewhere({ store, bus }: Pick<Deps, 'store' | 'bus'>): Promise<void> {
  const awaited = bus.awaited();
  for (let from = 0; from < awaited.length; from += AT_A_TIME) {
    const ids = awaited.slice(from, from + AT_A_TIME);
    const rows = await store.read({
      sql: `SELECT id, status, resolved_at FROM requests WHERE status <> 'pending' AND id IN (${ids.map((_, at) => `$${at + 1}`).join(', ')})`,
      params: ids,
    });
    for (const row of rows)
      bus.publish({
        request_id: String(row['id']),
        status: String(row['status']) as RequestChange['status'],
        at: Number(row['resolved_at']),
      });
  }
}
