/**
 * Requests Slack makes: read whole, checked against the signature over their raw bytes, acknowledged, and only then worked
 * on, so that three seconds are never in danger (docs.slack.dev). Nothing is parsed before it is known to be Slack's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject, type Json, member, parseJson } from '@countersign/core';
import { readCommand, readEvent, readInteraction, type Taken } from './payloads.ts';
import { SeenTooMuch } from './seen.ts';
import type { Verifier } from './signature.ts';

/** A click carries the whole card. */
const BODY_BYTES_MAX = 524_288;
/** Bodies of whoever sends them: so many at once, for so long. Slack sends its own at once (A21). */
export const READING_MAX = 200;
const READING_MS_MAX = 10_000;
const PATHS = /^\/channels\/slack\/(?:events|interactivity|commands)\/?$/;

export type HttpParts = {
  readonly verify: Verifier;
  /** False: nothing more can be worked on now, so nothing is acknowledged, and Slack says so to whoever clicked. */
  readonly accepts: () => boolean;
  /** Called after the acknowledgement went out. */
  readonly take: (taken: Taken) => void;
  readonly refused: (why: string) => void;
};

type Answer = {
  readonly status: number;
  readonly body?: string;
  readonly type?: string;
  readonly taken?: Taken;
};

export function createHandler(
  parts: HttpParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const reading = { now: 0 };
  return (request, response) => {
    void answerTo(parts, request, reading)
      .catch((): Answer => ({ status: 400 }))
      .then((answer) => {
        const { status, body = '', type = 'text/plain; charset=utf-8', taken } = answer;
        // The rest of a body nobody wants is not waited for.
        if (status === 413) response.setHeader('connection', 'close');
        response.writeHead(status, {
          'content-type': type,
          'cache-control': 'no-store',
          'content-length': Buffer.byteLength(body),
        });
        response.end(body, () => {
          if (taken !== undefined) parts.take(taken);
        });
      });
  };
}

async function answerTo(
  { verify, refused, accepts }: HttpParts,
  request: IncomingMessage,
  reading: { now: number },
): Promise<Answer> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (!PATHS.test(path)) return { status: 404 };
  if (request.method !== 'POST') return { status: 405 };
  if (!accepts() || reading.now >= READING_MAX) return { status: 503 };
  reading.now += 1;
  const body = await bodyOf(request).finally(() => {
    reading.now -= 1;
  });
  if (body === undefined) return { status: 413 };
  try {
    const judged = verify({
      timestamp: one(request.headers['x-slack-request-timestamp']),
      signature: one(request.headers['x-slack-signature']),
      body,
    });
    if (judged.ok) return answered(body, request.headers['content-type'] ?? '');
    refused(judged.why);
    return { status: 401 };
  } catch (error) {
    if (!(error instanceof SeenTooMuch)) throw error;
    return { status: 503 }; // Slack asks again
  }
}

const one = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : undefined;

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = setTimeout(() => request.destroy(), READING_MS_MAX);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(late);
  }
}

function answered(body: Buffer, type: string): Answer {
  if (type.startsWith('application/json')) return eventAnswer(parseJson(body));
  if (!type.startsWith('application/x-www-form-urlencoded')) return { status: 415 };
  const fields = new URLSearchParams(body.toString('utf8'));
  // Slack names each field once; which of two would count is for nobody to choose (A6).
  if (new Set(fields.keys()).size !== fields.size) return { status: 400 };
  // Slack looks now and then whether the certificate is good.
  if (fields.get('ssl_check') === '1') return { status: 200 };
  const payload = fields.get('payload');
  return accepted(
    payload === null ? readCommand(Object.fromEntries(fields)) : readInteraction(parseJson(payload)),
  );
}

/** Acknowledged even when it is nothing of ours: Slack would send it again. An empty body closes a dialog. */
const accepted = (taken: Taken | undefined): Answer =>
  taken === undefined ? { status: 200 } : { status: 200, taken };

function eventAnswer(payload: Json): Answer {
  const challenge =
    isJsonObject(payload) && member(payload, 'type') === 'url_verification'
      ? member(payload, 'challenge')
      : undefined;
  if (typeof challenge === 'string')
    return {
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ challenge: challenge.slice(0, 1_000) }),
    };
  return accepted(readEvent(payload));
}
