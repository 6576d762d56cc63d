/**
 * Sends what waits: of each endpoint a few at once, of each subject one at a time and in order, at least once. An endpoint
 * that fails is left alone for a while and then asked with one notice; it delays nobody else's. What may have arrived and
 * was not answered is sent again under the same id.
 */
import type { Log, Meter } from '../events.ts';
import { watchLeases } from '../limits/leases.ts';
import type { Step, Store } from '../store/store.ts';
import { placeOf } from './endpoints.ts';
import { restAfter, waitAfter } from './retry.ts';
import {
  type Delivery,
  delivered,
  dueOf,
  type EndpointName,
  failed,
  gone,
  lease,
  letGo,
  nextAt,
  recall,
  takenOf,
} from './rows.ts';

export type Sent =
  | { readonly ok: true; readonly also?: readonly Step[] }
  | {
      readonly ok: false;
      /** Ours, never the other side’s words. */
      readonly trouble: string;
      readonly gone?: true;
      readonly retry_after_ms?: number | undefined;
    };

export type Dispatching = {
  readonly store: Store;
  readonly now: () => number;
  readonly log: Log;
  readonly random: () => number;
  readonly endpoints: () => readonly EndpointName[];
  readonly send: (delivery: Delivery) => Promise<Sent>;
  readonly meter?: Pick<Meter, 'count'>;
  /** Looked at this often at least, should a hint be missed. */
  readonly look_every_ms?: number;
  /** Runs forward, whatever becomes of the clock. */
  readonly elapsed?: () => number;
};

export type Dispatcher = {
  /** Something may be due. */
  look(): void;
  /** Resolves when nothing is on its way any more. */
  close(): Promise<void>;
};

const LANES = 4;
/** Longer than any notice takes: afterwards whoever took it is taken for dead. */
const LEASE_MS = 30_000;
const FAILURES_REST = 3;
const LOOK_EVERY_MS = 5_000;
const LOOK_SOON_MS = 20;

type Lane = { readonly flying: Map<number, Promise<void>>; failures: number; rest_until: number };

export function startDispatcher(parts: Dispatching): Dispatcher {
  const { store, now, log, look_every_ms = LOOK_EVERY_MS } = parts;
  const lanes = new Map<EndpointName, Lane>();
  const over = watchLeases(LEASE_MS, parts.elapsed);
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let again = false;

  const laneOf = (name: EndpointName): Lane => {
    const lane = lanes.get(name) ?? { flying: new Map(), failures: 0, rest_until: 0 };
    lanes.set(name, lane);
    return lane;
  };
  const look = (): void => {
    if (closed) return;
    again = true;
    looking ??= round().finally(() => {
      looking = undefined;
    });
  };
  const wake = (ms: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(look, ms).unref();
  };
  async function round(): Promise<void> {
    try {
      while (again && !closed) {
        again = false;
        await freeAbandoned(store, over);
        for (const name of parts.endpoints()) await fill(name);
      }
      const at = await nextAt(store);
      wake(at === undefined ? look_every_ms : Math.min(look_every_ms, Math.max(LOOK_SOON_MS, at - now())));
    } catch (error) {
      log.warn({ error: String(error) }, 'could not look for notices to send; it looks again');
      wake(look_every_ms);
    }
  }
  async function fill(name: EndpointName): Promise<void> {
    const lane = laneOf(name);
    const free = freeOf(lane, now());
    if (free <= 0) return;
    const due = await dueOf(store, { endpoint: name, now: now(), most: free + lane.flying.size });
    for (const delivery of due.filter(({ leaf_index }) => !lane.flying.has(leaf_index)).slice(0, free)) {
      const flight = fly(parts, delivery, lane)
        .catch((error: unknown) => {
          // The store is gone: what was sent stays leased, and is sent again.
          log.warn({ endpoint: name, error: String(error) }, 'how a notice fared could not be kept');
        })
        .finally(() => {
          lane.flying.delete(delivery.leaf_index);
          look();
        });
      lane.flying.set(delivery.leaf_index, flight);
    }
  }
  look();
  return {
    look,
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking;
      await Promise.all([...lanes.values()].flatMap(({ flying }) => [...flying.values()]));
    },
  };
}

/** What whoever took it neither sent nor gave back may be taken again. */
async function freeAbandoned(store: Store, over: ReturnType<typeof watchLeases>): Promise<void> {
  const abandoned = over(await takenOf(store));
  if (abandoned.length > 0)
    await store.commit({ name: 'notices-abandoned', steps: abandoned.map(letGo), entries: [] });
}

function freeOf({ flying, failures, rest_until }: Lane, now: number): number {
  if (failures < FAILURES_REST) return LANES - flying.size;
  return now < rest_until ? 0 : 1 - flying.size;
}

async function fly(parts: Dispatching, delivery: Delivery, lane: Lane): Promise<void> {
  const { store, now } = parts;
  const mark = now() + LEASE_MS;
  const taken = await store.commit({
    name: 'lease-notice',
    steps: [lease(delivery, mark)],
    entries: [],
    unhurried: true,
  });
  if (!taken.ok) return;
  const sent = await parts.send(delivery);
  const back = sent.ok && lane.failures >= FAILURES_REST;
  if (sent.ok) lane.failures = 0;
  else {
    lane.failures += 1;
    lane.rest_until = now() + restAfter(lane.failures);
  }
  const wait = sent.ok ? 0 : waitFor(parts, delivery, sent);
  await store.commit({
    name: sent.ok ? 'notice-delivered' : 'notice-failed',
    steps: sent.ok
      ? [
          ...delivered(delivery, now()),
          ...(back ? [recall(delivery.endpoint, now())] : []),
          ...(sent.also ?? []),
        ]
      : missed(parts, { ...delivery, mark, wait }, sent),
    entries: [],
    unhurried: true,
  });
  const outcome = sent.ok ? 'taken' : wait === undefined ? 'dead' : 'failed';
  parts.meter?.count('countersign_webhook_notices_total', { place: placeOf(delivery.endpoint), outcome });
}

type Missed = Extract<Sent, { ok: false }>;

/** Undefined: it is not tried again. */
const waitFor = (
  { random }: Dispatching,
  { attempts }: Delivery,
  { gone: isGone, retry_after_ms }: Missed,
): number | undefined => (isGone ? undefined : waitAfter(attempts + 1, { random: random(), retry_after_ms }));

function missed(
  { now, log }: Dispatching,
  delivery: Delivery & { readonly mark: number; readonly wait: number | undefined },
  { trouble, gone: isGone }: Missed,
): readonly Step[] {
  const { endpoint, event_id, mark, wait } = delivery;
  const at = now();
  const about = { endpoint, event_id, trouble };
  if (wait === undefined)
    log.error(about, 'a notice could not be delivered and is not tried again: countersign webhooks dead');
  else if (delivery.attempts === 0) log.warn(about, 'a notice was not taken; it is tried again');
  const next_at = wait === undefined ? undefined : at + wait;
  return [...failed(delivery, { now: at, next_at, trouble, mark }), ...(isGone ? gone(endpoint, at) : [])];
}
