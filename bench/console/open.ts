/**
 * A thousand consoles open on one gateway: what it weighs more for them, and how soon the last of them has heard of a call
 * that is held. Each is a connection of its own to the live events, of one of fifty people. The gateway is the built
 * package. Run: npm run bench console/open
 */
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, median, runAlone, shown } from '../goals.ts';
import { openStage, type Stage } from '../processes/stage.ts';

const EACH = 20;
/** Signing in is paced by address: each of these people comes from another one of this machine. */
const SIGN_INS_PER_ADDRESS = 5;
const SETTLE_MS = 3_000;
const NEWS_MAX_MS = 30_000;

type Console = { heard(id: string): Promise<number>; close(): void };

/** A token of a command line: like a console, it is a session. */
function signIn(url: string, code: string, at: number): Promise<string> {
  const body = JSON.stringify({ code, kind: 'cli' });
  const localAddress = `127.0.0.${2 + Math.floor(at / SIGN_INS_PER_ADDRESS)}`;
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/api/sign-in`, { method: 'POST', localAddress, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const { token } = JSON.parse(text) as { readonly token?: string };
        if (token === undefined) reject(new Error(`signing in gave no token: ${text}`));
        else resolve(token);
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

function openConsole(url: string, token: string): Promise<Console> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = get(`${url}/api/events`, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`a console was answered ${answer.statusCode}`));
      else resolve(listening(answer, () => asked.destroy()));
    });
    asked.on('error', reject);
  });
}

/** Remembers when each request was first heard of, by this machine's one monotonic clock. */
function listening(answer: IncomingMessage, close: () => void): Console {
  const at = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  answer.setEncoding('utf8').on('data', (text: string) => {
    for (const [, id = ''] of text.matchAll(/"request_id":"(req_\w+)"/g)) {
      if (at.has(id)) continue;
      const now = performance.now();
      at.set(id, now);
      waiting.get(id)?.(now);
    }
  });
  answer.on('error', () => undefined); // closed by the bench
  return {
    heard: (id) => {
      const known = at.get(id);
      return known === undefined
        ? new Promise((resolve) => waiting.set(id, resolve))
        : Promise.resolve(known);
    },
    close,
  };
}

/** Milliseconds from sending a call to its being held, and the last console having heard. */
async function newsOnce({ load, guarded }: Stage, consoles: readonly Console[]): Promise<number> {
  const sent = performance.now();
  const [id = ''] = await load.ask('hold', { target: guarded[0], count: 1, concurrency: 1 });
  const held = performance.now();
  const late = sleep(NEWS_MAX_MS, undefined, { ref: false }).then(() => {
    throw new Error('a console did not hear of a held call');
  });
  const heard = await Promise.race([Promise.all(consoles.map((each) => each.heard(id))), late]);
  return Math.max(held, ...heard) - sent;
}

export const bench: Bench = async ({ quick }) => {
  const [people, news] = quick ? [2, 2] : [50, 30];
  const each = quick ? 2 : EACH;
  const stage = await openStage({ agents: 1, viewers: people });
  const consoles: Console[] = [];
  try {
    const { url, codes } = stage.gateway;
    const tokens = await Promise.all(codes.viewers.map((code, at) => signIn(url, code, at)));
    const alone: number[] = [];
    for (let n = 0; n < news; n += 1) alone.push(await newsOnce(stage, []));
    if (!quick) await sleep(SETTLE_MS);
    const before = await stage.gateway.ask('usage', undefined);
    for (const token of tokens)
      consoles.push(...(await Promise.all(Array.from({ length: each }, () => openConsole(url, token)))));
    if (!quick) await sleep(SETTLE_MS);
    const opened = await stage.gateway.ask('usage', undefined);
    const times: number[] = [];
    for (let n = 0; n < news; n += 1) times.push(await newsOnce(stage, consoles));
    const after = await stage.gateway.ask('usage', undefined);
    const more = (Math.max(opened.rss, after.rss) - before.rss) / 1e6;
    const [told, bare] = [median(times), median(alone)];
    return {
      measured: [
        {
          goal: 'consoles_memory',
          got: more,
          baseline: { name: 'with none open', value: before.rss / 1e6, unit: ' MB' },
          ratio: more / (before.rss / 1e6),
        },
        {
          goal: 'consoles_news',
          got: told,
          baseline: { name: 'the call held, no console open', value: bare, unit: ' ms' },
          ratio: told / bare,
        },
      ],
      also: [
        ['consoles', `${consoles.length}, of ${people} people`],
        ['an open console', shown((opened.rss - before.rss) / consoles.length / 1e3, ' kB')],
        ['the slowest news', shown(Math.max(...times), ' ms')],
      ],
    };
  } finally {
    for (const open of consoles) open.close();
    await stage.load.ask('hangUp', undefined).catch(() => undefined);
    await stage.close();
  }
};

await runAlone(import.meta.url, bench);
