/**
 * Callbacks of access requests (AuthZEN access request profile, callback notifications): an agent that may, names where it
 * wants to be told that its request is over. What it is told is the task's id and state and where to ask; it carries no
 * approval, and whoever believes it without asking has been told nothing (I3).
 */
import { REQUEST_STATUSES } from '@countersign/core';
import type { CallbackConfig } from '../channels/webhook/config.ts';
import { inList } from '../history/shown.ts';
import type { Step, Store } from '../store/store.ts';
import type { Told } from './event.ts';

export type Callback = {
  readonly endpoint: string;
  readonly state?: string;
  readonly events?: readonly string[];
};

/** Why an agent may not be called back there; undefined when it may. */
export function refusalOf(
  config: CallbackConfig | undefined,
  agent: string,
  endpoint: string,
): string | undefined {
  if (config === undefined)
    return `this agent may not name one; list it under channels.callbacks.${agent}, or poll status_endpoint`;
  const url = URL.parse(endpoint);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must be a URL without user name, password and fragment';
  if (!config.to.some((allowed) => isBelow(url, allowed)))
    return `must begin with one of channels.callbacks.${agent}.to`;
  return undefined;
}

/**
 * Same origin, and the path is this one or goes on below it. URLs are compared as parsed: dots and escapes are resolved.
 * What a server behind it could still take for a way up is refused: `..;/`, and whatever is escaped twice.
 */
function isBelow(url: URL, allowed: string): boolean {
  const base = URL.parse(allowed);
  if (base === null || url.origin !== base.origin || /;|%(?:2f|5c|2e|3b|25)/i.test(url.pathname))
    return false;
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return url.pathname === base.pathname || url.pathname.startsWith(folder);
}

export type Registered = 'registered' | 'too_many' | 'over';

export async function register(
  store: Store,
  {
    request_id,
    agent,
    callback,
    now,
  }: { request_id: string; agent: string; callback: Callback; now: number },
  open_max: number,
): Promise<Registered> {
  const outcome = await store.commit({
    name: 'register-callback',
    steps: [
      // Told when the request ends: then it must not have ended before this stands.
      {
        name: 'over',
        sql: "SELECT 1 FROM requests WHERE id = $1 AND agent = $2 AND status = 'pending'",
        params: [request_id, agent],
        rows: 1,
      },
      {
        name: 'too_many',
        sql: `SELECT 1 WHERE (SELECT COUNT(*) FROM webhook_callbacks c WHERE c.agent = $1 AND c.request_id <> $2 AND (
                EXISTS (SELECT 1 FROM requests r WHERE r.id = c.request_id AND r.status = 'pending')
                OR EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint = 'callback:' || $1
                            AND d.subject = c.request_id AND d.state = 'waiting'))) < $3`,
        params: [agent, request_id, open_max],
        rows: 1,
      },
      {
        name: 'register',
        sql: `INSERT INTO webhook_callbacks (request_id, agent, url, state, events, made_at) VALUES ($1, $2, $3, $4, $5, $6)
              ON CONFLICT (request_id) DO UPDATE SET url = excluded.url, state = excluded.state, events = excluded.events`,
        params: [
          request_id,
          agent,
          callback.endpoint,
          callback.state ?? null,
          callback.events === undefined ? null : JSON.stringify(callback.events),
          now,
        ],
        rows: 1,
      },
    ],
    entries: [],
  });
  if (outcome.ok) return 'registered';
  return outcome.guard === 'too_many' ? 'too_many' : 'over';
}

export type Ended = {
  readonly agent: string;
  readonly told: Told;
  /** False: the agent asked to be called on other ends than this. */
  readonly wanted: boolean;
};

/** Requests that ended and have a callback. */
export async function callbacksOn(store: Store, told: readonly Told[]): Promise<readonly Ended[]> {
  const ended = told.filter(({ kind, predicate, request_id }) => {
    const { status } = predicate;
    return (
      kind === 'resolution' && request_id !== undefined && REQUEST_STATUSES.some((known) => known === status)
    );
  });
  if (ended.length === 0) return [];
  const list = inList(ended.flatMap(({ request_id }) => request_id ?? []));
  const rows = await store.read({
    sql: `SELECT request_id, agent, events FROM webhook_callbacks WHERE request_id ${list.sql}`,
    params: list.params,
  });
  return rows.flatMap((row) => {
    const found = ended.find(({ request_id }) => request_id === row['request_id']);
    if (found === undefined) return [];
    const events =
      typeof row['events'] === 'string' ? (JSON.parse(row['events']) as readonly string[]) : undefined;
    const wanted = events === undefined || events.includes(String(found.predicate['status']));
    return [{ agent: String(row['agent']), told: found, wanted }];
  });
}

export type Notice = { readonly url: string; readonly body: string };

/** What is posted, or undefined when it was already told and forgotten. */
export async function noticeOf(store: Store, told: Told, public_url: string): Promise<Notice | undefined> {
  const { request_id = '', predicate } = told;
  const [row] = await store.read({
    sql: 'SELECT url, state FROM webhook_callbacks WHERE request_id = $1',
    params: [request_id],
  });
  if (row === undefined) return undefined;
  const status_endpoint = `${public_url}/access/v1/requests/${encodeURIComponent(request_id)}`;
  const body = {
    ...(row['state'] === null ? {} : { state: row['state'] }),
    task: { id: request_id, status: predicate['status'], status_endpoint },
  };
  return { url: String(row['url']), body: JSON.stringify(body) };
}

export const forgetCallback = (request_id: string): Step => ({
  name: 'forget-callback',
  sql: 'DELETE FROM webhook_callbacks WHERE request_id = $1',
  params: [request_id],
  rows: 'any',
});
