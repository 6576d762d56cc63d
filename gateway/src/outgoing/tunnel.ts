/**
 * A connection through an HTTP proxy, by CONNECT (RFC 9110 §9.3.6): the proxy is told a host and a port and carries bytes; what
 * is said inside is TLS with that host, which the proxy cannot read. Its credential goes to the proxy and nowhere else (I2).
 */
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

export type ForwardProxy = {
  /** Scheme, host and port. */
  readonly url: URL;
  /** `user:password`. */
  readonly credentials?: string;
};

type Through = ForwardProxy & {
  readonly timeout_ms: number;
  /** Whose word counts for the proxy's own certificate, where it is not one of the public authorities'. */
  readonly trusted?: SecureContext;
};

type To = { readonly hostname: string; readonly port: string; readonly protocol: string };

export type Tunnelled = [error: null, socket: Socket] | [error: Error, socket: undefined];

/** Nothing was sent to whoever is behind the proxy. */
export class ProxyTrouble extends Error {
  override readonly name = 'ProxyTrouble';
  readonly code: 'PROXY_REFUSED' | 'PROXY_UNREACHABLE';
  constructor(code: ProxyTrouble['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const HEADER_BYTES_MAX = 16_384;
const DEFAULT_PORTS: { readonly [protocol: string]: string } = { 'https:': '443', 'http:': '80' };

export function tunnel(
  { url, credentials, timeout_ms, trusted }: Through,
  { hostname, port, protocol }: To,
  done: (...got: Tunnelled) => void,
): void {
  const target = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port || DEFAULT_PORTS[protocol]}`;
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const asked = (secure ? overHttps : overHttp)({
    host,
    // Not what the Host header says, which is whom the tunnel is to lead to.
    servername: isIP(host) === 0 ? host : '',
    port: url.port || DEFAULT_PORTS[url.protocol],
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...(credentials === undefined ? {} : authorization(credentials)) },
    agent: false,
    maxHeaderSize: HEADER_BYTES_MAX,
    ...(secure && trusted !== undefined ? { secureContext: trusted } : {}),
  });
  let over = false;
  const end = (...got: Tunnelled): void => {
    clearTimeout(timer);
    if (got[0] !== null) asked.destroy();
    // What comes after the end concerns nobody.
    if (over) return;
    over = true;
    done(...got);
  };
  const unreachable = (why: string, cause?: Error): void =>
    end(
      new ProxyTrouble('PROXY_UNREACHABLE', `the proxy ${url.host} could not be used (${why})`, { cause }),
      undefined,
    );
  const timer = setTimeout(() => unreachable('no answer in time'), timeout_ms);
  asked.on('error', (error: NodeJS.ErrnoException) =>
    unreachable(error.code ?? 'the connection failed', error),
  );
  asked.on('connect', (answer, socket, head) => {
    // Inside a tunnel the other side speaks second: what came at once is the proxy's own.
    const { statusCode = 0 } = answer;
    const opened = statusCode >= 200 && statusCode < 300;
    if (opened && head.length === 0 && !over) return end(null, socket);
    socket.destroy();
    end(
      new ProxyTrouble(
        'PROXY_REFUSED',
        `the proxy ${url.host} ${opened ? 'spoke where the other side should have' : wordsFor(statusCode)}`,
      ),
      undefined,
    );
  });
  asked.end();
}

const wordsFor = (status: number): string =>
  `answered ${status}${status === 407 ? ': it wants other credentials (outgoing.proxy.credentials)' : ''}`;

const authorization = (credentials: string) => ({
  'proxy-authorization': `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
});
