import type { Store } from '../../store/store.ts';

/** When the newest entry was made, in Unix milliseconds: time has come at least that far (A20). 0 for a log without entries. */
export async function lastCommitted(store: Store): Promise<number> {
  const [row] = await store.read({ sql: 'SELECT MAX(occurred_at) AS at FROM entries', params: [] });
  return Number(row?.['at'] ?? 0);
}
