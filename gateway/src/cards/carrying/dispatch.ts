/**
 * Carries cards to one channel: whatever a place shows that differs from what it is to show is posted or updated, until it
 * worked or an operator must look. One at a time a place, in order; several places at once; never two gateways the same
 * card. What fails waits longer each time and holds up nothing else; nothing here ever answers for anybody (A20, I14).
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestDetail } from '@countersign/sdk';
import type { Card, Channel } from '../../channels/channel.ts';
import { ChannelTrouble } from '../../channels/channel.ts';
import type { Deps } from '../../deps.ts';
import { randomOctets } from '../../ids.ts';
import { startRepeating } from '../../repeat.ts';
import { StoreUnavailable } from '../../store/store.ts';
import { wakeFold, wantLeader } from '../attention/fold.ts';
import type { CardRow } from '../rows.ts';
import { keepVersion } from '../versions.ts';
import type { DueCard } from './due.ts';
import { type KeptBack, lease, type Settled, settle } from './lease.ts';
import { createPlaces, createQueue } from './queue.ts';
import { callMs, withinTime } from './within-time.ts';

export type Dispatcher = {
  /** There may be something to carry. */
  wake(): void;
  /** Lets what is under way end. */
  close(): Promise<void>;
};

export type Carrying = Pick<Deps, 'store' | 'log' | 'now'> & {
  readonly channel: Channel;
  /** What the place is to show, at this version; undefined when there is no such request. */
  readonly draw: (row: CardRow, version: number) => Promise<Drawn | undefined>;
  /** Whether its first showing is to wait, and until when; `left`: it says nothing that another there does not. */
  readonly keptBack: (row: CardRow, card: Card) => Promise<KeptBack | 'left' | undefined>;
  /** For operators: nothing a service said is shown as it came (I7). */
  readonly safe: (text: string) => string;
  readonly random?: () => number;
  /** Runs forward, whatever becomes of the clock. */
  readonly elapsed?: () => number;
};
export type Drawn = { readonly card: Card; readonly detail: RequestDetail };

const PLACES_AT_ONCE = 8;
const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 1_000;
const BACKOFF_MS = { first: 1_000, most: 5 * 60_000 };
/** Tried that long without success, and over: an operator is told instead. */
const GIVE_UP_MS = 24 * 3_600_000;
const TROUBLE_CHARACTERS_MAX = 300;

export function startDispatcher(carrying: Carrying): Dispatcher {
  const { channel, log } = carrying;
  const busy = new Map<string, Promise<void>>();
  const places = createPlaces(carrying.elapsed);
  const due = createQueue({ ...carrying, lease_ms: leaseMs(carrying) });
  let closed = false;
  let passing: Promise<void> | undefined;
  let again = false;

  const begin = (row: DueCard): void => {
    const done = carry(carrying, row)
      .then((wait_ms) => places.carried(row, wait_ms))
      .catch((error: unknown) => {
        log.error(
          { channel: channel.kind, error: String(error) },
          'a card could not be carried; it is tried again',
        );
        places.carried(row, BACKOFF_MS.first);
      })
      .finally(() => {
        busy.delete(row.place);
        wake();
      });
    busy.set(row.place, done);
  };
  const isFull = (): boolean => closed || busy.size >= PLACES_AT_ONCE;
  const beginSome = (): void => {
    for (const row of places.next(due.rows(), new Set(busy.keys()))) {
      if (isFull()) return;
      due.take(row);
      begin(row);
    }
  };
  const pass = async (): Promise<void> => {
    if (isFull()) return;
    if (!due.isStale()) beginSome();
    // Some place could still be told something: is there more?
    let from = due.isSpent() ? 0 : undefined;
    while (from !== undefined && !isFull()) {
      from = await due.look(from);
      beginSome();
    }
  };
  const wake = (): void => {
    if (closed) return;
    if (passing !== undefined) {
      again = true;
      return;
    }
    passing = pass()
      .catch((error: unknown) => {
        log.warn({ channel: channel.kind, error: String(error) }, 'what to carry could not be looked up');
      })
      .finally(() => {
        passing = undefined;
        if (again) {
          again = false;
          wake();
        }
      });
  };
  const wakeAnew = (): void => {
    due.stale();
    wake();
  };
  const stop = startRepeating({
    every_ms: LOOK_EVERY_MS,
    run: async () => wakeAnew(),
    failed: () => undefined,
  });
  wakeAnew();
  return {
    wake: wakeAnew,
    async close() {
      closed = true;
      await stop();
      await passing;
      // A service that does not answer must not keep the gateway from stopping: the lease runs out by itself.
      await Promise.race([Promise.all(busy.values()), delay(PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

/** One card. Resolves with how long its place is to be left alone. */
async function carry(carrying: Carrying, row: CardRow): Promise<number> {
  const { store, now } = carrying;
  const token = Buffer.from(randomOctets(16)).toString('hex');
  const at = now();
  // Durable: this card is ours for a while. A crash after this: it is another's once the lease is over.
  if (!(await lease(store, row, { token, until: at + leaseMs(carrying), now: at }))) return 0;
  const came = await shown(carrying, row, token);
  if (came === 'lost') return 0;
  const { settled, wait_ms = 0 } = came;
  const done = await settle(store, { id: row.id, token }, settled);
  // What it waits for changed meanwhile: it is looked at again.
  if (!done && settled.kind === 'kept-back')
    await settle(store, { id: row.id, token }, { kind: 'kept-back', at: now(), folded: row.folded });
  if (settled.kind === 'dead') tellDead(carrying, row, settled.trouble);
  return wait_ms;
}

const leaseMs = ({ channel }: Carrying): number => 2 * callMs(channel);

type Came = { readonly settled: Settled; readonly wait_ms?: number };

async function shown(carrying: Carrying, row: CardRow, token: string): Promise<Came | 'lost'> {
  let drawn: Drawn | undefined;
  try {
    drawn = await carrying.draw(row, row.wanted);
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    return failed(carrying, { row, final: true }, notDrawn(carrying, error, row));
  }
  return showing(carrying, row, { drawn, token });
}

type Showing = { readonly drawn: Drawn | undefined; readonly token: string };

async function showing(carrying: Carrying, row: CardRow, { drawn, token }: Showing): Promise<Came | 'lost'> {
  const { store, now } = carrying;
  const neverSeen = row.posted === null && !row.maybe_posted;
  const over = drawn !== undefined && drawn.card.status !== 'pending';
  const leader = row.folded ? [wantLeader(row)] : [];
  if (drawn === undefined || (over && neverSeen && !isOpenGlass(drawn)))
    return { settled: { kind: 'left', also: leader } };
  const { card, detail } = drawn;
  const kept = neverSeen && !over ? await carrying.keptBack(row, card) : undefined;
  if (kept === 'left') return { settled: { kind: 'left' } };
  if (kept !== undefined) return { settled: { kind: 'kept-back', ...kept } };
  const digest = digestOf(carrying, card);
  if (row.posted !== null && row.shown_digest === digest)
    return { settled: { kind: 'shown', version: row.wanted, digest, posted: row.posted } };
  const version = {
    card_id: row.id,
    version: row.wanted,
    action_digest: detail.action_digest,
    rendered_digest: detail.rendered_digest,
    offers: card.offers.kind,
  };
  const lease_until = { token, until: now() + leaseMs(carrying) };
  const begins = row.posted === null;
  // Durable: what this version shows. A crash after this: the version was shown to nobody, or is found by its number.
  const kept_as = await keepVersion(store, version, { now: now(), begins, also: leader, lease: lease_until });
  if (kept_as === 'lost') return 'lost';
  if (kept_as === 'taken') return { settled: { kind: 'renumbered' } };
  try {
    const posted = await withinTime(carrying.channel, call(carrying, row, card));
    // A crash here: the place shows it and the store does not know. It is carried again, and the channel finds it.
    return { settled: { kind: 'shown', version: row.wanted, digest, posted } };
  } catch (error) {
    return failed(carrying, { row, final: over }, troubleOf(carrying, error, row));
  }
}

/** It went through without the others, and nobody has judged that: people must hear of it, however late. */
const isOpenGlass = ({ detail }: Drawn): boolean => detail.broken_glass?.review === 'open';

async function call(
  { channel }: Carrying,
  { posted, place, maybe_posted }: CardRow,
  card: Card,
): Promise<string> {
  if (posted === null) return channel.post(card, place, maybe_posted);
  await channel.update(card, posted);
  return posted;
}

/** What is shown, whatever its number. */
function digestOf({ channel }: Carrying, card: Card): string {
  const { version: _, ...shownThere } = card;
  const face = channel.faceOf?.(card) ?? JSON.stringify(shownThere);
  return createHash('sha256').update(face).digest('hex');
}

function troubleOf({ log, channel }: Carrying, error: unknown, { id }: CardRow): ChannelTrouble {
  if (error instanceof ChannelTrouble) return error;
  log.error(
    { channel: channel.kind, card: id, error: String(error) },
    'a channel failed in a way it should not',
  );
  return new ChannelTrouble('The channel failed; see the gateway’s log.', 'unsure');
}

function notDrawn(
  { log, channel, safe }: Carrying,
  error: unknown,
  { id, request_id }: CardRow,
): ChannelTrouble {
  log.error(
    { channel: channel.kind, card: id, request_id, error: safe(String(error)) },
    'a card could not be drawn; it is tried again',
  );
  return new ChannelTrouble('The card cannot be drawn; see the gateway’s log.', 'later');
}

function failed(
  { now, safe, random = Math.random }: Carrying,
  /** `final`: not tried for ever, as what waits is. */
  { row, final }: { readonly row: CardRow; readonly final: boolean },
  trouble: ChannelTrouble,
): Came {
  const at = now();
  const failing_since = row.failing_since ?? at;
  const says = safe(trouble.message).slice(0, TROUBLE_CHARACTERS_MAX);
  const maybe_posted = row.maybe_posted || trouble.when === 'unsure';
  if (trouble.when === 'never' || (final && at - failing_since > GIVE_UP_MS)) {
    // One that nobody can see stands for no other.
    const also = wakeFold(row.request_id, at);
    return { settled: { kind: 'dead', trouble: says, maybe_posted, also } };
  }
  const wait_ms = Math.max(trouble.retry_after_ms ?? 0, backoffMs(row.attempts, random()));
  return {
    settled: { kind: 'again', at: at + wait_ms, trouble: says, failing_since, maybe_posted },
    // Said of the place, not of this card alone: the next one would be told the same.
    wait_ms: trouble.retry_after_ms ?? 0,
  };
}

/** Doubles, with jitter of a half, up to some minutes. */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(attempts, 20));
  return Math.round(full * (0.5 + random / 2));
}

function tellDead(
  { log, channel, safe }: Carrying,
  { id, request_id, place }: CardRow,
  trouble: string,
): void {
  log.warn(
    { channel: channel.kind, place: safe(place), card: id, request_id, trouble },
    'a card cannot be shown there; look at it, then: countersign channels replay',
  );
}
