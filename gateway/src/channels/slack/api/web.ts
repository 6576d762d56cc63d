/**
 * Slack's Web API: one method, one answer. It never tries again by itself (delivery does, with what is then newest), never
 * follows a redirect, and sends a token nowhere but to the configured origin (A26).
 */
import { isJsonObject, type Json, type JsonObject, member } from '@countersign/core';
import { Agent, type Dispatcher, request } from 'undici';
import type { WayOut } from '../../../outgoing/way.ts';
import type { Pace } from './pace.ts';
import { refused, SlackTrouble, tooFast } from './trouble.ts';

export type Arguments = { readonly [name: string]: string | number | boolean | object };

export type SlackApi = {
  /** @throws SlackTrouble */
  call(method: string, args?: Arguments): Promise<JsonObject>;
  /** With the app-level token. */
  openConnection(): Promise<string>;
  /** What an interaction may be answered with for half an hour. Refused when it leads elsewhere than to Slack. */
  respond(response_url: string, body: object): Promise<void>;
  /** The last refusal an operator must look at; undefined once something worked again. */
  trouble(): { readonly since: number; readonly says: string } | undefined;
  close(): Promise<void>;
};

export type ApiParts = {
  readonly api: string;
  readonly bot_token: string;
  readonly app_token?: string;
  readonly pace: Pace;
  readonly now: () => number;
  readonly way: WayOut;
};

const ANSWER_MS_MAX = 10_000;
/** A page of history with whole cards in it. */
const ANSWER_BYTES_MAX = 8_388_608;
const RETRY_AFTER_MS_MAX = 600_000;
/** How long Slack is left alone after a 429 that does not say. */
const RETRY_AFTER_MS = 30_000;

type Sent = {
  readonly url: URL;
  readonly method: string;
  readonly body: string;
  readonly headers: Record<string, string>;
};
type Got = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
};

export function createApi(parts: ApiParts): SlackApi {
  const { api, pace, now, way } = parts;
  const agent = new Agent({
    connections: 16,
    connect: way.connect({ timeout: 5_000 }),
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
  });
  let trouble: { readonly since: number; readonly says: string } | undefined;

  const send = async ({ url, method, body, headers }: Sent): Promise<Got> => {
    try {
      const {
        statusCode,
        headers: got,
        body: answer,
      } = await request(url, {
        method: 'POST',
        headers,
        body,
        dispatcher: agent,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      return { status: statusCode, headers: got, text: await textOf(answer) };
    } catch (cause) {
      if (cause instanceof SlackTrouble) throw cause;
      throw unreachable(method, cause);
    }
  };

  const called = async (method: string, token: string, args: Arguments): Promise<JsonObject> => {
    const channel = typeof args['channel'] === 'string' ? args['channel'] : undefined;
    await pace.turn(method, channel);
    const got = await send({
      url: new URL(method, api),
      method,
      body: form(args),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      },
    });
    if (got.status === 429) {
      const after_ms = retryAfter(got);
      pace.hold(method, channel, after_ms);
      throw tooFast(method, after_ms);
    }
    return answerOf(method, got);
  };

  const noted = async (work: Promise<JsonObject>): Promise<JsonObject> => {
    try {
      const answer = await work;
      trouble = undefined;
      return answer;
    } catch (error) {
      const code = error instanceof SlackTrouble ? error.code : '';
      // Too much at once, or one place that is wrong, says nothing of the whole.
      if (
        error instanceof SlackTrouble &&
        (error.when !== 'never' || WHOLE.has(code)) &&
        code !== 'ratelimited'
      )
        trouble = { since: trouble?.since ?? now(), says: error.message };
      throw error;
    }
  };

  return {
    call: (method, args = {}) => noted(called(method, parts.bot_token, args)),
    async openConnection() {
      const { url } = await noted(called('apps.connections.open', parts.app_token ?? '', {}));
      if (typeof url !== 'string') throw unclear('apps.connections.open');
      return url;
    },
    async respond(response_url, body) {
      const url = URL.parse(response_url);
      if (url === null || !isSlacks(url, api))
        throw new SlackTrouble('foreign_url', {
          message: 'response_url leads elsewhere than to Slack',
          when: 'never',
        });
      const got = await send({
        url,
        method: 'response_url',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
      if (got.status === 429) throw tooFast('response_url', retryAfter(got));
      if (got.status !== 200) throw refused('response_url', `http_${got.status}`);
    },
    trouble: () => trouble,
    close: () => agent.destroy(),
  };
}

/** Refusals that concern the whole app. */
const WHOLE = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'access_denied',
  'team_access_not_granted',
]);

function form(args: Arguments): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(args))
    out.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  return out.toString();
}

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX)
      throw new SlackTrouble('too_large', {
        message: `Slack answered with more than ${ANSWER_BYTES_MAX} bytes`,
        when: 'later',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf(method: string, { status, text }: Got): JsonObject {
  if (status >= 500) throw unclear(method, status);
  let said: Json;
  try {
    said = JSON.parse(text) as Json;
  } catch {
    throw unclear(method, status); // whatever it was, Slack did not say no
  }
  if (!isJsonObject(said)) throw unclear(method, status);
  if (member(said, 'ok') === true) return said;
  const code = member(said, 'error');
  throw refused(method, typeof code === 'string' ? code.slice(0, 100) : 'unknown_error', detailOf(said));
}

/** Which part it did not like; Slack writes positions in the blocks, no content. */
function detailOf(answer: JsonObject): string {
  const metadata = member(answer, 'response_metadata');
  const messages = isJsonObject(metadata) ? member(metadata, 'messages') : undefined;
  const needed = member(answer, 'needed');
  if (typeof needed === 'string') return `needs ${needed.slice(0, 100)}`;
  return Array.isArray(messages)
    ? messages
        .filter((each) => typeof each === 'string')
        .join('; ')
        .slice(0, 300)
    : '';
}

/** It may have arrived: nobody knows. */
const unclear = (method: string, status?: number): SlackTrouble =>
  new SlackTrouble('unclear', {
    message: `${method}: Slack’s answer cannot be used${status === undefined ? '' : ` (HTTP ${status})`}`,
    when: 'unsure',
  });

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'PROXY_REFUSED',
  'PROXY_UNREACHABLE',
]);

function unreachable(method: string, cause: unknown): SlackTrouble {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const why = /^[A-Z_]{3,40}$/.test(code) ? ` (${code})` : '';
  return new SlackTrouble('unreachable', {
    message: `${method}: Slack did not answer${why}`,
    when: NEVER_SENT.has(code) ? 'later' : 'unsure',
  });
}

function retryAfter({ headers }: Got): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0
    ? Math.min(seconds * 1000, RETRY_AFTER_MS_MAX)
    : RETRY_AFTER_MS;
}

/** `hooks.` of the API's own domain; where the API is on this machine, that very origin. */
function isSlacks(url: URL, api: string): boolean {
  const { origin, hostname, protocol } = new URL(api);
  return url.origin === origin || (protocol === 'https:' && url.origin === `https://hooks.${hostname}`);
}
