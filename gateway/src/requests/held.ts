/**
 * A held action: its open request, and the wait for it to leave `pending`. Waiting never decides anything. Thousands may
 * wait at once, so one that waits is one small object.
 */
import type { Principal } from '@countersign/core';
import type { Deps } from '../deps.ts';
import type { Held, RequestView, Verdict } from '../protocols/protocol.ts';
import { loadOwn, requesterView } from './views/requester.ts';

export async function heldVerdict(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<Verdict | undefined> {
  const request = await view(deps, principal, request_id);
  return request === undefined
    ? undefined
    : { kind: 'held', held: new HeldRequest(deps, principal, request) };
}

class HeldRequest implements Held {
  readonly #deps: Deps;
  readonly #principal: Principal;
  readonly request: RequestView;

  constructor(deps: Deps, principal: Principal, request: RequestView) {
    this.#deps = deps;
    this.#principal = principal;
    this.request = request;
  }

  settled(signal: AbortSignal): Promise<RequestView> {
    return new Promise((resolve) => {
      const stop = this.onSettled((settled) => {
        signal.removeEventListener('abort', leave);
        resolve(settled);
      });
      const leave = (): void => {
        stop();
        void this.#look().then((now) => resolve(now ?? this.request));
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
  }

  onSettled(listener: (view: RequestView) => void): () => void {
    let over = false;
    const tell = (settled: RequestView): void => {
      if (over) return;
      stop();
      listener(settled);
    };
    // Listen first, then look: a change between the two is not missed.
    const leave = this.#deps.bus.onSettled(
      this.request.id,
      () => void this.#look().then((now) => tell(now ?? this.request)),
    );
    const stop = (): void => {
      over = true;
      leave();
    };
    void this.#look().then((now) => {
      if (now !== undefined && now.status !== 'pending') tell(now);
    });
    return stop;
  }

  /** What became of it so far; undefined when the store does not answer. */
  #look(): Promise<RequestView | undefined> {
    return view(this.#deps, this.#principal, this.request.id).catch(() => undefined);
  }
}

async function view(deps: Deps, principal: Principal, request_id: string): Promise<RequestView | undefined> {
  const stored = await loadOwn(deps, principal, request_id);
  return stored === undefined ? undefined : requesterView(deps, stored);
}
