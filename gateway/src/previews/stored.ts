/** Previews as rows: which there were of a request, and how each ended. What was read stands in its payload. */
import type { PreviewBody } from '@countersign/sdk';
import { readPayload } from '../payloads.ts';
import type { Row, Step, Store } from '../store/store.ts';

/** Of one request, the gateway's own included: somebody who keeps asking must not keep the upstream busy (I15). */
export const ROUNDS_MAX = 10;

export type StoredPreview = {
  readonly id: string;
  readonly round: number;
  readonly asked_by: string | undefined;
  readonly tool: string;
  readonly status: 'started' | 'shown' | 'failed' | 'unknown';
  readonly why: string | undefined;
  readonly payload_id: string | undefined;
  readonly started_at: number;
  readonly ended_at: number | undefined;
};

/** What is kept of one, in its payload: what is blanked in it is blanked for good. */
export type KeptPreview = {
  readonly dry_run: boolean;
  readonly shown?: PreviewBody & {
    readonly hidden: number;
    readonly labels: readonly string[];
    readonly hidden_differs: boolean;
  };
  /** What the upstream said instead. */
  readonly said?: string;
};

const text = (value: Row[string]): string | undefined => (value === null ? undefined : String(value));

const readPreview = (row: Row): StoredPreview => ({
  id: String(row['id']),
  round: Number(row['round']),
  asked_by: text(row['asked_by'] ?? null),
  tool: String(row['tool']),
  status: String(row['status']) as StoredPreview['status'],
  why: text(row['why'] ?? null),
  payload_id: text(row['payload_id'] ?? null),
  started_at: Number(row['started_at']),
  ended_at: row['ended_at'] === null ? undefined : Number(row['ended_at']),
});

const COLUMNS = 'id, round, asked_by, tool, status, why, payload_id, started_at, ended_at';

/** Of a request, the newest first. */
export async function previewsOf(store: Store, request_id: string): Promise<readonly StoredPreview[]> {
  const rows = await store.read({
    sql: `SELECT ${COLUMNS} FROM previews WHERE request_id = $1 ORDER BY round DESC`,
    params: [request_id],
  });
  return rows.map(readPreview);
}

/** The newest that showed something; what an answer may say it looked at. */
export async function newestShown(store: Store, request_id: string): Promise<string | undefined> {
  const [row] = await store.read({
    sql: "SELECT id FROM previews WHERE request_id = $1 AND status = 'shown' ORDER BY round DESC LIMIT 1",
    params: [request_id],
  });
  return row === undefined ? undefined : String(row['id']);
}

/** Somebody may have looked at it before they answered. */
export async function wasShown(store: Store, request_id: string, id: string): Promise<boolean> {
  const sql = "SELECT 1 FROM previews WHERE request_id = $1 AND id = $2 AND status = 'shown'";
  return (await store.read({ sql, params: [request_id, id] })).length > 0;
}

/** Undefined when there is none, or it was erased. */
export async function keptOf(store: Store, { payload_id }: StoredPreview): Promise<KeptPreview | undefined> {
  const payload = payload_id === undefined ? undefined : await readPayload(store, payload_id);
  return payload === undefined ? undefined : (JSON.parse(payload.body) as KeptPreview);
}

export type NewPreview = {
  readonly id: string;
  readonly request_id: string;
  readonly round: number;
  readonly asked_by: string | undefined;
  readonly tool: string;
  readonly now: number;
  readonly started_event: string;
};

/** The round is taken once, by whoever commits first: two processes make one preview. */
export const insertPreview = (preview: NewPreview): Step => ({
  name: 'preview',
  sql: `INSERT INTO previews (id, request_id, round, asked_by, tool, status, why, payload_id, started_at, ended_at, started_event, ended_event)
        VALUES ($1, $2, $3, $4, $5, 'started', NULL, NULL, $6, NULL, $7, NULL) ON CONFLICT DO NOTHING`,
  params: [
    preview.id,
    preview.request_id,
    preview.round,
    preview.asked_by ?? null,
    preview.tool,
    preview.now,
    preview.started_event,
  ],
  rows: 1,
});

export type EndedPreview = {
  readonly id: string;
  readonly status: 'shown' | 'failed' | 'unknown';
  readonly why?: string;
  readonly payload_id?: string;
  readonly now: number;
  readonly ended_event: string;
};

export const endPreview = ({ id, status, why, payload_id, now, ended_event }: EndedPreview): Step => ({
  name: 'end',
  sql: "UPDATE previews SET status = $2, why = $3, payload_id = $4, ended_at = $5, ended_event = $6 WHERE id = $1 AND status = 'started'",
  params: [id, status, why ?? null, payload_id ?? null, now, ended_event],
  rows: 1,
});
