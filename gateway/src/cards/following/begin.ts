/**
 * Where to go on after a start, and what waits by then: each is planned for, whatever the log still has to tell, as a channel
 * may be new, or another place. A page at a time, so that a long inbox keeps neither the start nor new requests waiting.
 */
import type { Step, Store } from '../../store/store.ts';

const NAME = 'cards_followed';

export async function positionOf(store: Pick<Store, 'read'>): Promise<number> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [NAME] });
  return Number(row?.['value'] ?? -1);
}

/** By compare-and-set: of two gateways one goes on from there. */
export const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: 'UPDATE meta SET value = $3 WHERE name = $1 AND value = $2',
  params: [NAME, String(from), String(to)],
  rows: 1,
});

/** So far behind, what waits is looked up instead of read from the log: channels were off, or new. */
const BEHIND_MAX = 20_000;

/** The first time, or after a long while without channels, the log before is skipped and every card shown anew. */
export async function beginAt(store: Pick<Store, 'read' | 'commit' | 'logSize'>): Promise<number> {
  const [at, size] = [await positionOf(store), await store.logSize()];
  if (at >= 0 && size - at <= BEHIND_MAX) return at;
  const set: Step = {
    name: 'begin',
    sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    params: [NAME, String(size)],
    rows: 1,
  };
  const anew: Step = {
    name: 'all-anew',
    sql: "UPDATE cards SET wanted = wanted + 1 WHERE state = 'live'",
    params: [],
    rows: 'any',
  };
  const over: Step = {
    name: 'over',
    sql: "UPDATE cards SET over = 1 WHERE over = 0 AND request_id IN (SELECT id FROM requests WHERE status <> 'pending')",
    params: [],
    rows: 'any',
  };
  await store.commit({ name: 'begin-cards', steps: [set, anew, over], entries: [] });
  return size;
}

const PAGE = 50;

/** The last one of a page. */
type Mark = { readonly at: number; readonly id: string };

/** Requests that wait when it is first asked, and glass nobody has judged: what ends first, first. */
export type Backlog = {
  /** The next of them; none when there are no more. */
  page(): Promise<readonly string[]>;
  /** That page is planned for. */
  done(): void;
};

/** @param until what was opened later is told by the log */
export function openBacklog(store: Pick<Store, 'read'>, until: number): Backlog {
  let glass = true;
  let after: Mark | undefined = { at: -1, id: '' };
  let next: Mark | undefined;
  return {
    async page() {
      if (glass) {
        const open = await store.read({
          sql: "SELECT request_id FROM broken_glass WHERE status = 'open' ORDER BY broken_at, id",
          params: [],
        });
        if (open.length > 0) return open.map((row) => String(row['request_id']));
        glass = false;
      }
      if (after === undefined) return [];
      const rows = await store.read({
        sql: `SELECT id, expires_at FROM requests WHERE status = 'pending' AND opened_at <= $3 AND (expires_at > $1 OR (expires_at = $1 AND id > $2))
               ORDER BY expires_at, id LIMIT ${PAGE}`,
        params: [after.at, after.id, until],
      });
      const last = rows.at(-1);
      next = last === undefined ? undefined : { at: Number(last['expires_at']), id: String(last['id']) };
      if (last === undefined) after = undefined;
      return rows.map((row) => String(row['id']));
    },
    done() {
      if (glass) glass = false;
      else after = next;
    },
  };
}
