/**
 * What waits to be told, to whom, and what could not be: rows of names and times. What is told is made from the log when
 * it is sent, so nothing of an action is kept here and erasing one needs no look in here.
 */
import type { Leased } from '../limits/leases.ts';
import type { Row, Step, Store } from '../store/store.ts';

/** `webhook:<id>`, or `callback:<agent>`. */
export type EndpointName = string;

export type Delivery = {
  readonly endpoint: EndpointName;
  readonly leaf_index: number;
  readonly subject: string;
  readonly type: string;
  readonly event_id: string;
  readonly attempts: number;
  readonly made_at: number;
};

/** Dead letters kept, over all places: the newest. */
const DEAD_MAX = 100_000;

export const makeDelivery = (made: Omit<Delivery, 'attempts'>): Step => ({
  name: 'make-delivery',
  sql: `INSERT INTO webhook_deliveries
          (endpoint, leaf_index, subject, type, event_id, made_at, next_at, attempts, leased_until, state, trouble)
        VALUES ($1, $2, $3, $4, $5, $6, $6, 0, 0, 'waiting', NULL)
        ON CONFLICT (endpoint, leaf_index) DO NOTHING`,
  params: [made.endpoint, made.leaf_index, made.subject, made.type, made.event_id, made.made_at],
  rows: 'any',
});

const COLUMNS = 'd.endpoint, d.leaf_index, d.subject, d.type, d.event_id, d.attempts, d.made_at';

/** The oldest of each subject that may be sent now: what came after it waits for it. */
export async function dueOf(
  store: Store,
  { endpoint, now, most }: { readonly endpoint: EndpointName; readonly now: number; readonly most: number },
): Promise<readonly Delivery[]> {
  const rows = await store.read({
    sql: `SELECT ${COLUMNS} FROM webhook_deliveries d
           WHERE d.endpoint = $1 AND d.state = 'waiting' AND d.next_at <= $2 AND d.leased_until = 0
             AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.endpoint = d.endpoint AND e.subject = d.subject
                              AND e.state = 'waiting' AND e.leaf_index < d.leaf_index)
           ORDER BY d.leaf_index LIMIT $3`,
    params: [endpoint, now, most],
  });
  return rows.map(readDelivery);
}

export const readDelivery = (row: Row): Delivery => ({
  endpoint: String(row['endpoint']),
  leaf_index: Number(row['leaf_index']),
  subject: String(row['subject']),
  type: String(row['type']),
  event_id: String(row['event_id']),
  attempts: Number(row['attempts']),
  made_at: Number(row['made_at']),
});

/** When there is next something to do, over all endpoints, that nobody has taken. */
export async function nextAt(store: Store): Promise<number | undefined> {
  const sql =
    "SELECT MIN(next_at) AS at FROM webhook_deliveries WHERE state = 'waiting' AND leased_until = 0";
  const [row] = await store.read({ sql, params: [] });
  return row?.['at'] === null || row?.['at'] === undefined ? undefined : Number(row['at']);
}

type Of = Pick<Delivery, 'endpoint' | 'leaf_index'>;

/**
 * Whoever takes it sends it; another gateway on the same store finds it taken (compare-and-set). `mark` tells this time from
 * another: it looks like a time and is compared with no clock.
 */
export const lease = (of: Of, mark: number): Step => ({
  name: 'lease',
  sql: "UPDATE webhook_deliveries SET leased_until = $3 WHERE endpoint = $1 AND leaf_index = $2 AND state = 'waiting' AND leased_until = 0",
  params: [of.endpoint, of.leaf_index, mark],
  rows: 1,
});

export type Taken = Leased & Of;
/** Far more than all gateways together have on their way. */
const TAKEN_MAX = 1_000;

export async function takenOf(store: Store): Promise<readonly Taken[]> {
  const rows = await store.read({
    sql: `SELECT endpoint, leaf_index, leased_until FROM webhook_deliveries WHERE state = 'waiting' AND leased_until <> 0
           ORDER BY leaf_index, endpoint LIMIT ${TAKEN_MAX}`,
    params: [],
  });
  return rows.map((row) => ({
    id: `${String(row['leaf_index'])} ${String(row['endpoint'])}`,
    mark: String(row['leased_until']),
    endpoint: String(row['endpoint']),
    leaf_index: Number(row['leaf_index']),
  }));
}

/** Nobody has it any more, unless somebody took it again meanwhile. */
export const letGo = ({ endpoint, leaf_index, mark }: Taken): Step => ({
  name: 'let-go',
  sql: 'UPDATE webhook_deliveries SET leased_until = 0 WHERE endpoint = $1 AND leaf_index = $2 AND leased_until = $3',
  params: [endpoint, leaf_index, Number(mark)],
  rows: 'any',
});

export const delivered = (of: Of, now: number): readonly Step[] => [
  {
    name: 'delivered',
    sql: 'DELETE FROM webhook_deliveries WHERE endpoint = $1 AND leaf_index = $2',
    params: [of.endpoint, of.leaf_index],
    rows: 'any',
  },
  {
    name: 'works',
    sql: `INSERT INTO webhook_endpoints (endpoint, delivered, last_delivered_at, failing_since, trouble, gone_at) VALUES ($1, 1, $2, NULL, NULL, NULL)
          ON CONFLICT (endpoint) DO UPDATE SET delivered = webhook_endpoints.delivered + 1, last_delivered_at = excluded.last_delivered_at, failing_since = NULL, trouble = NULL, gone_at = NULL`,
    params: [of.endpoint, now],
    rows: 'any',
  },
];

export const failed = (
  of: Of,
  {
    now,
    next_at,
    trouble,
    mark,
  }: {
    readonly now: number;
    readonly next_at: number | undefined;
    readonly trouble: string;
    /** Of the lease it was sent under: what somebody else has by now is theirs to count. */
    readonly mark: number;
  },
): readonly Step[] => [
  {
    name: 'failed',
    sql: `UPDATE webhook_deliveries SET attempts = attempts + 1, leased_until = 0, trouble = $3,
            next_at = $4, state = $5 WHERE endpoint = $1 AND leaf_index = $2 AND state = 'waiting' AND leased_until = $6`,
    params: [
      of.endpoint,
      of.leaf_index,
      trouble,
      next_at ?? now,
      next_at === undefined ? 'dead' : 'waiting',
      mark,
    ],
    rows: 'any',
  },
  {
    name: 'fails',
    sql: `INSERT INTO webhook_endpoints (endpoint, delivered, last_delivered_at, failing_since, trouble, gone_at) VALUES ($1, 0, NULL, $2, $3, NULL)
          ON CONFLICT (endpoint) DO UPDATE SET failing_since = COALESCE(webhook_endpoints.failing_since, excluded.failing_since), trouble = excluded.trouble`,
    params: [of.endpoint, now, trouble],
    rows: 'any',
  },
];

/** It said that it is gone (410): what waits for it is dead, and so is what comes, until somebody replays. */
export const gone = (endpoint: EndpointName, now: number): readonly Step[] => [
  {
    name: 'gone',
    sql: 'UPDATE webhook_endpoints SET gone_at = $2 WHERE endpoint = $1',
    params: [endpoint, now],
    rows: 'any',
  },
  ...buryGone,
];

/** What was made for an endpoint after it was gone. */
export const buryGone: readonly Step[] = [
  {
    name: 'bury',
    sql: `UPDATE webhook_deliveries SET state = 'dead', leased_until = 0, trouble = 'answered 410: gone'
           WHERE state = 'waiting' AND endpoint IN (SELECT endpoint FROM webhook_endpoints WHERE gone_at IS NOT NULL)`,
    params: [],
    rows: 'any',
  },
];

export const revive = (
  endpoint: EndpointName,
  { now, leaf_index }: { readonly now: number; readonly leaf_index?: number | undefined },
): readonly Step[] => [
  {
    name: 'back',
    sql: 'UPDATE webhook_endpoints SET gone_at = NULL WHERE endpoint = $1',
    params: [endpoint],
    rows: 'any',
  },
  {
    name: 'revive',
    sql: `UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, leased_until = 0, next_at = $2
           WHERE endpoint = $1 AND state = 'dead' AND ($3 < 0 OR leaf_index = $3)`,
    params: [endpoint, now, leaf_index ?? -1],
    rows: 'any',
  },
];

/** It takes notices again after it took none for a while: what waits need not wait for its hour. */
export const recall = (endpoint: EndpointName, now: number): Step => ({
  name: 'recall',
  sql: "UPDATE webhook_deliveries SET next_at = $2 WHERE endpoint = $1 AND state = 'waiting' AND next_at > $2",
  params: [endpoint, now],
  rows: 'any',
});

/** Something waits, is dead, or may be called back. */
export async function haveNotices(store: Store): Promise<boolean> {
  const sql =
    'SELECT 1 WHERE EXISTS (SELECT 1 FROM webhook_deliveries) OR EXISTS (SELECT 1 FROM webhook_callbacks)';
  return (await store.read({ sql, params: [] })).length > 0;
}

const DEAD_KEPT_MS = 30 * 24 * 3_600_000;

/** Dead letters are kept so long, and the entries they speak of stay in the log. */
export async function forgetOldNotices(store: Store, now: number): Promise<void> {
  const steps = forgetOld(now - DEAD_KEPT_MS);
  await store.commit({ name: 'forget-notices', steps, entries: [], unhurried: true });
}

const forgetOld = (before: number): readonly Step[] => [
  {
    name: 'forget-dead',
    sql: "DELETE FROM webhook_deliveries WHERE state = 'dead' AND made_at < $1",
    params: [before],
    rows: 'any',
  },
  {
    name: 'forget-more',
    sql: `DELETE FROM webhook_deliveries WHERE state = 'dead' AND leaf_index <=
            (SELECT leaf_index FROM webhook_deliveries WHERE state = 'dead' ORDER BY leaf_index DESC LIMIT 1 OFFSET ${DEAD_MAX})`,
    params: [],
    rows: 'any',
  },
  {
    name: 'forget-callbacks',
    sql: `DELETE FROM webhook_callbacks WHERE made_at < $1 AND NOT EXISTS
            (SELECT 1 FROM requests r WHERE r.id = webhook_callbacks.request_id AND r.status = 'pending')`,
    params: [before],
    rows: 'any',
  },
];
