/**
 * The one listening socket: what goes to the protocols' own handlers, what to the HTTP API. Slow and endless requests
 * are cut here (A21); nothing is decided here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers what is its own; false leaves the response untouched for the next. */
export type Mount = { handle(request: IncomingMessage, response: ServerResponse): boolean };

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** A whole answer of which nothing was read for so long is let go of, and the connection with it. */
const UNREAD_MS = 60_000;
const HEADERS_MAX = 100;
/** A workload token of the largest size, its proof, and what else a client says. */
const HEADER_BYTES_MAX = 32_768;
const CONNECTIONS_MAX = 10_000;

export function createFront(
  mounts: readonly Mount[],
  otherwise: Handler,
  { unread_ms = UNREAD_MS }: { readonly unread_ms?: number } = {},
): Server {
  function whole(this: ServerResponse): void {
    // Small answers are out by now. Progress starts the time anew; what keeps the connection afterwards sets its own.
    if ((this.socket?.writableLength ?? 0) > 0) this.setTimeout(unread_ms);
  }
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      response.on('prefinish', whole);
      if (!mounts.some((mount) => mount.handle(request, response))) otherwise(request, response);
    },
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  return server;
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
