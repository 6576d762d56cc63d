/**
 * The load: plain HTTP with keep-alive, so that it costs little and the same on both sides. Every answer is checked; a
 * call that does not answer what was asked ends the bench.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { answer } from './processes.ts';

export type Target = { readonly url: string; readonly token?: string };
export type Calls = { readonly target: Target; readonly clients: number; readonly calls: number };
export type Holds = {
  readonly target: Target;
  readonly count: number;
  readonly concurrency: number;
};

const META = 'io.modelcontextprotocol/';
const VERSION = '2026-07-28';
const TIMEOUT_MS = 120_000;
const agent = new Agent({ keepAlive: true, maxSockets: 4096 });
let n = 0;

/** About 350 bytes of JSON, no two alike. */
function callOf(name: string): { readonly text: string; readonly body: string } {
  n += 1;
  const text = `The quick brown fox jumps over the lazy dog, for the ${n}th time today.`;
  const meta = {
    [`${META}protocolVersion`]: VERSION,
    [`${META}clientInfo`]: { name: 'bench', version: '1' },
    [`${META}clientCapabilities`]: {},
  };
  const args = { text, n, path: `/srv/data/reports/2026/${n}.txt` };
  const params = { name, arguments: args, _meta: meta };
  return { text, body: JSON.stringify({ jsonrpc: '2.0', id: n, method: 'tools/call', params }) };
}

function send({ url, token }: Target, name: string, body: string): ClientRequest {
  const outgoing = request(url, {
    method: 'POST',
    agent,
    timeout: TIMEOUT_MS,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'content-length': Buffer.byteLength(body),
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('the call took too long')));
  outgoing.end(body);
  return outgoing;
}

function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

/** Microseconds from sending to the whole answer. */
async function call(target: Target, name: string): Promise<number> {
  const { text, body } = callOf(name);
  const began = process.hrtime.bigint();
  const got = await textOf(await responseTo(send(target, name, body)));
  const took = Number(process.hrtime.bigint() - began) / 1000;
  if (!got.includes(text) || got.includes('"isError":true')) throw new Error(`not an echo: ${got}`);
  return took;
}

async function inTurns(count: number, concurrency: number, step: () => Promise<void>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await step();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

type Open = { readonly outgoing: ClientRequest; readonly answered: Promise<string> };
const open: Open[] = [];

/** Sends a call that waits for review; resolves to its request's id once the gateway says that it waits. */
async function hold(target: Target): Promise<string> {
  const { body } = callOf('write');
  const outgoing = send(target, 'write', body);
  const response = await responseTo(outgoing);
  let text = '';
  const id = await new Promise<string>((resolve, reject) => {
    const answered = new Promise<string>((settled) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const held = /^: held for review: (req_\w+)$/m.exec(text)?.[1];
        if (held !== undefined) resolve(held);
      });
      response.once('close', () => {
        settled(text);
        reject(new Error(`was not held: ${text}`));
      });
    });
    outgoing.on('error', reject);
    open.push({ outgoing, answered });
  });
  return id;
}

const handlers = {
  /** Microseconds of each call, and how long all took. */
  async calls({ target, clients, calls }: Calls): Promise<{ took_ms: number; us: number[] }> {
    const us: number[] = [];
    const began = performance.now();
    await inTurns(calls, clients, async () => {
      us.push(await call(target, 'echo'));
    });
    return { took_ms: performance.now() - began, us };
  },
  /** Ids of the requests the calls wait for, in no order. */
  async hold({ target, count, concurrency }: Holds): Promise<string[]> {
    const ids: string[] = [];
    await inTurns(count, concurrency, async () => {
      ids.push(await hold(target));
    });
    return ids;
  },
  /** What the oldest open call was told at last. */
  answered: async (): Promise<string> => (await open.shift()?.answered) ?? '',
  open: (): number => open.filter(({ outgoing }) => !outgoing.destroyed).length,
  hangUp(): void {
    for (const { outgoing } of open.splice(0)) outgoing.destroy();
  },
};
export type LoadAnswers = typeof handlers;

answer(handlers, async () => agent.destroy());
