/**
 * `/channels/teams/messages`: one activity a request. Read within a size and a time, vouched for, of our tenant, then done
 * with or answered. Bot Framework may deliver one twice: it is then done once, and answered alike.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject, parseJson } from '@countersign/core';
import { createRateLimit, type RateLimit } from '../../../limits/rate.ts';
import { type InvokeAnswer, SAYS, saying } from '../answers.ts';
import { VIEW } from '../verbs.ts';
import { type Inbound, readActivity } from './activity.ts';
import { readBody } from './body.ts';
import { type TokenOptions, vouched } from './token.ts';

const BODY_BYTES_MAX = 262_144;
const DEPTH_MAX = 32;
const AT_ONCE_MAX = 200;
/** Teams shows a failure after about ten seconds. */
const ANSWER_MS = 8_000;
const SEEN_MS = 10 * 60_000;
const SEEN_MAX = 2_000;
/** Anybody may send what is refused; the log is not theirs to fill. */
const TOLD = { burst: 20, per_second: 0.2, keys_max: 1 };

export type Heard = {
  readonly token: TokenOptions;
  readonly tenant: string;
  readonly path: string;
  /** Answers a click. Never rejects. */
  click(inbound: Extract<Inbound, { kind: 'click' }>): Promise<InvokeAnswer>;
  /** Anything else, after Bot Framework was told that it arrived. Never rejects. */
  other(inbound: Inbound): Promise<void>;
  readonly now: () => number;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
};

type Done = { readonly status: number; readonly body?: JsonObject };

export class Intake {
  readonly #heard: Heard;
  readonly #seen = new Map<string, { readonly done: Promise<Done>; readonly until: number }>();
  readonly #told: RateLimit;
  #untold = 0;
  #at_once = 0;
  #closed = false;

  constructor(heard: Heard) {
    this.#heard = heard;
    this.#told = createRateLimit(TOLD, heard.now);
  }

  close(): void {
    this.#closed = true;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#closed || this.#at_once >= AT_ONCE_MAX) {
      answer(response, { status: 503 });
      return;
    }
    this.#at_once += 1;
    void this.#take(request)
      .catch((error: unknown): Done => {
        this.#heard.log.warn(
          { why: error instanceof Error ? error.message : String(error) },
          'teams: an activity failed',
        );
        return { status: 500 };
      })
      .then((done) => answer(response, done))
      .finally(() => {
        this.#at_once -= 1;
      });
  }

  async #take(request: IncomingMessage): Promise<Done> {
    const { token, tenant, path } = this.#heard;
    if (request.url?.split('?', 1)[0] !== path) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    const { authorization } = request.headers;
    if (authorization === undefined) return { status: 401 };
    const body = await readBody(request, BODY_BYTES_MAX);
    if (typeof body === 'number') return { status: body };
    const activity = parsed(body);
    if (activity === undefined) return { status: 400 };
    const { channelId: channel, serviceUrl: service } = activity;
    const checked = await vouched(authorization, { channel, service }, token);
    if ('status' in checked) {
      this.#tell(checked.why, 'teams: an activity nobody vouched for was refused');
      return { status: checked.status };
    }
    const inbound = readActivity(activity, { app_id: token.app_id, tenant, service: checked.service });
    if (typeof inbound === 'string') {
      this.#tell(inbound, 'teams: an activity was refused');
      return { status: 403 };
    }
    return this.#once(inbound);
  }

  #tell(why: string, what: string): void {
    if (this.#told.take('') > 0) this.#untold += 1;
    else {
      this.#heard.log.warn({ why, ...(this.#untold === 0 ? {} : { untold: this.#untold }) }, what);
      this.#untold = 0;
    }
  }

  /** By what it is and who sent it: the same id from somebody else is another activity. */
  #once(inbound: Inbound): Promise<Done> {
    const now = this.#heard.now();
    const click = inbound.kind === 'click' ? inbound.click : undefined;
    const key = JSON.stringify([
      inbound.kind,
      inbound.id,
      inbound.from.id,
      inbound.where.conversation,
      click,
    ]);
    // A view is as it is now, every time.
    if (inbound.id === '' || click?.verb === VIEW) return this.#do(inbound);
    const seen = this.#seen.get(key);
    if (seen !== undefined && now < seen.until) return seen.done;
    const done = this.#do(inbound);
    if (this.#seen.size >= SEEN_MAX) this.#forget(now);
    this.#seen.set(key, { done, until: now + SEEN_MS });
    return done;
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#seen) if (until <= now) this.#seen.delete(key);
    for (const key of this.#seen.keys()) {
      if (this.#seen.size < SEEN_MAX) break;
      this.#seen.delete(key);
    }
  }

  async #do(inbound: Inbound): Promise<Done> {
    if (inbound.kind === 'click') return { status: 200, body: await inTime(this.#heard.click(inbound)) };
    if (inbound.kind === 'unreadable') return { status: 200, body: saying(SAYS.unreadable) };
    // An invoke nobody here knows; Teams asks for exactly this.
    if (inbound.kind === 'other' && inbound.invoke) return { status: 501 };
    void this.#heard.other(inbound);
    return { status: 202 };
  }
}

/** Nobody is left waiting; what was begun goes on, and the card shows what became of it. */
function inTime(work: Promise<InvokeAnswer>): Promise<InvokeAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<InvokeAnswer>((resolve) => {
    timer = setTimeout(
      resolve,
      ANSWER_MS,
      saying('That takes longer than usual. The card will show what became of it.'),
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function parsed(body: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(body, { depth_max: DEPTH_MAX, bytes_max: BODY_BYTES_MAX });
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Said by the status; its text is not ours to repeat.
    return undefined;
  }
}

function answer(response: ServerResponse, { status, body }: Done): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...(text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    // What was not read is not waited for.
    ...(status >= 400 ? { connection: 'close' } : {}),
  });
  response.end(text);
}
