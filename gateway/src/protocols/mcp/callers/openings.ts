/**
 * Openings of upstreams under way, each asked for once however many callers need it. Where people must agree to one, every
 * caller that waits takes one of the places for held calls while it does (A21), and nothing is opened for callers that all
 * left. Waiting decides nothing: whoever opens goes through the door again (I8).
 */
import type { FairShare } from '../../../limits/share.ts';
import type { Held, RequestView, Session } from '../../protocol.ts';
import type { McpDeps } from '../deps.ts';
import type { Presence } from '../wire/reply.ts';
import { notAgreed, type Wait } from './opening.ts';

export type Waiting = { readonly door: Session; readonly caller: Pick<Presence, 'left' | 'onLeave'> };

type Options = { readonly deps: Pick<McpDeps, 'holdWait'>; readonly held: FairShare };

export class Openings<T> {
  readonly #options: Options;
  readonly #underway = new Map<string, Opening<T>>();

  constructor(options: Options) {
    this.#options = options;
  }

  get size(): number {
    return this.#underway.size;
  }

  has(key: string): boolean {
    return this.#underway.has(key);
  }

  /** Joins the opening of this key, or begins it. @throws WireError when it is not opened, or not while this caller waits */
  join(key: string, waiting: Waiting, open: (wait: Wait) => Promise<T>): Promise<T> {
    let opening = this.#underway.get(key);
    if (opening === undefined) {
      const begun = new Opening(open, () => {
        if (this.#underway.get(key) === begun) this.#underway.delete(key);
      });
      opening = begun;
      this.#underway.set(key, begun);
    }
    return opening.attend(this.#options, waiting);
  }
}

class Opening<T> {
  readonly #opened: Promise<T>;
  readonly #over: () => void;
  readonly #asks = Promise.withResolvers<void>();
  readonly #look = new AbortController();
  #held: Held | undefined;
  #attending = 0;
  /** `abandoned`: everybody left before people answered. */
  #state: 'waiting' | 'answered' | 'abandoned' = 'waiting';

  constructor(open: (wait: Wait) => Promise<T>, over: () => void) {
    this.#over = over;
    this.#opened = open((held) => this.#wait(held)).finally(over);
    // Whoever attends hears of it.
    this.#opened.catch(() => undefined);
  }

  async #wait(held: Held): Promise<RequestView> {
    this.#held = held;
    this.#asks.resolve();
    const view = await held.settled(this.#look.signal);
    if (this.#state === 'abandoned') return held.request;
    this.#state = 'answered';
    return view;
  }

  async attend(options: Options, waiting: Waiting): Promise<T> {
    this.#attending += 1;
    try {
      await Promise.race([this.#asks.promise, this.#opened]);
      if (this.#held !== undefined && this.#state === 'waiting')
        await this.#agreed(this.#held, options, waiting);
      return await this.#opened;
    } finally {
      this.#attending -= 1;
      if (this.#attending === 0) this.#abandon();
    }
  }

  /** @throws WireError when this caller waits no longer */
  async #agreed(held: Held, { deps, held: places }: Options, { door, caller }: Waiting): Promise<void> {
    const { agent } = door.principal;
    const wait_ms = deps.holdWait(agent);
    const giveBack = wait_ms <= 0 ? undefined : places.take(agent);
    if (giveBack === undefined) throw notAgreed(held.request);
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, wait_ms);
    caller.onLeave(patience.resolve);
    try {
      await Promise.race([this.#opened, patience.promise]);
      if (this.#state !== 'waiting') return;
      // Looks once more: what another process decided is announced to nobody here.
      const view = caller.left ? held.request : await held.settled(AbortSignal.abort());
      if (view.status === 'pending') throw notAgreed(view);
      this.#look.abort();
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }

  #abandon(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'abandoned';
    this.#over();
    this.#look.abort();
  }
}
