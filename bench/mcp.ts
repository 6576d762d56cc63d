/**
 * What the gateway adds to an MCP call: an allowed call with its permit durable, against the same calls made directly to
 * an SDK-built upstream in the same run; 2,000 calls held at once; and the way from a person's approval to the upstream.
 * Client, gateway and upstream are processes of their own; on few cores they compete, so ratios matter more than rates.
 * Run: node --conditions=countersign-source bench/mcp.ts [--json]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const RUN_MS = 3_000;
const ROUNDS = 3;
const HELD = 2_000;
const APPROVALS = 40;

const start = (file: string, args: readonly string[]): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: [...process.execArgv, '--expose-gc'],
  });

async function told<T>(child: ChildProcess, key: string): Promise<T> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Record<string, T>];
    if (Object.hasOwn(message, key)) return message[key] as T;
  }
}
const ask = <T>(child: ChildProcess, what: string): Promise<T> => {
  const answer = told<T>(child, 'answer');
  child.send(what);
  return answer;
};

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return String(typeof address === 'object' ? address?.port : 0);
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
let id = 0;

function call(
  agent: Agent,
  url: string,
  { text, key }: { text: string; key: string },
): Promise<IncomingMessage> {
  id += 1;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text }, _meta: META },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${key}`,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  };
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, resolve).once('error', reject).end(body);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return text;
}

type Load = { readonly per_s: number; readonly median_ms: number; readonly calls: number };

async function load(url: string, key: string, clients: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const took: number[] = [];
  const until = performance.now() + RUN_MS;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now();
      const text = `a call of the usual size, with some words in it, number ${id}`;
      const response = await call(agent, url, { text, key });
      const answer = await textOf(response);
      if (response.statusCode !== 200 || !answer.includes(text))
        throw new Error(`HTTP ${response.statusCode}: ${answer.slice(0, 300)}`);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return { per_s: (took.length / RUN_MS) * 1000, median_ms: median(took), calls: took.length };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

type World = {
  readonly upstream: ChildProcess;
  readonly gateway: ChildProcess;
  readonly direct: string;
  readonly url: string;
  readonly keys: readonly string[];
};

/** Direct and through the gateway in turn, so that a busy moment of the machine hits both. */
async function allowed({ gateway, direct, url, keys }: World, clients: number) {
  const rounds: { direct: Load; via: Load; main_thread_us: number }[] = [];
  for (let at = 0; at < ROUNDS; at += 1) {
    const alone = await load(direct, '', clients);
    const before = await ask<NodeJS.CpuUsage>(gateway, 'used');
    const via = await load(url, keys[0] ?? '', clients);
    const after = await ask<NodeJS.CpuUsage>(gateway, 'used');
    rounds.push({
      direct: alone,
      via,
      main_thread_us: (after.user + after.system - before.user - before.system) / via.calls,
    });
  }
  const of = (pick: (each: (typeof rounds)[number]) => number): number => median(rounds.map(pick));
  return {
    direct_per_s: Math.round(of((each) => each.direct.per_s)),
    gateway_per_s: Math.round(of((each) => each.via.per_s)),
    ratio: round(of((each) => each.via.per_s / each.direct.per_s)),
    added_ms: round(of((each) => each.via.median_ms - each.direct.median_ms)),
    main_thread_us: Math.round(of((each) => each.main_thread_us)),
  };
}

async function held({ gateway, url, keys }: World) {
  const agent = new Agent({ keepAlive: true });
  const before = await ask<number>(gateway, 'memory');
  const open = await Promise.all(
    Array.from({ length: HELD }, (_, at) =>
      call(agent, url, { text: `hold ${at}`, key: keys[at % keys.length] ?? '' }),
    ),
  );
  for (const response of open) response.on('error', () => undefined).resume();
  const rss = await ask<number>(gateway, 'memory');
  const pending = await ask<number>(gateway, 'pending');
  for (const response of open) response.destroy();
  const mb = (bytes: number): number => Math.round(bytes / 1024 / 1024);
  const added_mb = mb(rss - before);
  return {
    what: `${HELD} calls held at once`,
    pending,
    idle_mb: mb(before),
    rss_mb: mb(rss),
    added_mb,
    at_most_added_mb: 200,
    ok: added_mb <= 200 && pending === HELD,
  };
}

async function approvals({ gateway, upstream, url, keys }: World) {
  const agent = new Agent({ keepAlive: true });
  const took: number[] = [];
  for (let at = 0; at < APPROVALS; at += 1) {
    const waiting = call(agent, url, { text: `hold for approval ${at}`, key: keys[1] ?? '' });
    while ((await ask<number>(gateway, 'pending')) === 0);
    const reached = told<number>(upstream, 'reached');
    const approved = await ask<number>(gateway, 'approve');
    took.push((await reached) - approved);
    await textOf(await waiting);
  }
  agent.destroy();
  const ms = median(took);
  return {
    what: 'from the answer to an approval to the upstream',
    median_ms: round(ms),
    at_most_ms: 10,
    ok: ms <= 10,
  };
}

async function open(): Promise<World> {
  const upstream = start('./mcp/upstream.ts', []);
  const direct = await told<string>(upstream, 'ready');
  const gateway = start('./mcp/gateway.ts', [direct, await freePort()]);
  const ready = await told<{ url: string; keys: string[] }>(gateway, 'ready');
  return { upstream, gateway, direct, ...ready };
}

async function close({ upstream, gateway }: World): Promise<void> {
  await ask(gateway, 'close');
  gateway.disconnect();
  upstream.kill();
}

/** What is held is measured in a gateway that has done nothing else. */
async function alone<T>(measure: (world: World) => Promise<T>): Promise<T> {
  const world = await open();
  try {
    return await measure(world);
  } finally {
    await close(world);
  }
}

async function calls(world: World) {
  await load(world.direct, '', 8);
  await load(world.url, world.keys[0] ?? '', 8);
  const one = await allowed(world, 1);
  const eight = await allowed(world, 8);
  return [
    {
      what: 'allowed call, permit durable, 1 client',
      ...one,
      at_most_added_ms: 0.7,
      ok: one.added_ms <= 0.7 && one.main_thread_us <= 300,
    },
    {
      what: 'allowed call, permit durable, 8 clients',
      ...eight,
      at_least_ratio: 0.7,
      ok: eight.ratio >= 0.7 && eight.main_thread_us <= 300,
    },
  ];
}

const results = [await alone(held), await alone(approvals), ...(await alone(calls))];
if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'mcp', results }));
else for (const result of results) console.table([result]);
if (results.some(({ ok }) => !ok)) process.exitCode = 1;
