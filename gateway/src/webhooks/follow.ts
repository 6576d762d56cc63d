/**
 * Goes through the log behind its back and makes what is to be told, with its place in the log, in one commit: over any
 * crash nothing is left out and nothing is made twice, on any number of gateways. It never makes an agent wait.
 */
import type { Log } from '../events.ts';
import type { Step, Store } from '../store/store.ts';
import type { Endpoint } from './endpoints.ts';
import { gather } from './gather.ts';
import { buryGone } from './rows.ts';

const CHUNK = 128;
const POSITION = 'webhooks_followed';

type Following = {
  readonly store: Store;
  readonly now: () => number;
  readonly log: Log;
  readonly endpoints: () => readonly Endpoint[];
};

/** What is in the log before the first start with this is told to nobody. */
export async function beginFollowing(store: Store): Promise<void> {
  const size = await store.logSize();
  await store.commit({
    name: 'webhooks-begin',
    steps: [
      {
        name: 'begin',
        sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
        params: [POSITION, String(size)],
        rows: 'any',
      },
    ],
    entries: [],
  });
}

/** While nobody is to be told, nothing is followed; who is configured later is told what happens from then on. */
export async function endFollowing(store: Store): Promise<void> {
  if ((await positionAt(store)) === undefined) return;
  const sql = 'DELETE FROM meta WHERE name = $1';
  const steps: readonly Step[] = [{ name: 'end', sql, params: [POSITION], rows: 'any' }];
  await store.commit({ name: 'webhooks-end', steps, entries: [] });
}

/** One chunk. True while there is more. */
export async function followOnce({ store, now, endpoints }: Following): Promise<boolean> {
  const [from, size] = [(await positionAt(store)) ?? 0, await store.logSize()];
  if (from >= size) return false;
  const to = Math.min(size, from + CHUNK);
  const steps = await gather(store, { from, to }, { endpoints: endpoints(), now: now() });
  await store.commit({
    name: 'follow-webhooks',
    steps: [advance(from, to), ...steps, ...(steps.length === 0 ? [] : buryGone)],
    entries: [],
    unhurried: true,
  });
  return to < size;
}

async function positionAt(store: Store): Promise<number | undefined> {
  const [row] = await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [POSITION] });
  return row === undefined ? undefined : Number(row['value']);
}

/** Not from here any more: another gateway did it, and nothing of this chunk happens. */
const advance = (from: number, to: number): Step => ({
  name: 'advance',
  sql: 'UPDATE meta SET value = $3 WHERE name = $1 AND value = $2',
  params: [POSITION, String(from), String(to)],
  rows: 1,
});
