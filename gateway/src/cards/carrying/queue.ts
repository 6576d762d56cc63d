/**
 * What is carried next, and where: the most urgent of each place, as the store says, as long as no service said to wait. What
 * is posted there and what is changed there take turns, and neither waits for what the other was told; broken glass waits for
 * neither. In memory only: another gateway may carry any of it, and finds that out by the lease.
 */
import { watchLeases } from '../../limits/leases.ts';
import type { Store } from '../../store/store.ts';
import { DUE_MAX, type DueCard, dueCards, type Lane } from './due.ts';
import { letGo, takenCards } from './lease.ts';

/** A look at a long queue takes a while, and others read the store too: it is left to them so many times as long. */
const PAUSES = 3;

export type Queue = {
  rows(): readonly DueCard[];
  take(row: DueCard): void;
  /** Something may be more urgent by now. */
  stale(): void;
  isStale(): boolean;
  /** Not all of it is there any more, so there may be more in the store. */
  isSpent(): boolean;
  /** Looks in the store, past the first so many; returns where to look on, if there is more. */
  look(after: number): Promise<number | undefined>;
};

export type Queueing = {
  readonly store: Pick<Store, 'read' | 'commit'>;
  readonly channel: { readonly kind: string };
  readonly now: () => number;
  /** How long one may be carried: longer, and nobody carries it any more. */
  readonly lease_ms: number;
  /** Runs forward, whatever becomes of the clock. */
  readonly elapsed?: () => number;
};

export function createQueue({ store, channel, now, lease_ms, elapsed }: Queueing): Queue {
  const over = watchLeases(lease_ms, elapsed);
  let rows = new Set<DueCard>();
  let stale = true;
  let taken = 0;
  let not_before = 0;
  const mayLook = (): boolean => performance.now() >= not_before;
  return {
    rows: () => [...rows],
    take(row) {
      if (rows.delete(row)) taken += 1;
    },
    stale() {
      stale = true;
    },
    isStale: () => stale && mayLook(),
    isSpent: () => (stale || taken > 0) && mayLook(),
    async look(after) {
      [stale, taken] = [false, 0];
      const began = performance.now();
      if (after === 0) {
        const abandoned = over(await takenCards(store, channel.kind));
        if (abandoned.length > 0) await letGo(store, abandoned);
      }
      const found = await dueCards(store, { channel: channel.kind, now: now(), after });
      const ended = performance.now();
      not_before = ended + PAUSES * (ended - began);
      rows = new Set(found);
      return found.length < DUE_MAX ? undefined : after + found.length;
    },
  };
}

export type Places = {
  /** One of each place that may be told something now, most urgent first. */
  next(rows: readonly DueCard[], busy: ReadonlySet<string>): readonly DueCard[];
  /** `wait_ms`: how long it is to be left alone. */
  carried(row: DueCard, wait_ms: number): void;
};

/** By what ran since, as a service that said to wait means it: a clock that is set keeps no place waiting. */
export function createPlaces(elapsed: () => number = () => performance.now()): Places {
  /** Until when, by lane and place. */
  const held = new Map<string, number>();
  const last = new Map<string, Lane>();
  const waits = (row: DueCard): boolean => {
    const key = keyOf(row);
    const until = held.get(key);
    if (until === undefined) return false;
    if (until > elapsed()) return true;
    held.delete(key);
    return false;
  };
  return {
    next(rows, busy) {
      const heads = new Map<string, DueCard>();
      for (const row of rows) {
        if (busy.has(row.place) || waits(row)) continue;
        const head = heads.get(row.place);
        if (head === undefined || comesBefore(row, head, last.get(row.place))) heads.set(row.place, row);
      }
      return [...heads.values()];
    },
    carried(row, wait_ms) {
      last.set(row.place, row.lane);
      if (last.size > PLACES_MAX) last.clear();
      if (wait_ms > 0) held.set(keyOf(row), elapsed() + wait_ms);
    },
  };
}

const PLACES_MAX = 10_000;

/** What another stands for is posted like any other, once it is its turn. */
const keyOf = ({ lane, place }: DueCard): string => `${lane === 'fold' ? 'post' : lane} ${place}`;

/** Of one place; `head` is the more urgent one, or the first of its lane. */
function comesBefore(row: DueCard, head: DueCard, last: Lane | undefined): boolean {
  if (row.lane === head.lane || head.lane === 'glass') return false;
  if (row.lane === 'glass') return true;
  return row.lane !== 'fold' && head.lane === last && row.lane !== last;
}
