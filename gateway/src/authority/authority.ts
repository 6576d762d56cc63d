/**
 * Everything a decision rests on — policy, people, agents, accepted tools — as one immutable snapshot with a number.
 * A permit or redemption commits only while that number is still current (I8); any change raises it, durably, before
 * the new snapshot is served. Between the commit and the swap, decisions made under the old number fail their guard.
 */
import type { Directory, Duties, JsonObject } from '@countersign/core';
import type { ToolClass } from '@countersign/sdk';
import type { Agents } from '../identity/directory.ts';
import type { TicketSystems } from '../identity/ticketing.ts';
import type { PinnedKeys } from '../passkeys/passkeys.ts';
import type { Policy } from '../policy/policy.ts';
import { type NewEntry, type Step, type Store, StoreUnavailable } from '../store/store.ts';
import { createCatchUp, type Following } from './catch-up.ts';
import { leavers, leftSteps } from './leaving.ts';
import type { OperatorsRule } from './operators.ts';
import type { Paused } from './paused.ts';

export type Snapshot = {
  readonly epoch: number;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly agents: Agents;
  /** Who sits in for whom, and who changed what decides. */
  readonly duties: Duties;
  /** Agents somebody stopped: nothing of theirs is permitted. */
  readonly paused: Paused;
  readonly ticketing: TicketSystems;
  /** Accepted tool definitions, by {@link pinKey}. */
  readonly pins: AcceptedPins;
  /** Reviewers' confirmed passkeys, by credential id. */
  readonly passkeys: PinnedKeys;
  /** Absent: there has only ever been one operator. */
  readonly operators?: OperatorsRule;
};

export type AcceptedPin = {
  readonly pin: string;
  readonly class: ToolClass;
  readonly definition: JsonObject;
};
export type AcceptedPins = ReadonlyMap<string, AcceptedPin>;
export const pinKey = (upstream: string, tool: string): string => `${upstream}\n${tool}`;

export type Change = {
  readonly next: Omit<Snapshot, 'epoch'>;
  /** State that changes with the authority, in the same transaction. */
  readonly steps: readonly Step[];
  /** Sealed entries that say so. Called with the epoch the change will have. */
  readonly entries: (epoch: number) => readonly NewEntry[];
};

export type Authority = {
  current(): Snapshot;
  /** Commits a change and swaps the snapshot. Changes are serialised. False: a guard among `steps` did not hold. */
  change(name: string, build: (current: Snapshot) => Change): Promise<boolean>;
  /**
   * Looks whether another process raised the epoch, and serves what it made so before it resolves: true when there was
   * something. Bounded; never rejects. Not to be awaited inside a change, whose turn it waits for.
   */
  catchUp(): Promise<boolean>;
  /** Why what is in force by the store cannot be served here: then nothing is permitted until it can. */
  trouble(): string | undefined;
  /** Without this, a gateway whose epoch another raised permits nothing until it is started again. */
  follow(following: Following<Snapshot>): void;
};

/** The guard every permit, redemption and resolution carries. */
export const epochGuard = (epoch: number): Step => ({
  name: 'epoch',
  sql: 'SELECT 1 FROM authority WHERE id = 1 AND epoch = $1',
  params: [epoch],
  rows: 1,
});

type Doubt = { readonly snapshot: Snapshot; readonly event_id: string | undefined };

/** By its entry; a change that has none, by its epoch. */
async function isStored(store: Store, { snapshot, event_id }: Doubt): Promise<boolean> {
  const found = await store.read(
    event_id === undefined
      ? { sql: 'SELECT 1 FROM authority WHERE id = 1 AND epoch = $1', params: [snapshot.epoch] }
      : { sql: 'SELECT 1 FROM entries WHERE event_id = $1', params: [event_id] },
  );
  return found.length > 0;
}

export async function createAuthority(store: Store, first: Omit<Snapshot, 'epoch'>): Promise<Authority> {
  const [row] = await store.read({ sql: 'SELECT epoch FROM authority WHERE id = 1', params: [] });
  if (row === undefined)
    throw new StoreUnavailable('the store has no authority row; its migrations did not run', 'no');
  let snapshot: Snapshot = { ...first, epoch: Number(row['epoch']) };
  /** A change whose commit nobody could answer for. Until it is settled its guard refuses everything (I1, I8). */
  let doubt: Doubt | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    // The queue goes on after a failed change; its caller hears of the failure.
    queue = done.catch(() => undefined);
    return done;
  };
  const catching = createCatchUp<Snapshot>(store, {
    current: () => snapshot,
    inTurn: (work) =>
      inTurn(async () => {
        await settled();
        await work();
      }),
    serve: (next, epoch) => {
      snapshot = { ...next, epoch };
      doubt = undefined; // whatever it was, what is in force by the store is served now
    },
  });

  /** True when the change in doubt is found stored; it is then the one in force. */
  const settled = async (): Promise<boolean> => {
    if (doubt === undefined) return false;
    // By its epoch alone it cannot be told from another process's change: that is read from the store instead.
    if (doubt.event_id === undefined && catching.follows()) return false;
    if (!(await isStored(store, doubt))) return false;
    snapshot = doubt.snapshot;
    doubt = undefined;
    return true;
  };

  const apply = async (name: string, build: (current: Snapshot) => Change): Promise<boolean> => {
    await settled();
    const from = snapshot.epoch;
    const { next, steps, entries: seal } = build(snapshot);
    const raise: Step = {
      name: 'raise-epoch',
      sql: 'UPDATE authority SET epoch = $2 WHERE id = 1 AND epoch = $1',
      params: [from, from + 1],
      rows: 1,
    };
    const left = leftSteps(leavers(snapshot.directory, next.directory), from + 1);
    const entries = seal(from + 1);
    const changed: Snapshot = { ...next, epoch: from + 1 };
    try {
      const outcome = await store.commit({ name, steps: [raise, ...steps, ...left], entries });
      if (!outcome.ok) return false;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || error.stored === 'no') throw error;
      doubt = { snapshot: changed, event_id: entries[0]?.event_id };
      // Nor could the look that followed: still in doubt, and its caller is told so.
      if (await settled().catch(() => false)) return true;
      throw error;
    }
    snapshot = changed;
    doubt = undefined; // this one went from the same epoch: the other cannot have happened
    return true;
  };

  return {
    current: () => snapshot,
    change: (name, build) => inTurn(() => apply(name, build)),
    catchUp: catching.catchUp,
    trouble: catching.trouble,
    follow: catching.follow,
  };
}
