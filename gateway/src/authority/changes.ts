/**
 * Changes of the authority, one at a time: policy files, configuration, accepted tools. Every change rebuilds the
 * policy against what will then be true, so that nothing is served that would not load; then it is committed with its
 * entry and a raised epoch; only then is it served (I8, I13).
 */
import type { JsonObject } from '@countersign/core';
import type { AuthorityChange } from '../audit/facts/changed.ts';
import type { Config } from '../config/config.ts';
import type { Deps } from '../deps.ts';
import type { Event } from '../events.ts';
import { endSessionsOf } from '../identity/ending.ts';
import type { Roster } from '../identity/roster/roster.ts';
import type { Policy } from '../policy/policy.ts';
import { type NewEntry, type Step, StoreUnavailable } from '../store/store.ts';
import type { AcceptedPins, Authority, Change, Snapshot } from './authority.ts';
import { authored } from './duties.ts';
import { leavers } from './leaving.ts';
import { markedBy } from './operators.ts';
import { endSeatsOf } from './seats.ts';

/** What a policy may name: it is loaded against this. */
export type World = { readonly config: Config; readonly pins: AcceptedPins; readonly roster: Roster };

/** What changes beside the policy, and what the entry says of it. */
export type Pending = {
  readonly world: Partial<World>;
  readonly next: Partial<Omit<Snapshot, 'epoch' | 'policy'>>;
  readonly steps: readonly Step[];
  readonly record: Omit<AuthorityChange, 'at' | 'epoch'>;
  /** More that is said of it: many changes made as one, each with its entry. */
  readonly also?: readonly Omit<AuthorityChange, 'at' | 'epoch'>[];
  readonly beside?: Beside;
};

/** What goes into the change's own transaction: an approval people gave it, spent there and nowhere else (I3, I10). */
export type Beside = {
  readonly steps: readonly Step[];
  readonly events: readonly Event[];
  /** What was agreed was agreed under this epoch: under another the change is not made (I8). */
  readonly epoch?: number;
};

export type Applied = { readonly ok: true } | { readonly ok: false; readonly why: string };

/**
 * One change on its way: the world as it would then be, and the one way to make it so. Only its own rebuild has it, so
 * nothing else that happens to commit meanwhile can carry it along, or be built on what may never be.
 */
export type Draft = {
  readonly world: World;
  /** @throws as {@link Changes.commit} */
  commit(policy: Policy, record: Pending['record'] | undefined, beside?: Beside): Promise<void>;
};

/** Builds the policy for the draft's world and commits the draft with it before it is served. */
export type Rebuild = (draft: Draft) => Promise<Applied>;

export type Changes = {
  /** What is. */
  world(): World;
  /** A policy that loaded against {@link Changes.world}, before it is served. @throws when the change could not be committed */
  commit(policy: Policy, record: Pending['record'] | undefined, beside?: Beside): Promise<void>;
  /**
   * `change` is made when its turn comes, of the world as it then is: two at once do not undo each other. What it answers
   * is what was committed, whatever went wrong beside it.
   */
  apply(change: (world: World) => Pending, rebuild: Rebuild): Promise<Applied>;
  /**
   * For a change no policy can stop loading for, such as of the roster: the policy in force stays. A group somebody lost
   * must not wait until a policy file that does not load is mended. Undefined: nothing is to be changed.
   */
  applyBeside(change: (world: World) => Pending | undefined): Promise<Applied>;
  /** In turn with changes made here, for what another process made so. */
  inTurn(work: () => Promise<void>): Promise<void>;
  /** This is what is, by the store. Only {@link Changes.inTurn}. */
  serve(world: World): void;
};

export class NotCommitted extends Error {
  override readonly name = 'NotCommitted';
  constructor() {
    super('the state it was based on changed meanwhile; look again');
  }
}

export type ChangesDeps = Pick<Deps, 'events' | 'now'> & {
  /** Asked when a change is made, not before: a policy is loaded before there is an authority to change. */
  readonly authority: () => Authority;
  readonly world: World;
};

const BESIDE_ATTEMPTS_MAX = 5;
/** How often another process may be quicker. */
const OVERTAKEN_MAX = 3;

export function createChanges({ authority, events, now, world: first }: ChangesDeps): Changes {
  let known = first;
  /** One whose commit nobody could answer for. The authority finds out; what it finds is then true here too. */
  let doubtful: Pending | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const world = (): World => {
    if (doubtful !== undefined && isIn(authority().current(), doubtful)) {
      known = { ...known, ...doubtful.world };
      doubtful = undefined;
    }
    return known;
  };

  const commit = async (change: Pending | undefined, { policy, record, beside }: Loaded): Promise<void> => {
    const base = authority().current();
    const records = [change?.record, ...(change?.also ?? []), record].filter((each) => each !== undefined);
    const all = [change?.beside, beside].filter((each) => each !== undefined);
    const told: Event[] = [];
    const seal: Made['seal'] = (changed, epoch) => {
      const sealed = changed.map((each) => events.authorityChanged({ ...each, at: now(), epoch }));
      told.push(...all.flatMap((each) => each.events), ...sealed);
      return told.map(({ entry }) => entry);
    };
    const build = (current: Snapshot): Change => {
      // A change in doubt turned out to have happened, or another overtook: this one was made without it.
      if (!stillBased({ current, base }, change)) throw new NotCommitted();
      if (all.some(({ epoch = current.epoch }) => epoch !== current.epoch)) throw new NotCommitted();
      return madeOf(current, { change, policy, records, all, now: now(), seal });
    };
    try {
      const spends = all.some(({ events: sealed }) => sealed.length > 0);
      const name = `${spends ? 'agreed:' : ''}${records[0]?.task_id ?? 'change'}`;
      if (!(await authority().change(name, build))) throw new NotCommitted();
    } catch (error) {
      if (error instanceof StoreUnavailable && error.stored === 'unknown') doubtful = change;
      throw error;
    }
    known = { ...world(), ...change?.world };
    doubtful = undefined;
    for (const event of told) event.committed();
  };

  const applyNow = async (change: (world: World) => Pending, rebuild: Rebuild): Promise<Applied> => {
    const pending = change(world());
    let committed = false;
    const draft: Draft = {
      world: { ...world(), ...pending.world },
      async commit(policy, record, beside) {
        await commit(pending, { policy, record, beside });
        committed = true;
      },
    };
    try {
      const applied = await rebuild(draft);
      if (!committed && applied.ok) throw new TypeError('a rebuild said yes and committed nothing');
      return committed ? { ok: true } : applied;
    } catch (error) {
      // What failed after the commit takes nothing back.
      if (!committed) throw error;
      return { ok: true };
    }
  };

  const besideNow = async (change: (world: World) => Pending | undefined): Promise<Applied> => {
    for (let attempt = 0; attempt < BESIDE_ATTEMPTS_MAX; attempt += 1) {
      const made = change(world());
      if (made === undefined) return { ok: true };
      try {
        await commit(made, { policy: authority().current().policy, record: undefined, beside: undefined });
        return { ok: true };
      } catch (error) {
        // A policy came into force meanwhile: this change is made again, beside that one.
        if (!(error instanceof NotCommitted)) throw error;
      }
    }
    return { ok: false, why: new NotCommitted().message };
  };
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const done = queue.then(run);
    // The queue goes on after a failed change; its caller hears of the failure.
    queue = done.catch(() => undefined);
    return done;
  };
  const upToDate = (run: () => Promise<Applied>): Promise<Applied> =>
    madeUpToDate(authority(), () => inTurn(run));

  return {
    world,
    commit: (policy, record, beside) => commit(undefined, { policy, record, beside }),
    apply: (change, rebuild) => upToDate(() => applyNow(change, rebuild)),
    applyBeside: (change) => upToDate(() => besideNow(change)),
    inTurn,
    serve: (found) => {
      known = found;
      doubtful = undefined;
    },
  };
}

/** A change is made of what is in force by now, also where another process made it so; or it is said why not. */
async function madeUpToDate(authority: Authority, make: () => Promise<Applied>): Promise<Applied> {
  for (let attempt = 1; ; attempt += 1) {
    await authority.catchUp();
    const why = authority.trouble();
    if (why !== undefined) return { ok: false, why };
    const applied = await make();
    const overtaken = !applied.ok && applied.why === new NotCommitted().message;
    if (!overtaken || attempt === OVERTAKEN_MAX || !(await authority.catchUp())) return applied;
  }
}

type Made = {
  readonly change: Pending | undefined;
  readonly policy: Policy;
  readonly records: readonly Pending['record'][];
  readonly all: readonly Beside[];
  readonly now: number;
  /** What was agreed to, then what was changed. */
  readonly seal: (changed: readonly Pending['record'][], epoch: number) => readonly NewEntry[];
};

function madeOf(current: Snapshot, { change, policy, records, all, now, seal }: Made): Change {
  const people = change?.next.directory;
  const first = people === undefined ? undefined : markedBy(current.operators, people, now);
  // Who sits in for whom permits nothing: it makes nobody an author of the rules.
  const duties = change?.next.duties;
  const made = duties === undefined ? authored(current.duties, records, now) : { duties, steps: [] };
  const marked = first === undefined ? {} : { operators: first.rule };
  const left = people === undefined ? [] : leavers(current.directory, people);
  const seats = endSeatsOf(left, made.duties, now);
  return {
    next: { ...current, ...marked, ...change?.next, policy, duties: seats.duties },
    steps: [
      ...(change?.steps ?? []),
      ...all.flatMap(({ steps }) => steps),
      ...made.steps,
      ...endSessionsOf(left, now),
      ...seats.steps,
      ...(first === undefined ? [] : [first.step]),
    ],
    entries: (epoch) =>
      seal(
        [...records, ...(first === undefined ? [] : [operatorsRecord(first.predicate)]), ...seats.records],
        epoch,
      ),
  };
}

type Loaded = {
  readonly policy: Policy;
  readonly record: Pending['record'] | undefined;
  readonly beside: Beside | undefined;
};

/** How many operators a change takes from now on, with the change that made it so. */
export const operatorsRecord = (predicate: JsonObject, by?: string): Pending['record'] => ({
  kind: 'system',
  task_id: 'operators',
  predicate,
  ...(by === undefined ? {} : { by }),
});

type Two = { readonly current: Snapshot; readonly base: Snapshot };

/** A policy alone was not made of who is in which group, and a file that was saved must not be lost for it. */
const stillBased = ({ current, base }: Two, change: Pending | undefined): boolean =>
  change === undefined ? current.pins === base.pins && current.agents === base.agents : current === base;

/** By identity: a snapshot holds what a change put there, and nobody makes the same maps twice. */
const isIn = (snapshot: Snapshot, { next }: Pending): boolean =>
  Object.entries(next).every(([name, part]) => snapshot[name as keyof typeof next] === part);
