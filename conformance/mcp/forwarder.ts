// A loopback forwarder that adds the agent's key, because the official suite cannot send one. Everything else passes
// as it came: header case and order, a foreign Host or Origin, a connection closed from either side.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Forwarder = { url: string; close(): Promise<void> };

const HOP_BY_HOP = /^(connection|keep-alive|transfer-encoding)$/i;

/** Serves `http://localhost:PORT/mcp`, forwarding to `target` with `Authorization: Bearer token`. */
export async function startForwarder(target: string, token: string): Promise<Forwarder> {
  const to = new URL(target);
  const server = createServer((from, answer) => forward({ from, answer, to, token, own: own(from) }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `http://localhost:${port}/mcp`, close };
}

function own(from: IncomingMessage): string {
  return `localhost:${from.socket.localPort}`;
}

type Exchange = { from: IncomingMessage; answer: ServerResponse; to: URL; token: string; own: string };

function forward({ from, answer, to, token, own: ownHost }: Exchange): void {
  const headers = pairs(from.rawHeaders).filter(([name]) => !HOP_BY_HOP.test(name));
  // Our own name becomes the gateway's; any other is a test of the gateway, not of us.
  const renamed = headers.map(([name, value]) => [
    name,
    /^(host|origin)$/i.test(name) ? value.replace(ownHost, to.host) : value,
  ]);
  const outgoing = request({
    host: to.hostname,
    port: to.port,
    path: to.pathname,
    method: from.method ?? 'POST',
    agent: false,
    setHost: false,
    headers: [...renamed, ['Authorization', `Bearer ${token}`]].flat(),
  });
  outgoing.on('response', (response) => {
    answer.writeHead(
      response.statusCode ?? 502,
      pairs(response.rawHeaders)
        .filter(([name]) => !HOP_BY_HOP.test(name))
        .flat(),
    );
    answer.flushHeaders();
    response.pipe(answer);
    response.on('error', () => answer.destroy());
  });
  outgoing.on('error', () => answer.destroy());
  answer.on('close', () => outgoing.destroy());
  from.pipe(outgoing);
}

function pairs(raw: string[]): [string, string][] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as [string, string]] : [],
  );
}
