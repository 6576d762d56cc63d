/** What one chunk of the log makes to be told, and to whom. Reads; writes nothing. */
import type { JsonObject } from '@countersign/core';
import { predicateOf } from '../history/told.ts';
import type { Row, Step, Store } from '../store/store.ts';
import { callbacksOn, forgetCallback } from './callbacks.ts';
import type { Endpoint } from './endpoints.ts';
import { lineOf, TELLING, type Told, typeOf } from './event.ts';
import { makeDelivery } from './rows.ts';

type Span = { readonly from: number; readonly to: number };

export const ENTRY_COLUMNS =
  'leaf_index, event_id, kind, occurred_at, envelope, request_id, execution_id, agent, reviewer, upstream, action, resource';

const KINDS = TELLING.map((kind) => `'${kind}'`).join(', ');

export async function gather(
  store: Store,
  span: Span,
  { endpoints, now }: { readonly endpoints: readonly Endpoint[]; readonly now: number },
): Promise<readonly Step[]> {
  // With nobody to tell, an entry is read only for what may have a callback.
  const kinds = endpoints.length === 0 ? "'resolution'" : KINDS;
  const rows = await store.read({
    sql: `SELECT ${ENTRY_COLUMNS} FROM entries WHERE leaf_index >= $1 AND leaf_index < $2 AND kind IN (${kinds}) ORDER BY leaf_index`,
    params: [span.from, span.to],
  });
  const told = rows.flatMap((row) => readTold(row) ?? []);
  const made = told.flatMap((each) => {
    const type = typeOf(each);
    if (type === undefined) return [];
    return endpoints
      .filter((endpoint) => endpoint.wants(type, each))
      .map(({ name }) => deliveryOf(each, { endpoint: name, type, now }));
  });
  const called = (await callbacksOn(store, told)).map(({ agent, told: each, wanted }) =>
    wanted
      ? deliveryOf(each, { endpoint: `callback:${agent}`, type: 'callback', now })
      : forgetCallback(each.request_id ?? ''),
  );
  return [...made, ...called];
}

const deliveryOf = (
  told: Told,
  { endpoint, type, now }: { readonly endpoint: string; readonly type: string; readonly now: number },
): Step =>
  makeDelivery({
    endpoint,
    type,
    leaf_index: told.leaf_index,
    subject: lineOf(told),
    event_id: told.event_id,
    made_at: now,
  });

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Rows are ours: nothing here verifies them, that is what verifying the log is for. */
export function readTold(row: Row): Told | undefined {
  const predicate: JsonObject | undefined = predicateOf(String(row['envelope']));
  if (predicate === undefined) return undefined;
  return {
    leaf_index: Number(row['leaf_index']),
    event_id: String(row['event_id']),
    kind: String(row['kind']),
    occurred_at: Number(row['occurred_at']),
    request_id: text(row['request_id']),
    execution_id: text(row['execution_id']),
    agent: text(row['agent']),
    reviewer: text(row['reviewer']),
    upstream: text(row['upstream']),
    action: text(row['action']),
    resource: text(row['resource']),
    predicate,
  };
}

export async function toldAt(store: Store, leaf_index: number): Promise<Told | undefined> {
  const sql = `SELECT ${ENTRY_COLUMNS} FROM entries WHERE leaf_index = $1`;
  const [row] = await store.read({ sql, params: [leaf_index] });
  return row === undefined ? undefined : readTold(row);
}
