/**
 * The one listening socket: what goes to the protocols' own handlers, what to the HTTP API. Slow and endless requests
 * are cut here (A21); nothing is decided here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { countedAnswers, Unread } from './limits/unread.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers what is its own; false leaves the response untouched for the next. */
export type Mount = { handle(request: IncomingMessage, response: ServerResponse): boolean };

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** A whole answer of which nothing was read for so long is let go of, and the connection with it. */
const UNREAD_MS = 60_000;
/** Of all answers together. One that is read as fast as it comes is not among them. */
const UNREAD_BYTES_MAX = 512 * 1024 * 1024;
/** Of one connection at once. Answers go out in the order of the questions, so more of them only wait behind the first. */
const UNDERWAY_MAX = 16;
const HEADERS_MAX = 100;
/** A workload token of the largest size, its proof, and what else a client says. */
const HEADER_BYTES_MAX = 32_768;
const CONNECTIONS_MAX = 10_000;

export type FrontLimits = { readonly unread_ms?: number; readonly unread_bytes_max?: number };

export function createFront(
  mounts: readonly Mount[],
  otherwise: Handler,
  { unread_ms = UNREAD_MS, unread_bytes_max = UNREAD_BYTES_MAX }: FrontLimits = {},
): Server {
  const underway = new WeakMap<Socket, number>();
  function whole(this: ServerResponse): void {
    // Small answers are out by now. Progress starts the time anew; what keeps the connection afterwards sets its own.
    if ((this.socket?.writableLength ?? 0) > 0) this.setTimeout(unread_ms);
  }
  function over(this: ServerResponse): void {
    const { socket } = this.req;
    underway.set(socket, (underway.get(socket) ?? 1) - 1);
  }
  const server = createServer(
    {
      ServerResponse: countedAnswers(new Unread(unread_bytes_max)),
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      response.on('prefinish', whole).on('close', over);
      const before = underway.get(request.socket) ?? 0;
      underway.set(request.socket, before + 1);
      if (before >= UNDERWAY_MAX) tooMany(response);
      else if (!mounts.some((mount) => mount.handle(request, response))) otherwise(request, response);
    },
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

/** The connection ends with this answer, and what was asked on it after it: those before are answered first. */
function tooMany(response: ServerResponse): void {
  const body = JSON.stringify({
    type: 'about:blank',
    status: 503,
    title: 'Too many requests of this connection are under way',
    detail: `Nothing was run. Await some of the answers, or use another connection; one has at most ${UNDERWAY_MAX}.`,
  });
  response.writeHead(503, { 'content-type': 'application/problem+json', connection: 'close' }).end(body);
}

/** Listens on `HOST:PORT`; port 0 takes a free one. @throws Error naming the address when it cannot be taken */
export async function listen(server: Server, address: string): Promise<AddressInfo> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(at + 1));
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const why =
        cause.code === 'EADDRINUSE' ? 'something else listens there' : (cause.code ?? cause.message);
      reject(new Error(`listen.http: cannot listen on ${address}: ${why}`, { cause }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}

/** Stops taking connections and ends the open ones. */
export async function stop(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
