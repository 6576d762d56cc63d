/**
 * A sign-in under way: begun by this browser, at this provider, good once and for ten minutes. The browser holds a random
 * secret in a cookie; the store its hash; state, nonce and PKCE verifier are derived from it, so that nothing that could
 * complete a sign-in rests anywhere (RFC 9700 2.1, 4.7).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '../../store/store.ts';
import { hashCredential } from '../credential.ts';
import { SignInFailure } from './failure.ts';
import type { Secrets } from './provider/provider.ts';

export const FLOW_TTL_MS = 10 * 60_000;
/** So many that one address at its rate does not fill them before they run out. */
const FLOWS_MAX = 50_000;
const COOKIE_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** Where a command line on the browser's own machine waits for its code. */
export type Loopback = { readonly port: number; readonly state: string; readonly challenge: string };

export type Flow = {
  readonly provider: string;
  /** A path of our own. */
  readonly return_to: string;
  readonly loopback: Loopback | undefined;
};

export type FlowDeps = { readonly store: Store; readonly now: () => number };

export type Begun = { readonly cookie: string; readonly secrets: Secrets };

/** @throws SignInFailure `busy` */
export async function beginFlow({ store, now }: FlowDeps, flow: Flow): Promise<Begun> {
  const cookie = randomBytes(32).toString('base64url');
  const at = now();
  const outcome = await store.commit({
    name: 'begin-sign-in',
    steps: [
      {
        name: 'room',
        sql: `SELECT 1 FROM (SELECT COUNT(*) AS n FROM sign_in_flows WHERE expires_at > $1) AS live WHERE n < ${FLOWS_MAX}`,
        params: [at],
        rows: 1,
      },
      {
        name: 'begin',
        sql: 'INSERT INTO sign_in_flows (flow_hash, provider, return_to, loopback, expires_at, consumed_at) VALUES ($1, $2, $3, $4, $5, NULL)',
        params: [
          hashCredential(cookie),
          flow.provider,
          flow.return_to,
          flow.loopback === undefined ? null : JSON.stringify(flow.loopback),
          at + FLOW_TTL_MS,
        ],
        rows: 1,
      },
    ],
    entries: [],
  });
  if (!outcome.ok) throw new SignInFailure('busy');
  return { cookie, secrets: secretsOf(cookie) };
}

/**
 * The flow a browser comes back to; it is over with that. Another browser's, an old one, one come back to before, another
 * provider's: each is told apart. @throws SignInFailure
 */
export async function endFlow(
  { store, now }: FlowDeps,
  {
    cookie,
    state,
    provider,
  }: { readonly cookie: string | undefined; readonly state: string; readonly provider: string },
): Promise<Flow & { readonly secrets: Secrets }> {
  if (cookie === undefined || !COOKIE_SHAPE.test(cookie)) throw new SignInFailure('flow_unknown');
  const flow_hash = hashCredential(cookie);
  const [row] = await store.read({
    sql: 'SELECT provider, return_to, loopback, expires_at, consumed_at FROM sign_in_flows WHERE flow_hash = $1',
    params: [flow_hash],
  });
  if (row === undefined) throw new SignInFailure('flow_unknown');
  if (row['consumed_at'] !== null) throw new SignInFailure('flow_replayed');
  const at = now();
  if (at >= Number(row['expires_at'])) throw new SignInFailure('flow_expired');
  if (row['provider'] !== provider) throw new SignInFailure('mix_up');
  const secrets = secretsOf(cookie);
  if (!equal(state, secrets.state)) throw new SignInFailure('state_mismatch');
  const outcome = await store.commit({
    name: 'end-sign-in',
    steps: [
      {
        name: 'once',
        sql: 'UPDATE sign_in_flows SET consumed_at = $2 WHERE flow_hash = $1 AND consumed_at IS NULL AND expires_at > $2',
        params: [flow_hash, at],
        rows: 1,
      },
    ],
    entries: [],
  });
  if (!outcome.ok) throw new SignInFailure('flow_replayed');
  const loopback = row['loopback'] === null ? undefined : (JSON.parse(String(row['loopback'])) as Loopback);
  return { provider, return_to: String(row['return_to']), loopback, secrets };
}

const secretsOf = (cookie: string): Secrets => ({
  state: derived(cookie, 'state'),
  nonce: derived(cookie, 'nonce'),
  verifier: derived(cookie, 'verifier'),
});

const derived = (cookie: string, what: string): string =>
  createHmac('sha256', cookie).update(`countersign sign-in ${what} v1`).digest('base64url');

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const RETURN_CHARACTERS_MAX = 512;

/** The console's filters stand in the query, escaped; nothing is escaped in a path of ours. */
const OWN_PATH = /^\/[A-Za-z0-9_\-./]*(?:\?[A-Za-z0-9_\-./?=&%~:,+]*)?$/;

/** A path of our own, or the sign-in page: never another site's, nor one a browser would read as such. */
export function ownPath(path: string | undefined): string {
  const fallback = '/sign-in';
  if (path === undefined || path.length > RETURN_CHARACTERS_MAX || !OWN_PATH.test(path)) return fallback;
  const base = 'https://own.invalid';
  const url = URL.parse(path, base);
  // Asked of what it comes to, not of what was given: `/..//elsewhere` is `//elsewhere`, and that is another site.
  return url !== null && url.origin === base && !url.pathname.startsWith('//')
    ? url.pathname + url.search
    : fallback;
}
