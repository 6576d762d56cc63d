/**
 * The one way out to a place that an outsider or a configuration names: a webhook, an agent's callback. The address is
 * judged where the connection is made, and that very address is connected to; there is no second look-up, so a name that
 * answers otherwise the next time leads nowhere (A26). Every address a name has must pass. Through a proxy the proxy looks
 * names up and connects: what can be told here is refused here, and the proxy must forbid the rest. Redirects are answers, never
 * followed. Time, sizes and connections are bounded (I15). It carries what it is given, and never a credential of its own.
 */
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent, Dispatcher } from 'undici';
import { type Judge, judgeFor } from './addresses.ts';
import { type JudgeName, judgeNames, type Lookup } from './names.ts';
import { ProxyTrouble } from './tunnel.ts';
import { type Connect, DIRECT, part, type WayOut } from './way.ts';

export type Outgoing = {
  /** Sends one POST. Never throws for what the other side, the network or the guard does. */
  post(message: OutgoingMessage): Promise<Answered>;
  close(): Promise<void>;
};

export type OutgoingMessage = {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly timeout_ms?: number;
};

export type Answered =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** `Retry-After`, when it is a number of seconds or a date. */
      readonly retry_after_ms?: number;
    }
  /** Nothing was sent: the place is not one a request may go to. */
  | { readonly kind: 'forbidden'; readonly why: string }
  /** It may or may not have arrived. */
  | { readonly kind: 'failed'; readonly why: string };

export type OutgoingOptions = {
  /** Private addresses and networks that may be reached all the same; plain http only there. */
  readonly allow_networks: readonly string[];
  readonly lookup?: Lookup;
  /** PEM of the authorities that count instead of the public ones. */
  readonly ca?: string;
  /** Without it: straight there. */
  readonly way?: WayOut;
  readonly now?: () => number;
};

export const OUTGOING_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** An answer's body tells nothing: so much is read, so that the connection can be used again. */
const ANSWER_BYTES_MAX = 65_536;
const HEADER_BYTES_MAX = 16_384;
const CONNECTIONS_MAX = 16;
const KEEP_ALIVE_MS = 4_000;
const ADDRESSES_MAX = 32;
const RETRY_AFTER_MAX_MS = 86_400_000;

class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

export function createOutgoing({
  allow_networks,
  lookup = systemAll,
  ca,
  way = DIRECT,
  now = Date.now,
}: OutgoingOptions): Outgoing {
  const judge = judgeFor(allow_networks);
  const judgeName = judgeNames({ lookup, judge, now });
  const agents = new Map<boolean, Agent>();
  // Where a connection is made it is no longer known what for: one set of connections over TLS, one in clear.
  const agentFor = (secure: boolean): Agent => {
    const connect = { timeout: CONNECT_TIMEOUT_MS, ...(ca === undefined ? {} : { ca }) };
    const made =
      agents.get(secure) ?? agentOf(way.connect({ ...connect, lookup: guarded(lookup, judge, secure) }));
    agents.set(secure, made);
    return made;
  };
  return {
    async post(message) {
      const url = URL.parse(message.url);
      const why = url === null ? 'not a URL' : unfit(url, judge);
      if (url === null || why !== undefined) return { kind: 'forbidden', why: why ?? 'not a URL' };
      if (way.through(url.hostname)) {
        const unfitThere = await unfitThrough(url, judgeName);
        if (unfitThere !== undefined) return { kind: 'forbidden', why: unfitThere };
      }
      try {
        return await exchange(agentFor(url.protocol === 'https:'), { ...message, url, now });
      } catch (error) {
        return failure(error);
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

/** What can be told from the URL alone. A number in any spelling is an address by now: the URL parser saw to that. */
function unfit(url: URL, judge: Judge): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not https`;
  if (url.username !== '' || url.password !== '') return 'a URL with a user name or password';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return undefined;
  const judged = judge(host, url.protocol === 'https:');
  return judged.ok ? undefined : `${host} is ${judged.why}`;
}

/** What can be told here of a place that the proxy looks up and connects to. */
async function unfitThrough(url: URL, judgeName: JudgeName): Promise<string | undefined> {
  if (url.protocol !== 'https:') return 'through a proxy only https is sent';
  return isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? judgeName(url.hostname) : undefined;
}

/** Looks up, judges all there is, and hands on only what passed: what is connected to is what was judged. */
const guarded =
  (lookup: Lookup, judge: Judge, secure: boolean): LookupFunction =>
  (name, options, done) => {
    const refuse = (why: string): void => done(new Forbidden(why), '', 0);
    lookup(name, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const [first] = addresses;
      if (first === undefined) return refuse(`${name} has no address`);
      if (addresses.length > ADDRESSES_MAX) return refuse(`${name} has more than ${ADDRESSES_MAX} addresses`);
      for (const { address } of addresses) {
        const judged = judge(address, secure);
        if (!judged.ok) return refuse(`${name} is at ${address}, ${judged.why}`);
      }
      if (options.all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };

const systemAll: Lookup = (name, done) =>
  systemLookup(name, { all: true }, (error, addresses) => done(error, addresses ?? []));

function agentOf(connect: Connect): Agent {
  const UndiciAgent = part('dispatcher/agent') as typeof Agent;
  return new UndiciAgent({
    connect,
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
    allowH2: false,
  });
}

type Exchange = Omit<OutgoingMessage, 'url'> & { readonly url: URL; readonly now: () => number };

async function exchange(agent: Agent, { url, headers, body, timeout_ms, now }: Exchange): Promise<Answered> {
  const send = part('api/api-request') as Agent['request'];
  const answer = await send.call(agent, {
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(timeout_ms ?? OUTGOING_TIMEOUT_MS),
  });
  // The status is the answer. What else it says is read to its bound, so that the connection can be used again, or is cut.
  await drain(answer.body);
  const retry_after_ms = retryAfter(answer.headers['retry-after'], now());
  return {
    kind: 'answered',
    status: answer.statusCode,
    ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
  };
}

async function drain(body: Dispatcher.ResponseData['body']): Promise<void> {
  try {
    for await (const _ of body);
  } catch {
    // Too long, too slow or cut off: the status was heard all the same.
  }
}

function retryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, RETRY_AFTER_MAX_MS) : undefined;
}

function failure(error: unknown): Answered {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (at instanceof Forbidden) return { kind: 'forbidden', why: at.message };
    if (at instanceof ProxyTrouble) return { kind: 'failed', why: at.message };
  }
  return { kind: 'failed', why: wordsFor(error) };
}

/** Names of faults only: what the other side wrote stands in none of them. */
function wordsFor(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (name === 'TimeoutError') return 'no answer in time';
  return typeof code === 'string' && /^[A-Z_0-9]{1,64}$/.test(code) ? code : 'the connection failed';
}
