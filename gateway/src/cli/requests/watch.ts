/**
 * `countersign requests watch`: waits for requests, shows each whole and asks. What is resolved elsewhere meanwhile is
 * not asked about any longer; a lost connection is said and mended. Nothing is answered by leaving.
 */
import type { Client, LiveEvent } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { jsonLine, lookOf, type Paint, painter } from '../output.ts';
import { renderRequest } from '../render/request.ts';
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
  const watching = new Watching({ client, io, queue, prompt, over, json: values.json === true });
  try {
    if (values.json !== true)
      watching.note(`Watching ${url} as ${me.name}. Ctrl-C leaves; what is open stays open.`);
    await Promise.all([watching.follow(values.all === true), watching.serve()]);
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
  readonly io: Io;
  readonly queue: Queue;
  readonly prompt: Prompt | undefined;
  readonly over: AbortController;
  readonly json: boolean;
};

class Watching {
  readonly #parts: Parts;
  readonly #paint: Paint;
  #lost = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#paint = painter(lookOf(parts.io).color);
  }

  /** Keeps the queue true to the gateway's live changes, until told to stop or refused. */
  async follow(all: boolean): Promise<void> {
    const { client, over, queue } = this.#parts;
    try {
      for await (const event of client.requests.watch({ signal: over.signal })) await this.#hear(event, all);
    } finally {
      over.abort();
      queue.close();
    }
  }

  async #hear(event: LiveEvent, all: boolean): Promise<void> {
    const { queue } = this.#parts;
    if (event.kind === 'lost') {
      if (!this.#lost) this.note('The connection to the gateway is lost; trying again.');
      this.#lost = true;
      return;
    }
    if (this.#lost) this.note('Connected again.');
    this.#lost = false;
    if (event.kind === 'change' && event.change.status !== 'pending') queue.drop(event.change.request_id);
    // A change says that something is new, not whether this person may review it: the list says that.
    else queue.replace(await this.#pending(all));
  }

  async #pending(all: boolean): Promise<readonly string[]> {
    const { client } = this.#parts;
    const filter = { status: 'pending', ...(all ? {} : { reviewable: true }), limit: 200 } as const;
    return (await client.requests.list(filter)).items.map(({ id }) => id);
  }

  /** One request at a time, in the gateway's order. */
  async serve(): Promise<void> {
    const { queue, over } = this.#parts;
    for (;;) {
      const next = await queue.next();
      if (next === undefined) return;
      await this.#put(next.id, AbortSignal.any([next.gone, over.signal]));
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
    const said = this.#paint('dim', text);
    if (prompt !== undefined) prompt.say(said);
    else if (!json) io.stdout.write(`${said}\n`);
  }
}
