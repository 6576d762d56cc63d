/** What may be shown of calls, read from their stored text: a little at a time, and never of what somebody erases meanwhile. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import type { Step } from '../store/store.ts';
import type { CallRow } from './row.ts';
import { BODY_CHARACTERS_MAX, bodiesOf, type Glimpse, glimpseOf, glimpseOfNames, inList } from './shown.ts';

/** Main-thread work done at a stretch before others have a turn. */
const STRETCH_MS = 4;

/** Does a little, lets others go on, does a little more. */
export async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    work(item);
    if (performance.now() - began < STRETCH_MS) continue;
    await turn();
    began = performance.now();
  }
}

type Glimpses = {
  readonly glimpses: ReadonlyMap<number, Glimpse>;
  /** Requests whose text was read: none of them may be erased meanwhile. */
  readonly read: readonly string[];
  /** Evaluations whose action was kept. */
  readonly kept: ReadonlySet<string>;
};

export async function glimpsesOf(deps: Deps, fresh: readonly CallRow[]): Promise<Glimpses> {
  const ids = fresh.map(({ id }) => id);
  const held = fresh.flatMap(({ request_id }) => (request_id === null ? [] : [request_id]));
  const [bodies, claims] = await Promise.all([
    bodiesOf(deps.store, ids, BODY_CHARACTERS_MAX),
    claimsOf(deps, held),
  ]);
  const glimpses = new Map<number, Glimpse>();
  await inTurns(fresh, (call) => {
    const body = bodies.get(call.id);
    const claim = claims.get(call.request_id ?? '');
    glimpses.set(
      call.seq,
      body === undefined ? glimpseOfNames(deps, call) : glimpseOf(deps, call, { body, claim }),
    );
  });
  const read = fresh.flatMap(({ id, request_id }) =>
    request_id !== null && (bodies.has(id) || claims.has(request_id)) ? [request_id] : [],
  );
  return { glimpses, read, kept: new Set(bodies.keys()) };
}

async function claimsOf({ store }: Deps, requests: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (requests.length === 0) return new Map();
  const list = inList(requests);
  const rows = await store.read({
    sql: `SELECT request_id, body FROM payloads WHERE kind = 'claim' AND erased_at IS NULL AND request_id ${list.sql}`,
    params: list.params,
  });
  return new Map(rows.map((row) => [String(row['request_id']), String(row['body'])]));
}

/** Somebody may erase a request between its text being read here and its words being stored: then all of this is done again. */
export function notErased(requests: readonly string[]): readonly Step[] {
  if (requests.length === 0) return [];
  const { sql, params } = inList(requests);
  return [
    {
      name: 'erased',
      sql: `SELECT 1 FROM requests WHERE erased_at IS NOT NULL AND id ${sql}`,
      params,
      rows: 0,
    },
  ];
}
