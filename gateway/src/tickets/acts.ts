/**
 * What ticket systems did, a row each: what limits by the hour are counted by, on any number of nodes and over any restart,
 * and what their comments are read from.
 */
import type { Step, Store } from '../store/store.ts';
import { readSaid, type Said } from './said.ts';

/** `late`: a refusal that came when the request was over. `over`: one of many that were too many; said once an hour. */
export type ActKind = 'comment' | 'denial' | 'late' | 'relay' | 'over';

export type Act = {
  readonly id: string;
  readonly system: string;
  readonly kind: ActKind;
  readonly request_id?: string;
  readonly payload_id?: string;
  readonly event_id?: string;
  readonly at: number;
};

export const HOUR_MS = 3_600_000;

export const insertAct = ({ id, system, kind, request_id, payload_id, event_id, at }: Act): Step => ({
  name: 'act',
  sql: 'INSERT INTO ticket_acts (id, system, kind, request_id, payload_id, event_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
  params: [id, system, kind, request_id ?? null, payload_id ?? null, event_id ?? null, at],
  rows: 1,
});

/** What was handed out and asked over it: digests that could be tried against guesses of what is erased (I7). */
export const forgetTickets = (request_id: string): readonly Step[] =>
  (['ticket_shown', 'ticket_challenges'] as const).map((table) => ({
    name: `forget-${table}`,
    sql: `DELETE FROM ${table} WHERE request_id = $1`,
    params: [request_id],
    rows: 'any' as const,
  }));

/** Questions count for an hour; that one was asked is nothing anybody reads. */
export const dropOldAsks = (system: string, now: number): Step => ({
  name: 'drop-old-asks',
  sql: "DELETE FROM ticket_acts WHERE system = $1 AND kind = 'relay' AND event_id IS NULL AND at <= $2",
  params: [system, now - HOUR_MS],
  rows: 'any',
});

/** So many of these kinds, by one system, within an hour. */
export type Bound = { readonly system: string; readonly kinds: readonly ActKind[]; readonly most: number };

const anyOf = (kinds: readonly ActKind[]): string => kinds.map((kind) => `'${kind}'`).join(', ');

/** Holds while the system did fewer than `most` of these within the hour. */
export const withinHour = ({ system, kinds, most }: Bound, now: number): Step => ({
  name: 'within-hour',
  sql: `SELECT 1 FROM (SELECT COUNT(*) AS n FROM ticket_acts WHERE system = $1 AND at > $2 AND kind IN (${anyOf(kinds)})) AS done WHERE n < $3`,
  params: [system, now - HOUR_MS, most],
  rows: 1,
});

/** Seconds until the oldest that counts no longer does. */
export async function waitOf(store: Store, { system, kinds, most }: Bound, now: number): Promise<number> {
  const [row] = await store.read({
    sql: `SELECT at FROM ticket_acts WHERE system = $1 AND at > $2 AND kind IN (${anyOf(kinds)}) ORDER BY at DESC LIMIT 1 OFFSET $3`,
    params: [system, now - HOUR_MS, most - 1],
  });
  const until = Number(row?.['at'] ?? now) + HOUR_MS;
  return Math.max(1, Math.ceil((until - now) / 1000));
}

/** Holds while a request has fewer comments than it may have (I15). */
export const roomForComment = (request_id: string, most: number): Step => ({
  name: 'room',
  sql: "SELECT 1 FROM (SELECT COUNT(*) AS n FROM ticket_acts WHERE request_id = $1 AND kind = 'comment') AS held WHERE n < $2",
  params: [request_id, most],
  rows: 1,
});

export type Told = {
  readonly system: string;
  readonly kind: ActKind;
  readonly at: number;
  readonly event_id: string;
};
/** `said`: undefined once it was erased. */
export type ToldSaid = Told & { readonly said: Said | undefined };

const SHOWN_MAX = 200;

/** What was done with one request, oldest first. What was not taken crowds out nothing that was (A19). */
export async function actsOf(store: Store, request_id: string): Promise<readonly ToldSaid[]> {
  const rows = await store.read({
    sql: `SELECT a.system AS system, a.kind AS kind, a.at AS at, a.event_id AS event_id, p.body AS body
            FROM ticket_acts a LEFT JOIN payloads p ON p.id = a.payload_id AND p.erased_at IS NULL
           WHERE a.request_id = $1 AND a.event_id IS NOT NULL
           ORDER BY CASE WHEN a.kind IN ('comment', 'denial') THEN 0 ELSE 1 END, a.at, a.id LIMIT ${SHOWN_MAX}`,
    params: [request_id],
  });
  const acts = rows.map((row) => ({
    system: String(row['system']),
    kind: String(row['kind']) as ActKind,
    at: Number(row['at']),
    event_id: String(row['event_id']),
    said: row['body'] === null ? undefined : readSaid(String(row['body'])),
  }));
  return acts.toSorted((a, b) => a.at - b.at);
}
