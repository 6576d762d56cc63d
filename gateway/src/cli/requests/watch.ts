/**
 * `countersign requests watch`: waits for requests, shows each whole and asks. What is resolved elsewhere meanwhile is
 * not asked about any longer; a lost connection is said, once, and mended, and so is that it is back. Nothing is
 * answered by leaving.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { escapeTerminal } from '@countersign/core';
import {
  type Client,
  type GlassNotice,
  type LiveEvent,
  ProblemError,
  UnreachableError,
} from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { folded, jsonLine, lookOf, type Paint, painter } from '../output.ts';
import { renderRequest } from '../render/request.ts';
import { span } from '../render/time.ts';
import { openSession } from '../session.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { askForDecision } from './decide.ts';
import { canAsk, createPrompt, type Prompt } from './prompt.ts';
import { createQueue, type Queue } from './queue.ts';

export const watch: Verb = {
  about: 'Wait for requests; read and decide each here',
  usage: `countersign requests watch [--all] [--json] [--url URL]

  --all             also requests you may not review: shown, not asked about
  --json            one line of JSON for each request; nothing is asked

Without a terminal requests are shown and nothing is asked.
Ctrl-C leaves; what is open stays open.`,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, { options: { ...CLIENT_OPTIONS, all: { type: 'boolean' } } });
  const { client, url } = await openSession(io, values);
  const me = await client.me();
  const over = new AbortController();
  const queue = createQueue();
  const prompt = canAsk(io) && values.json !== true ? createPrompt(io) : undefined;
  const leave = (): void => over.abort();
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  void prompt?.ended.then(leave);
  const [json, all] = [values.json === true, values.all === true];
  const watching = new Watching({ client, url, io, queue, prompt, over, json, all });
  try {
    if (!json) watching.note(`Watching ${url} as ${me.name}. Ctrl-C leaves; what is open stays open.`);
    await Promise.all([watching.follow(), watching.serve()]);
  } finally {
    leave();
    prompt?.close();
    process.removeListener('SIGINT', leave);
    process.removeListener('SIGTERM', leave);
  }
  return EXIT.ok;
}

type Parts = {
  readonly client: Client;
  readonly url: string;
  readonly io: Io;
  readonly queue: Queue;
  readonly prompt: Prompt | undefined;
  readonly over: AbortController;
  readonly json: boolean;
  /** Also what this person may not review. */
  readonly all: boolean;
};

const RETRY_MS = 1_000;

class Watching {
  readonly #parts: Parts;
  readonly #paint: Paint;
  /** When the connection was lost; undefined while there is one. */
  #lost_at: number | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#paint = painter(lookOf(parts.io).color);
  }

  /** Keeps the queue true to the gateway's live changes, until told to stop or refused. */
  async follow(): Promise<void> {
    const { client, over, queue } = this.#parts;
    try {
      for await (const event of client.requests.watch({ signal: over.signal })) await this.#hear(event);
    } finally {
      over.abort();
      queue.close();
    }
  }

  async #hear(event: LiveEvent): Promise<void> {
    if (event.kind === 'lost') return this.#lost();
    this.#back();
    if (event.kind === 'break_glass') return this.#glass(event.notice);
    if (event.kind === 'change' && event.change.status !== 'pending')
      this.#parts.queue.drop(event.change.request_id);
    // A change says that something is new, not whether this person may review it: the list says that.
    else await this.#relist();
  }

  /** Said to whoever watches, whether or not they may review: what it let through is what they would have been asked. */
  #glass({ id, what, by }: GlassNotice): void {
    const who = escapeTerminal(by);
    if (what === 'broken')
      this.note(`GLASS BROKEN by ${who}: countersign break-glass show ${escapeTerminal(id)}`);
    else if (what === 'closed') this.note(`Broken glass ${escapeTerminal(id)} was judged by ${who}.`);
  }

  #lost(): void {
    if (this.#lost_at !== undefined) return;
    this.#lost_at = Date.now();
    this.note(`The connection to ${this.#parts.url} is lost; trying again. What is open stays open.`);
  }

  #back(): void {
    if (this.#lost_at === undefined) return;
    const away_ms = Date.now() - this.#lost_at;
    this.#lost_at = undefined;
    this.note(`Connected again, after ${span(Math.max(1_000, away_ms))}.`);
  }

  /** What is open now, asked for until the gateway answers. */
  async #relist(): Promise<void> {
    const { client, queue, over, all } = this.#parts;
    const filter = { status: 'pending', ...(all ? {} : { reviewable: true }), limit: 200 } as const;
    while (!over.signal.aborted) {
      try {
        const { items } = await client.requests.list(filter);
        this.#back();
        queue.replace(items.map(({ id }) => id));
        return;
      } catch (error) {
        if (!passes(error)) throw error;
        this.#lost();
        // Rejects only when this is over, which the loop sees.
        await pause(RETRY_MS, undefined, { signal: over.signal }).catch(() => undefined);
      }
    }
  }

  /** One request at a time, in the gateway's order. */
  async serve(): Promise<void> {
    const { queue, over } = this.#parts;
    for (;;) {
      const next = await queue.next();
      if (next === undefined) return;
      try {
        await this.#put(next.id, AbortSignal.any([next.gone, over.signal]));
      } catch (error) {
        if (!passes(error)) throw error;
        // It was not put to anybody, or nobody can tell: it comes back when the gateway does, if it is still open.
        this.#lost();
        queue.putBack(next.id);
        await this.#relist();
      }
      if (this.#parts.prompt?.closed === true) return;
    }
  }

  async #put(id: string, signal: AbortSignal): Promise<void> {
    const { client, io, prompt, json } = this.#parts;
    if (prompt !== undefined) {
      const decided = await askForDecision(client, id, { ...io, prompt, signal });
      if (decided.kind === 'skipped')
        this.note('Skipped; it stays open. To come back: countersign requests list');
      return;
    }
    const detail = await client.requests.show(id);
    if (json) io.stdout.write(`${jsonLine(detail)}\n`);
    else io.stdout.write(renderRequest(detail, { ...lookOf(io), now: Date.now() }));
  }

  note(text: string): void {
    const { io, json, prompt } = this.#parts;
    const said = folded(text, io)
      .map((row) => this.#paint('dim', row))
      .join('\n');
    if (prompt !== undefined) prompt.say(said);
    else (json ? io.stderr : io.stdout).write(`${said}\n`);
  }
}

/** The gateway is away or busy, and may be back: no reason to stop watching. */
const passes = (error: unknown): boolean =>
  error instanceof UnreachableError ||
  (error instanceof ProblemError && (error.status >= 500 || error.status === 429));
