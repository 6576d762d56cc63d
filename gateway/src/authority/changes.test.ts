import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, policyOf, type Rig } from '../../testing/rig.ts';
import { createDirectory } from '../identity/directory.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { type AcceptedPins, type Authority, createAuthority } from './authority.ts';
import {
  type Changes,
  createChanges,
  type Draft,
  NotCommitted,
  type Pending,
  type World,
} from './changes.ts';

const TODAY = policyOf({}, '1');
const TOMORROW = policyOf({}, '2');

let rig: Rig;
let authority: Authority;
let changes: Changes;
/** The authority's own way to the rig's store: what fails here, fails for it alone. */
let store: Store;
beforeEach(async () => {
  rig = await createRig(TODAY);
  const { deps } = rig;
  store = { ...rig.store };
  authority = await createAuthority(store, rig.authority.current());
  changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER },
  });
});
afterEach(() => rig.close());

/** Accepts a tool, as far as the authority is concerned. */
const pinned =
  (tool: string) =>
  ({ pins: before }: World): Pending => {
    const pins: AcceptedPins = new Map(before).set(tool, { pin: tool, class: 'read', definition: {} });
    return {
      world: { pins },
      next: { pins },
      steps: [],
      record: { kind: 'tool-change', task_id: tool, predicate: { change: 'tool accepted' } },
    };
  };

/** Commits with the policy in force, and says no as the real one does when that is refused. */
const rebuild = async (draft: Draft) => {
  try {
    await draft.commit(authority.current().policy, undefined);
    return { ok: true } as const;
  } catch (error) {
    if (error instanceof NotCommitted) return { ok: false, why: error.message } as const;
    throw error;
  }
};

const served = (): readonly string[] => [...authority.current().pins.keys()];
const known = (): readonly string[] => [...changes.world().pins.keys()];
const recorded = async (): Promise<readonly string[]> =>
  (await rig.entries()).map((entry) => String(entry['task_id']));

describe('changes', () => {
  it('a policy that is committed beside a change under way does not carry it along', async () => {
    const applied = await changes.apply(pinned('one'), async (draft) => {
      assert.deepEqual([...draft.world.pins.keys()], ['one']);
      assert.deepEqual(known(), [], 'nobody else sees what may never be');
      await changes.commit(TOMORROW, undefined);
      assert.deepEqual(served(), []);
      return { ok: false, why: 'it would no longer load' };
    });
    assert.deepEqual(applied, { ok: false, why: 'it would no longer load' });
    assert.equal(authority.current().policy, TOMORROW);
    assert.deepEqual([served(), known(), await recorded()], [[], [], []]);
  });

  it('answers what was committed, whatever went wrong after it', async () => {
    const fell = changes.apply(pinned('one'), async (draft) => {
      await rebuild(draft);
      throw new Error('a listener fell over');
    });
    assert.deepEqual(await fell, { ok: true });
    const denied = changes.apply(pinned('two'), async (draft) => {
      await rebuild(draft);
      return { ok: false, why: 'second thoughts' };
    });
    assert.deepEqual(await denied, { ok: true });
    assert.deepEqual(
      [served(), known()],
      [
        ['one', 'two'],
        ['one', 'two'],
      ],
    );
  });

  it('takes no yes for a change that nobody committed, and goes on with the next', async () => {
    await assert.rejects(
      changes.apply(pinned('one'), async () => ({ ok: true })),
      /committed nothing/,
    );
    await assert.rejects(
      changes.apply(pinned('two'), () => Promise.reject(new Error('no folder'))),
      /no folder/,
    );
    assert.deepEqual([served(), known()], [[], []]);
    assert.deepEqual(await changes.apply(pinned('three'), rebuild), { ok: true });
    assert.deepEqual(served(), ['three']);
  });

  /** The next commit happens or not, and nobody can say which; nor can the look at the store that follows. */
  function doubt(happens: boolean): void {
    const { commit, read } = rig.store;
    store.commit = async (command) => {
      store.commit = commit;
      if (happens) assert.ok((await commit(command)).ok);
      store.read = async () => {
        store.read = read;
        throw new StoreUnavailable('gone', 'no');
      };
      throw new StoreUnavailable('gone', 'unknown');
    };
  }

  it('a change in doubt that did happen is found by the next, which is then made of it', async () => {
    doubt(true);
    await assert.rejects(changes.apply(pinned('one'), rebuild), StoreUnavailable);
    assert.deepEqual([served(), known()], [[], []]);
    const late = await changes.apply(pinned('two'), rebuild);
    assert.equal(late.ok, false, 'it was made without the first, and would have undone it');
    assert.deepEqual([served(), known()], [['one'], ['one']]);
    assert.deepEqual(await changes.apply(pinned('two'), rebuild), { ok: true });
    assert.deepEqual(
      [served(), known()],
      [
        ['one', 'two'],
        ['one', 'two'],
      ],
    );
    assert.deepEqual(await recorded(), ['one', 'two']);
  });

  it('a change in doubt that did not happen is nowhere', async () => {
    doubt(false);
    await assert.rejects(changes.apply(pinned('one'), rebuild), StoreUnavailable);
    assert.deepEqual(await changes.apply(pinned('two'), rebuild), { ok: true });
    assert.deepEqual([served(), known(), await recorded()], [['two'], ['two'], ['two']]);
  });

  it('a policy is not lost because somebody was put into a group meanwhile; a change of tools is made again', async () => {
    const regroup = () =>
      authority.change('roster', (current) => ({
        next: { ...current, directory: createDirectory(CONFIG, EMPTY_ROSTER) },
        steps: [],
        entries: () => [],
      }));
    const [, policy] = await Promise.allSettled([regroup(), changes.commit(TOMORROW, undefined)]);
    assert.equal(policy.status, 'fulfilled');
    assert.equal(authority.current().policy, TOMORROW);
    await regroup();
    assert.deepEqual(await changes.apply(pinned('one'), rebuild), { ok: true });
    const raced = await changes.apply(
      pinned('two'),
      async (draft) => (await Promise.all([regroup(), rebuild(draft)]))[1],
    );
    assert.equal(raced.ok, false);
    assert.deepEqual([served(), known()], [['one'], ['one']]);
  });
});
