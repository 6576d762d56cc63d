/**
 * Changes of the authority, one at a time: policy files, configuration, accepted tools. Every change rebuilds the
 * policy against what will then be true, so that nothing is served that would not load; then it is committed with its
 * entry and a raised epoch; only then is it served (I8, I13).
 */
import type { AuthorityChange } from '../audit/facts.ts';
import type { Config } from '../config/config.ts';
import type { Deps } from '../deps.ts';
import type { Policy } from '../policy/policy.ts';
import type { Step } from '../store/store.ts';
import type { AcceptedPins, Authority, Snapshot } from './authority.ts';

/** What a policy may name: it is loaded against this. */
export type World = { readonly config: Config; readonly pins: AcceptedPins };

/** What changes beside the policy, and what the entry says of it. */
export type Pending = {
  readonly world: Partial<World>;
  readonly next: Partial<Omit<Snapshot, 'epoch' | 'policy'>>;
  readonly steps: readonly Step[];
  readonly record: Omit<AuthorityChange, 'at' | 'epoch'>;
};

export type Applied = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Rebuilds the policy with what is pending; calls `commit` with it before it is served. */
export type Rebuild = () => Promise<Applied>;

export type Changes = {
  /** What is, or will be once the change under way is served. */
  world(): World;
  /** Called with a policy that loaded, before it is served. @throws when the change could not be committed */
  commit(policy: Policy, record: Pending['record'] | undefined): Promise<void>;
  /** `change` is made when its turn comes, of the world as it then is: two at once do not undo each other. */
  apply(change: (world: World) => Pending, rebuild: Rebuild): Promise<Applied>;
};

export class NotCommitted extends Error {
  override readonly name = 'NotCommitted';
}

export type ChangesDeps = Pick<Deps, 'events' | 'now'> & {
  /** Asked when a change is made, not before: a policy is loaded before there is an authority to change. */
  readonly authority: () => Authority;
  readonly world: World;
};

export function createChanges({ authority, events, now, world: first }: ChangesDeps): Changes {
  let world = first;
  let pending: Pending | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const commit = async (policy: Policy, policyRecord: Pending['record'] | undefined): Promise<void> => {
    const change = pending;
    const records = [change?.record, policyRecord].filter((record) => record !== undefined);
    const told: (() => void)[] = [];
    const changed = await authority().change(records[0]?.task_id ?? 'change', (current) => ({
      next: { ...current, ...change?.next, policy },
      steps: change?.steps ?? [],
      entries: (epoch) =>
        records.map((record) => {
          const event = events.authorityChanged({ ...record, at: now(), epoch });
          told.push(event.committed);
          return event.entry;
        }),
    }));
    if (!changed) throw new NotCommitted('the state it was based on changed meanwhile; look again');
    world = { ...world, ...change?.world };
    pending = undefined;
    for (const tell of told) tell();
  };

  const applyNow = async (change: (world: World) => Pending, rebuild: Rebuild): Promise<Applied> => {
    pending = change(world);
    try {
      return await rebuild();
    } finally {
      pending = undefined;
    }
  };

  return {
    world: () => ({ ...world, ...pending?.world }),
    commit,
    apply(change, rebuild) {
      const done = queue.then(() => applyNow(change, rebuild));
      // The queue goes on after a failed change; its caller hears of the failure.
      queue = done.catch(() => undefined);
      return done;
    },
  };
}
