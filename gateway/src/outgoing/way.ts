/**
 * How a connection leaves: directly, or through the proxy the operator names, and whose certificates count. A host that is
 * to be reached through the proxy is never reached around it: a proxy that is down or says no is a failure like any other.
 * It chooses the way and nothing else; whether a place may be reached at all is judged in `outgoing.ts` (A26).
 */
import { createRequire } from 'node:module';
import { BlockList, isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Agent, buildConnector, Dispatcher } from 'undici';
import { readNetwork } from '../limits/proxies.ts';
import { type ForwardProxy, tunnel } from './tunnel.ts';

/** What undici takes as `connect`: what connections are made with, or what makes them. */
export type ConnectOptions = buildConnector.BuildOptions;
export type Connect = ConnectOptions | buildConnector.connector;

export type WayOut = {
  /** Whether connections to this host leave through a proxy. A host as a URL has it. */
  through(host: string): boolean;
  /** For an undici dispatcher of one's own. */
  connect(options: ConnectOptions): Connect;
  /** For what makes no dispatcher of its own: undefined where the usual one does. Its owner need not close it. */
  dispatcher(): Dispatcher | undefined;
};

/** Straight there, by the public authorities. */
export const DIRECT: WayOut = {
  through: () => false,
  connect: (options) => options,
  dispatcher: () => undefined,
};

/** What may leave through a proxy. */
export const USES = ['slack', 'teams', 'sign_in', 'workload_identity', 'webhooks'] as const;
export type Use = (typeof USES)[number];

export type WayOptions = {
  readonly proxy?: ForwardProxy & {
    readonly for: readonly Use[];
    /** Hosts, with all below them, and networks, that are reached directly. */
    readonly no_proxy: readonly string[];
  };
  /** PEM of authorities beside the public ones. */
  readonly ca?: string;
};

export type WaysOut = (use: Use) => WayOut;

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 1_000;

export function openWaysOut({ proxy, ca }: WayOptions): WaysOut {
  if (proxy === undefined && ca === undefined) return () => DIRECT;
  const trusted = ca === undefined ? undefined : trusting(ca);
  const isExempt = exempt(proxy?.no_proxy ?? []);
  const ways = new Map<Use, WayOut>();
  return (use) => {
    const used = proxy?.for.includes(use) === true ? proxy : undefined;
    const way = ways.get(use) ?? wayOf(used, { isExempt, trusted });
    ways.set(use, way);
    return way;
  };
}

type Terms = {
  readonly isExempt: (host: string) => boolean;
  readonly trusted: SecureContext | undefined;
};

function wayOf(proxy: ForwardProxy | undefined, { isExempt, trusted }: Terms): WayOut {
  const through = (host: string): boolean => proxy !== undefined && !isExempt(bare(host));
  const connect = (options: ConnectOptions): Connect => {
    const build = part('core/connect') as typeof buildConnector;
    // Who names authorities of their own means those alone.
    const context = trusted === undefined || 'ca' in options ? {} : { secureContext: trusted };
    const direct = build({ ...options, ...context, allowH2: false });
    if (proxy === undefined) return direct;
    return (to, done) => {
      if (!through(to.hostname)) return direct(to, done);
      const timeout_ms = options.timeout ?? CONNECT_TIMEOUT_MS;
      tunnel({ ...proxy, timeout_ms, ...(trusted === undefined ? {} : { trusted }) }, to, (error, socket) => {
        if (error !== null) done(error, null);
        else if (to.protocol === 'https:') direct({ ...to, httpSocket: socket }, done);
        else done(null, socket);
      });
    };
  };
  let made: Dispatcher | undefined;
  return {
    through,
    connect,
    dispatcher() {
      const UndiciAgent = part('dispatcher/agent') as typeof Agent;
      const timeout = CONNECT_TIMEOUT_MS;
      made ??= new UndiciAgent({
        connect: connect({ timeout }),
        keepAliveTimeout: KEEP_ALIVE_MS,
        keepAliveMaxTimeout: KEEP_ALIVE_MS,
      });
      return made;
    },
  };
}

/** Made once: to read all authorities anew takes milliseconds of every connection. */
const trusting = (ca: string): SecureContext =>
  createSecureContext({ ca: [...getCACertificates('default'), ca] });

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** This machine is never behind a proxy; the rest is as listed. A network is of addresses: names are not looked up for it. */
function exempt(no_proxy: readonly string[]): (host: string) => boolean {
  const networks = new BlockList();
  networks.addSubnet('127.0.0.0', 8, 'ipv4');
  networks.addAddress('::1', 'ipv6');
  const names = ['localhost'];
  const below = ['.localhost'];
  for (const text of no_proxy) {
    const network = readNetwork(text);
    if (network !== undefined) networks.addSubnet(network.address, network.prefix, network.family);
    else {
      const name = bare(text.replace(/^\*?\./, ''));
      below.push(`.${name}`);
      if (!/^\*?\./.test(text)) names.push(name);
    }
  }
  return (host) => {
    const family = isIP(host);
    if (family !== 0) return networks.check(host, family === 4 ? 'ipv4' : 'ipv6');
    return names.includes(host) || below.some((end) => host.endsWith(end));
  };
}

/** A fetch that takes this way. */
export function fetchBy(way: WayOut): typeof fetch {
  if (way === DIRECT) return fetch;
  return async (input, init) => {
    const undici = await import('undici');
    const dispatcher = way.dispatcher();
    const sent = undici.fetch(String(input), { ...init, dispatcher } as Parameters<typeof undici.fetch>[1]);
    // The same class from the same sources: Node has one built in, the package brings one.
    return (await sent) as unknown as Response;
  };
}

/** Of undici only what is used, when it is used: whole, it is 10 MB of the process. */
export const part = (name: string): unknown => createRequire(import.meta.url)(`undici/lib/${name}.js`);
