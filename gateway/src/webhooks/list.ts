/** How it stands with every place that is told: what waits, what is dead, since when it fails. A URL’s path may be a secret: only its host is shown. */
import type { WebhookDead, WebhookEndpoint } from '@countersign/sdk';
import type { Row, Store } from '../store/store.ts';
import type { Told as Configured } from './endpoints.ts';

const DEAD_SHOWN = 500;

type Listing = { readonly store: Store; readonly config: () => Configured };

export async function list({ store, config }: Listing): Promise<readonly WebhookEndpoint[]> {
  const [counts, states] = await Promise.all([
    store.read({
      sql: `SELECT endpoint, SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead,
              MIN(CASE WHEN state = 'waiting' THEN made_at END) AS oldest FROM webhook_deliveries GROUP BY endpoint`,
      params: [],
    }),
    store.read({ sql: 'SELECT * FROM webhook_endpoints', params: [] }),
  ]);
  const byName = (rows: readonly Row[]) => new Map(rows.map((row) => [String(row['endpoint']), row]));
  const [counted, stood] = [byName(counts), byName(states)];
  const { webhooks, callbacks } = config();
  const configured = new Map<string, Configuration>([
    ...Object.entries(webhooks).map(
      ([id, { url, events, secret }]) =>
        [`webhook:${id}`, { to: [new URL(url).origin], events, secrets: secretsIn(secret) }] as const,
    ),
    ...Object.entries(callbacks).map(
      ([agent, { to, secret }]) =>
        [
          `callback:${agent}`,
          { to: to.map((url) => new URL(url).origin), events: [], secrets: secretsIn(secret) },
        ] as const,
    ),
  ]);
  const names = new Set([...configured.keys(), ...counted.keys()]);
  return [...names]
    .sort()
    .map((name) => standing(name, configured.get(name), counted.get(name), stood.get(name)));
}

type Configuration = Pick<WebhookEndpoint, 'to' | 'events'> & { readonly secrets: number };

const secretsIn = (secret: string | readonly string[]): number =>
  typeof secret === 'string' ? 1 : secret.length;

const optional = <K extends string>(name: K, value: unknown): { readonly [P in K]?: number } =>
  (value === null || value === undefined ? {} : { [name]: Number(value) }) as { readonly [P in K]?: number };

function standing(
  name: string,
  ...[configured, counted, stood]: [Configuration | undefined, Row | undefined, Row | undefined]
): WebhookEndpoint {
  const trouble = stood?.['trouble'];
  return {
    name,
    configured: configured !== undefined,
    to: configured?.to ?? [],
    events: configured?.events ?? [],
    ...optional('secrets', configured?.secrets),
    waiting: Number(counted?.['waiting'] ?? 0),
    dead: Number(counted?.['dead'] ?? 0),
    delivered: Number(stood?.['delivered'] ?? 0),
    ...optional('oldest_at', counted?.['oldest']),
    ...optional('last_delivered_at', stood?.['last_delivered_at']),
    ...optional('failing_since', stood?.['failing_since']),
    ...optional('gone_at', stood?.['gone_at']),
    ...(typeof trouble === 'string' ? { trouble } : {}),
  };
}

export async function listDead(store: Store, name: string): Promise<readonly WebhookDead[]> {
  const rows = await store.read({
    sql: `SELECT leaf_index, event_id, type, subject, attempts, made_at, trouble FROM webhook_deliveries
           WHERE endpoint = $1 AND state = 'dead' ORDER BY leaf_index DESC LIMIT ${DEAD_SHOWN}`,
    params: [name],
  });
  return rows.map((row) => ({
    leaf_index: Number(row['leaf_index']),
    event_id: String(row['event_id']),
    type: String(row['type']),
    subject: String(row['subject']),
    attempts: Number(row['attempts']),
    made_at: Number(row['made_at']),
    trouble: String(row['trouble'] ?? ''),
  }));
}
