/** Requests to Microsoft’s services: bounded in time and size, to hosts the cloud names, no redirect followed (A26). */
import { type Json, parseJson } from '@countersign/core';
import { Agent, request } from 'undici';
import type { WayOut } from '../../../outgoing/way.ts';

/** Shorter than delivery waits for a whole card. */
const TIMEOUT_MS = 6_000;
const ANSWER_BYTES_MAX = 1_048_576;
const CONNECTIONS_MAX = 16;

export type Asked = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Answered = {
  readonly status: number;
  /** Seconds or a date, as it came. */
  readonly retry_after: string | undefined;
  /** Undefined when it is no JSON. */
  readonly json: Json | undefined;
};

/** Nothing came back. `sent`: it may have arrived all the same. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly sent: boolean;
  constructor(message: string, sent: boolean, cause: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

/** Failures in which not a byte was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'PROXY_REFUSED',
  'PROXY_UNREACHABLE',
]);

export class Http {
  readonly #agent: Agent;
  readonly #closing = new AbortController();

  constructor(way: WayOut) {
    this.#agent = new Agent({
      connections: CONNECTIONS_MAX,
      connect: way.connect({ timeout: 5_000 }),
      maxResponseSize: ANSWER_BYTES_MAX,
    });
  }

  /** @throws Unanswered */
  async ask(url: string, { method, headers, body }: Asked): Promise<Answered> {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closing.signal]);
    try {
      const answer = await request(url, {
        method,
        headers: { accept: 'application/json', ...headers },
        dispatcher: this.#agent,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const bytes = new Uint8Array(await answer.body.arrayBuffer());
      const after = answer.headers['retry-after'];
      return {
        status: answer.statusCode,
        retry_after: Array.isArray(after) ? after[0] : after,
        json: readJson(bytes),
      };
    } catch (cause) {
      const code = codeOf(cause);
      throw new Unanswered(`${new URL(url).host} did not answer (${code})`, !NEVER_SENT.has(code), cause);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }
}

function readJson(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(bytes, { depth_max: 32, bytes_max: ANSWER_BYTES_MAX });
  } catch {
    // An error page of a proxy, or nothing: the status says what there is to know.
    return undefined;
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return cause.name;
}

/** Milliseconds to wait; undefined when the service did not say, or not in a way it may. */
export function retryAfterMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,6}(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, 3_600_000) : undefined;
}
