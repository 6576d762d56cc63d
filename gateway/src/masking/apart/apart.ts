/**
 * Masking of large values on a thread of its own: hostile text may take seconds, and takes them there, while the calls
 * of others go on (A21, I15). What the thread did not answer for never leaves: when it dies, hangs or has too much to
 * do, the whole value is masked (fail closed). Agents take turns, so that one with many large answers does not keep
 * the others waiting.
 */
import { Worker } from 'node:worker_threads';
import type { Json } from '@countersign/core';
import { FairShare } from '../../limits/share.ts';
import type { KnownSecrets } from '../known/known.ts';
import { FAILED_LABEL, TOO_BUSY_LABEL } from '../marks.ts';
import type { Done, Job, ToThread } from './messages.ts';
import { Turns } from './turns.ts';

/** A value this large, in characters, is worth the way to the thread and back. */
export const LARGE_CHARS = 65_536;
/** What takes longer is masked whole, and the thread started anew. */
const JOB_MS_MAX = 30_000;
const WAITING_MAX = 256;
/** Of the thread's own heap: 32 MiB of text that is nothing but secrets needs about half. */
const HEAP_MB_MAX = 1_024;

/** `failed` says what to put in place of the whole value. */
export type Answer = Done | { readonly kind: 'failed'; readonly label: string };

export interface Apart {
  /** Never rejects. `holder` is whose turn it takes. */
  do(job: Job, holder: string): Promise<Answer>;
  close(): Promise<void>;
}

export type ApartOptions = {
  /** What to guard; asked anew for each job, since secrets may be added. */
  readonly known: KnownSecrets;
  /** A thread that failed, in words safe to log. */
  readonly onTrouble: (why: string) => void;
  readonly job_ms_max?: number;
  readonly waiting_max?: number;
};

type Waiting = { readonly job: Job; readonly resolve: (answer: Answer) => void };

// The whole path, so that the build can point it at the .js file.
const THREAD = new URL('./thread.ts', import.meta.url);

/** The thread starts with the first job. */
export function createApart(options: ApartOptions): Apart {
  return new OneThread(options);
}

class OneThread implements Apart {
  readonly #options: ApartOptions;
  readonly #places: FairShare;
  readonly #turns = new Turns<Waiting>();
  #thread: Worker | undefined;
  #told = -1;
  #running: { readonly resolve: (answer: Answer) => void; readonly timer: NodeJS.Timeout } | undefined;
  #closed = false;

  constructor(options: ApartOptions) {
    this.#options = options;
    this.#places = new FairShare(() => options.waiting_max ?? WAITING_MAX);
  }

  async do(job: Job, holder: string): Promise<Answer> {
    const giveBack = this.#closed ? undefined : this.#places.take(holder);
    if (giveBack === undefined) return { kind: 'failed', label: TOO_BUSY_LABEL };
    try {
      return await new Promise((resolve) => {
        this.#turns.add(holder, { job, resolve });
        this.#next();
      });
    } finally {
      giveBack();
    }
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const waiting = this.#turns.take();
    if (waiting === undefined) return;
    const { job_ms_max = JOB_MS_MAX } = this.#options;
    const timer = setTimeout(() => this.#fail(`took longer than ${job_ms_max} ms`), job_ms_max);
    this.#running = { resolve: waiting.resolve, timer };
    try {
      this.#say({ kind: 'job', job: waiting.job });
    } catch {
      // The value cannot be sent, or the thread cannot be started. The reason may quote the value, so it goes nowhere.
      this.#fail('could not be given a value');
    }
  }

  #say(message: ToThread): void {
    this.#thread ??= this.#start();
    const { known } = this.#options;
    if (this.#told !== known.version) {
      this.#thread.postMessage({ kind: 'secrets', secrets: known.list() } satisfies ToThread);
      this.#told = known.version;
    }
    this.#thread.postMessage(message);
  }

  #start(): Worker {
    this.#told = -1;
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB_MAX };
    const thread = new Worker(THREAD, { name: 'masking', resourceLimits });
    thread.on('message', (done: Done) => {
      if (this.#thread === thread) this.#settle(done);
    });
    const died = (why: string): void => {
      if (this.#thread === thread) this.#fail(why);
    };
    // What an error says may quote what it was about.
    thread.on('error', () => died('failed'));
    thread.on('messageerror', () => died('sent what cannot be read'));
    thread.on('exit', () => died('ended'));
    thread.unref();
    return thread;
  }

  #settle(answer: Answer): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    running?.resolve(answer);
    this.#next();
  }

  /** What ran is masked whole; what waits gets a new thread. */
  #fail(why: string): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
    if (!this.#closed)
      this.#options.onTrouble(`the masking thread ${why}; what it was given is masked whole`);
    this.#settle({ kind: 'failed', label: FAILED_LABEL });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    for (let waiting = this.#turns.take(); waiting !== undefined; waiting = this.#turns.take())
      waiting.resolve({ kind: 'failed', label: FAILED_LABEL });
    if (this.#running !== undefined) this.#fail('was closed');
    this.#thread = undefined;
    await thread?.terminate();
  }
}

/** Whether `value` is large, without reading all of one that is. */
export function isLarge(value: Json, chars = LARGE_CHARS): boolean {
  const waiting: Json[] = [value];
  let left = chars;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    left -= ITEM_CHARS;
    if (typeof next === 'string') left -= next.length;
    else if (typeof next === 'object' && next !== null) {
      const items = Array.isArray(next) ? (next as readonly Json[]) : Object.values(next);
      if (items.length * ITEM_CHARS > left) return true;
      if (items !== next) for (const key of Object.keys(next)) left -= key.length;
      for (const item of items) waiting.push(item);
    }
    if (left < 0) return true;
  }
  return false;
}

/** What a number, a bracket or a comma count. */
const ITEM_CHARS = 4;
