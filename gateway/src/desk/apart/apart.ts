/**
 * Policies nobody has agreed to are loaded, tested and tried on a thread of their own: a draft may be large, its tests
 * may loop, and agents' calls go on meanwhile (A21, I15). A job that takes too long is cut off with its thread; one
 * runs at a time, people take turns, and few may wait. The thread goes when nobody has asked for a while.
 */
import { Worker } from 'node:worker_threads';
import type { Looked } from '../../api/ports.ts';
import { FairShare } from '../../limits/share.ts';
import { Turns } from '../../masking/apart/turns.ts';
import type { Question, Reply } from '../replay/questions.ts';
import type { FromThread, Job, JobKind, Jobs, Result, ToThread } from './messages.ts';
import type { SentWorld } from './world.ts';

const JOB_MS_MAX = 24_000;
/** With what a job may take, still under what clients wait. */
const WAIT_MS_MAX = 5_000;
const IDLE_MS = 60_000;
const WAITING_MAX = 8;
const HEAP_MB_MAX = 512;

export type ApartOptions = {
  /** Asked for each job; sent when it is another than before. */
  readonly world: () => SentWorld;
  /** What a job asks for on its way. */
  readonly reply: (question: Question) => Promise<Reply>;
  readonly onTrouble: (why: string) => void;
  readonly job_ms_max?: number;
  /** Who is not begun with by then is told that it is busy. */
  readonly wait_ms_max?: number;
  readonly idle_ms?: number;
};

export interface Apart {
  /** Never rejects. `person` is whose turn it takes. */
  do<K extends JobKind>(
    job: { readonly kind: K } & Jobs[K]['job'],
    person: string,
  ): Promise<Looked<Jobs[K]['result']>>;
  close(): Promise<void>;
}

type Settle = (answered: Looked<Result>) => void;
type Waiting = { readonly job: Job; readonly settle: Settle; readonly timer: NodeJS.Timeout };

// The whole path, so that the build can point it at the .js file.
const THREAD = new URL('./thread.ts', import.meta.url);

export const createApart = (options: ApartOptions): Apart => new OneThread(options);

class OneThread implements Apart {
  readonly #options: ApartOptions;
  readonly #places = new FairShare(() => WAITING_MAX);
  readonly #turns = new Turns<Waiting>();
  /** Those who waited too long, and were told. */
  readonly #late = new Set<Settle>();
  #thread: Worker | undefined;
  #told: SentWorld | undefined;
  #running: { readonly settle: Settle; readonly timer: NodeJS.Timeout } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ApartOptions) {
    this.#options = options;
  }

  async do<K extends JobKind>(
    job: { readonly kind: K } & Jobs[K]['job'],
    person: string,
  ): Promise<Looked<Jobs[K]['result']>> {
    const giveBack = this.#closed ? undefined : this.#places.take(person);
    if (giveBack === undefined) return { kind: 'busy' };
    try {
      const answered = await new Promise<Looked<Result>>((settle) => {
        const { wait_ms_max = WAIT_MS_MAX } = this.#options;
        const timer = setTimeout(() => {
          this.#late.add(settle);
          settle({ kind: 'busy' });
        }, wait_ms_max);
        this.#turns.add(person, { job: job as Job, settle, timer });
        this.#next();
      });
      // The thread answers a job with a result of its kind.
      return answered as Looked<Jobs[K]['result']>;
    } finally {
      giveBack();
    }
  }

  #next(): void {
    if (this.#running !== undefined) return;
    clearTimeout(this.#idle);
    const waiting = this.#take();
    if (waiting === undefined) {
      this.#idle = setTimeout(() => this.#drop(), this.#options.idle_ms ?? IDLE_MS).unref();
      return;
    }
    const { job_ms_max = JOB_MS_MAX } = this.#options;
    const timer = setTimeout(() => this.#fail({ kind: 'too_long' }), job_ms_max);
    this.#running = { settle: waiting.settle, timer };
    try {
      const thread = this.#thread ?? this.#start();
      this.#thread = thread;
      const world = this.#options.world();
      if (this.#told !== world) thread.postMessage({ kind: 'world', world } satisfies ToThread);
      this.#told = world;
      thread.postMessage({ kind: 'job', job: waiting.job } satisfies ToThread);
    } catch (error) {
      this.#fail({ kind: 'failed' }, String(error));
    }
  }

  /** The next who still waits. */
  #take(): Waiting | undefined {
    for (let next = this.#turns.take(); next !== undefined; next = this.#turns.take()) {
      clearTimeout(next.timer);
      if (!this.#late.delete(next.settle)) return next;
    }
    return undefined;
  }

  #start(): Worker {
    this.#told = undefined;
    const thread = new Worker(THREAD, {
      name: 'policy-desk',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    const mine = (run: () => void) => (): void => {
      if (this.#thread === thread) run();
    };
    thread.on('message', (message: FromThread) => mine(() => this.#heard(message))());
    thread.on('error', (error) => mine(() => this.#fail({ kind: 'failed' }, String(error)))());
    thread.on(
      'messageerror',
      mine(() => this.#fail({ kind: 'failed' }, 'it sent what cannot be read')),
    );
    thread.on(
      'exit',
      mine(() => this.#fail({ kind: 'failed' }, 'it ended')),
    );
    thread.unref();
    return thread;
  }

  #heard(message: FromThread): void {
    if (message.kind === 'question') this.#ask(message.question);
    else if (message.kind === 'done') this.#settle({ kind: 'done', result: message.result });
    else this.#fail({ kind: 'failed' }, message.why);
  }

  /** A store that cannot be read fails the job. */
  #ask(question: Question): void {
    const thread = this.#thread;
    this.#options.reply(question).then(
      (reply) => {
        if (this.#thread === thread) thread?.postMessage({ kind: 'reply', reply } satisfies ToThread);
      },
      (error: unknown) => {
        if (this.#thread === thread) this.#fail({ kind: 'failed' }, String(error));
      },
    );
  }

  #settle(answered: Looked<Result>): void {
    const running = this.#running;
    this.#running = undefined;
    clearTimeout(running?.timer);
    running?.settle(answered);
    this.#next();
  }

  /** What ran is cut off with its thread; what waits gets a new one. */
  #fail(answered: Looked<Result>, why?: string): void {
    this.#drop();
    if (why !== undefined && !this.#closed)
      this.#options.onTrouble(`a policy draft could not be looked at: ${why}`);
    this.#settle(answered);
  }

  #drop(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const thread = this.#thread;
    for (let waiting = this.#take(); waiting !== undefined; waiting = this.#take())
      waiting.settle({ kind: 'busy' });
    if (this.#running !== undefined) this.#fail({ kind: 'busy' });
    clearTimeout(this.#idle);
    this.#thread = undefined;
    await thread?.terminate();
  }
}
