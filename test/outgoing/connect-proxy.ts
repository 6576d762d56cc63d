/** An HTTP proxy that takes CONNECT and nothing else: it notes who wanted where, and leads there as it is told. */
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

export type Wanted = { readonly target: string; readonly credentials: string | undefined };

export type ConnectProxy = {
  readonly url: string;
  readonly wanted: Wanted[];
  /** What it answers; a status of its own, or `early`: it speaks before the other side does. */
  answer: number | 'early' | 'silent';
  /** Where a target is: here the proxy looks names up, and nobody else. */
  readonly places: Map<string, number>;
  close(): Promise<void>;
};

type Options = {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly credentials?: string;
};

export async function startProxy({ tls, credentials }: Options = {}): Promise<ConnectProxy> {
  const server = tls === undefined ? createServer() : createSecureServer(tls);
  const sockets = new Set<Socket>();
  const kept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  server.on('connection', kept);
  const good = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    kept(socket);
    const target = request.url ?? '';
    const said = request.headers['proxy-authorization'];
    proxy.wanted.push({ target, credentials: said });
    if (proxy.answer === 'silent') return;
    const port = proxy.places.get(target);
    const status = said !== good ? 407 : proxy.answer === 200 && port === undefined ? 502 : proxy.answer;
    if (typeof status === 'number' && status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const there = connect(port ?? 0, '127.0.0.1', () => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${status === 'early' ? 'HTTP/1.1 200 OK\r\n\r\n' : ''}`);
      socket.pipe(there).pipe(socket);
    });
    kept(there);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const proxy: ConnectProxy = {
    url: `http${tls === undefined ? '' : 's'}://localhost:${(server.address() as AddressInfo).port}`,
    wanted: [],
    answer: 200,
    places: new Map(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return proxy;
}
