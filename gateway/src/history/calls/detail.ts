/** One call in full: what was asked and what came back, as far as either was kept, secrets out (I7). */

import { type Json, parseJson } from '@countersign/core';
import type { CallAction, CallAnswer, CallDetail, CallEntry } from '@countersign/sdk';
import type { Deps } from '../../deps.ts';
import type { Row, Store } from '../../store/store.ts';
import { CALL_COLUMNS, type CallRow, readCall } from '../row.ts';
import { inList, shownOf } from '../shown.ts';
import { callOf } from './list.ts';

/** More entries than this are looked up in the log itself. */
const ENTRIES_MAX = 200;

export async function showCall(
  deps: Deps,
  id: string,
  viewer: string,
): Promise<Omit<CallDetail, 'followed'> | undefined> {
  const sql = `SELECT ${CALL_COLUMNS} FROM calls c WHERE c.id = $1`;
  const [row] = await deps.store.read({ sql, params: [id] });
  if (row === undefined) return undefined;
  const call = readCall(row);
  const [[parts], entries] = await Promise.all([
    partsOf(deps, [call], { viewer, characters_max: Number.MAX_SAFE_INTEGER }),
    entriesOf(deps.store, call),
  ]);
  return { ...callOf(call), ...(parts ?? NOTHING), entries };
}

export type Parts = { readonly asked: CallAction; readonly answer: CallAnswer };
const NOTHING: Parts = { asked: { kind: 'not_kept' }, answer: { kind: 'not_kept' } };

type Showing = { readonly viewer: string; readonly characters_max: number };

/** What was asked and answered, call by call. One after the other: each may be large. */
export async function partsOf(
  deps: Deps,
  calls: readonly CallRow[],
  showing: Showing,
): Promise<readonly Parts[]> {
  const [asked, answered] = await Promise.all([
    stored(deps.store, ASKED, { ...showing, ids: calls.map(({ id }) => id) }),
    stored(deps.store, ANSWERED, {
      ...showing,
      ids: calls.flatMap(({ execution_id }) => execution_id ?? []),
    }),
  ]);
  const parts: Parts[] = [];
  for (const call of calls) {
    const { viewer } = showing;
    parts.push({
      asked: await actionOf(deps, asked.get(call.id), viewer),
      answer: await answerOf(deps, call, { kept: answered.get(call.execution_id ?? ''), viewer }),
    });
  }
  return parts;
}

type Kept = { readonly kind: 'kept'; readonly body: string } | { readonly kind: 'large' | 'erased' };

const ASKED = 'SELECT p.id AS id, p.body AS body, p.erased_at AS erased_at FROM payloads p WHERE p.id';
const ANSWERED =
  'SELECT e.id AS id, p.body AS body, p.erased_at AS erased_at FROM executions e JOIN payloads p ON p.id = e.result_payload_id WHERE e.id';

type Wanting = Showing & { readonly ids: readonly string[] };

async function stored(
  store: Store,
  select: string,
  { ids, characters_max }: Wanting,
): Promise<ReadonlyMap<string, Kept>> {
  if (ids.length === 0) return new Map();
  const list = inList(ids, 1);
  const sql = select.replace('p.body AS', 'CASE WHEN LENGTH(p.body) <= $1 THEN p.body END AS');
  const rows = await store.read({ sql: `${sql} ${list.sql}`, params: [characters_max, ...list.params] });
  return new Map(rows.map((row) => [String(row['id']), keptOf(row)]));
}

function keptOf({ body, erased_at }: Row): Kept {
  if (erased_at !== null) return { kind: 'erased' };
  return typeof body === 'string' ? { kind: 'kept', body } : { kind: 'large' };
}

async function actionOf(deps: Deps, kept: Kept | undefined, viewer: string): Promise<CallAction> {
  if (kept === undefined) return { kind: 'not_kept' };
  if (kept.kind !== 'kept') return { kind: kept.kind };
  return { kind: 'kept', ...(await shownOf(deps, kept.body, viewer)) };
}

type Answering = { readonly kept: Kept | undefined; readonly viewer: string };

async function answerOf(deps: Deps, call: CallRow, { kept, viewer }: Answering): Promise<CallAnswer> {
  if (kept === undefined) {
    const answered = call.outcome === 'succeeded' || call.outcome === 'failed';
    return { kind: answered ? 'not_kept' : 'none' };
  }
  if (kept.kind !== 'kept') return { kind: kept.kind };
  // It was masked when it was kept; what is known to be a secret since then goes too.
  const { value } = await deps.masking.maskApart(parseJson(kept.body) as Json, [], viewer);
  return { kind: 'kept', shown: value };
}

const ENTRY = 'SELECT event_id, kind, occurred_at, leaf_index FROM entries';

async function entriesOf(
  store: Store,
  { seq, request_id, execution_id, ended_at }: CallRow,
): Promise<readonly CallEntry[]> {
  const rows = await store.read(
    request_id !== null
      ? {
          sql: `${ENTRY} WHERE request_id = $1 ORDER BY leaf_index LIMIT ${ENTRIES_MAX}`,
          params: [request_id],
        }
      : {
          // The end stands somewhere after the start; when it was is known, and times are indexed.
          sql: `${ENTRY} WHERE leaf_index = $1 UNION ALL ${ENTRY} WHERE occurred_at = $2 AND execution_id = $3 AND leaf_index > $1`,
          params: [seq, ended_at, execution_id],
        },
  );
  return rows.map((row) => ({
    event_id: String(row['event_id']),
    kind: String(row['kind']),
    at: Number(row['occurred_at']),
    leaf_index: Number(row['leaf_index']),
  }));
}
