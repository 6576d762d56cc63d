/**
 * A bare proxy: the least a Node.js process can do and still promise that a call is durable before the upstream has a
 * byte of it. A body is read, one row committed, the call passed on, its answer passed back as bytes. It reads nothing,
 * decides nothing, signs nothing; so what it adds is the machine's, and what the gateway adds beyond it is Countersign's.
 * It must stay as fast as a careful engineer would write it, and use the gateway's own pool of connections.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { mcpHttpSchema } from '../../gateway/src/protocols/mcp/config.ts';
import { createPool } from '../../gateway/src/protocols/mcp/upstream/http.ts';
import { answer } from './processes.ts';

type Handler = Parameters<ReturnType<typeof createPool>['dispatch']>[1];

/** Between two neighbours only (RFC 9110 §7.6.1), and the name of the one called. */
const HOP = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

const upstream = process.argv[2] ?? '';
const pool = createPool(mcpHttpSchema.parse({ url: upstream }));
const path = new URL(upstream).pathname;
const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-bare-'));
const file = join(folder, 'bare.db');
/** Where it fails, nobody hears it: an error that ends this process, and nothing is passed on. */
const writer = new Worker(new URL('./bare-writer.ts', import.meta.url), { workerData: file });
await once(writer, 'message');

const unsent: string[] = [];
const waiting: (() => void)[] = [];

/** Calls back once the row is on stable storage. The rows of one turn of the loop travel in one message. */
function store(row: string, stored: () => void): void {
  if (unsent.push(row) === 1) setImmediate(() => writer.postMessage(unsent.splice(0)));
  waiting.push(stored);
}
writer.on('message', (count: number) => {
  for (const stored of waiting.splice(0, count)) stored();
});

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) if (!HOP.has(name)) kept[name] = headers[name];
  return kept;
}

/** What the upstream says, as it comes. */
const passedTo = (response: ServerResponse): Handler => ({
  onRequestStart(controller) {
    response.once('close', () => {
      if (!response.writableFinished) controller.abort(new Error('the caller hung up'));
    });
  },
  onResponseStart(_, status, headers) {
    response.writeHead(status, endToEnd(headers));
  },
  onResponseData(controller, chunk) {
    if (response.write(chunk)) return;
    controller.pause();
    response.once('drain', () => controller.resume());
  },
  onResponseEnd() {
    response.end();
  },
  onResponseError() {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  },
});

const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const passed = {
      method: 'POST',
      path,
      headers: endToEnd(request.headers),
      body,
      blocking: false,
    } as const;
    store(body.toString(), () => pool.dispatch(passed, passedTo(response)));
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const handlers = {
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
  /** Where the rows are, one a call. */
  file: () => file,
  /** CPU so far of the main thread alone and of all threads, in microseconds. */
  usage() {
    const { user, system } = process.threadCpuUsage();
    const all = process.cpuUsage();
    return { cpu_us: user + system, all_us: all.user + all.system };
  },
};
export type BareAnswers = typeof handlers;

answer(handlers, async () => {
  server.closeAllConnections();
  await Promise.all([pool.destroy(), writer.terminate()]);
  await rm(folder, { recursive: true, force: true });
});
