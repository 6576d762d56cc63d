/** I8: what another gateway made so is served whole, and a number that comes up a second time says nothing. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { createRig, policyOf, type Rig } from '../../testing/rig.ts';
import { type Authority, createAuthority, epochGuard, type Snapshot } from './authority.ts';
import type { Following } from './catch-up.ts';

const ALLOWS = policyOf({ write: { then: 'allow' } }, 'allows');
const FIRST = policyOf({}, 'first');
const DENIES = policyOf({}, 'denies');

let rig: Rig;
let here: Authority;
let loaded = 0;
let told: (string | undefined)[] = [];
/** What happens elsewhere while it is read. */
let meanwhile: () => Promise<unknown> = async () => undefined;
beforeEach(async () => {
  rig = await createRig(ALLOWS);
  here = await createAuthority(rig.store, { ...rig.authority.current(), policy: ALLOWS });
  told = [];
  loaded = 0;
  meanwhile = async () => undefined;
  const following: Following<Snapshot> = {
    inTurn: (work) => work(),
    load: async (current) => {
      loaded += 1;
      await meanwhile();
      const next = { ...current, policy: loaded === 1 ? FIRST : DENIES };
      return { kind: 'found', next, serve: () => undefined };
    },
    told: ({ trouble }) => void told.push(trouble),
  };
  here.follow(following);
});
afterEach(() => rig.close());

const setEpoch = (epoch: number) =>
  rig.store.commit({
    name: 'elsewhere',
    steps: [{ name: 'epoch', sql: 'UPDATE authority SET epoch = $1 WHERE id = 1', params: [epoch], rows: 1 }],
    entries: [],
  });
const mayCommit = async (): Promise<boolean> =>
  (await rig.store.commit({ name: 'permit', steps: [epochGuard(here.current().epoch)], entries: [] })).ok;

it('a store put back from a backup, and changed until it has the same number again, opens nothing', async () => {
  const { epoch } = here.current();
  await setEpoch(epoch - 1);
  await here.catchUp();
  assert.match(here.trouble() ?? '', /older one/);
  assert.equal(await mayCommit(), false);
  // Another gateway changes what decides: the number is the one this gateway stopped at, and means something else.
  await setEpoch(epoch);
  assert.equal(await mayCommit(), false, 'before anybody looked');
  await here.catchUp();
  // All of it was read anew: by that it decides now, and not by what had this number before.
  assert.equal(here.current().policy, FIRST);
  assert.deepEqual([here.trouble(), await mayCommit()], [undefined, true]);
  assert.equal(told.length, 2);
});

it('a store that stays older keeps it closed, and it is said once', async () => {
  await setEpoch(here.current().epoch - 1);
  for (let time = 0; time < 3; time += 1) await here.catchUp();
  assert.match(here.trouble() ?? '', /older one/);
  assert.deepEqual([here.current().policy, told.length, await mayCommit()], [ALLOWS, 1, false]);
});

it('what was read while it changed may be of two, and is not served: it is read again', async () => {
  const { epoch } = here.current();
  const served: unknown[] = [];
  meanwhile = async () => {
    served.push(here.current().policy);
    if (loaded === 1) await setEpoch(epoch + 2);
  };
  await setEpoch(epoch + 1);
  assert.equal(await here.catchUp(), true);
  assert.deepEqual(served, [ALLOWS, ALLOWS], 'nothing of the first reading');
  assert.deepEqual([here.current().policy, here.current().epoch], [DENIES, epoch + 2]);
});

it('a store that never stands still is given up on for now: nothing of it is served, and it is said why until it does', async () => {
  let at = here.current().epoch + 1;
  meanwhile = async () => {
    at += 1;
    await setEpoch(at);
  };
  await setEpoch(at);
  assert.equal(await here.catchUp(), false);
  assert.deepEqual([here.current().policy, loaded, await mayCommit()], [ALLOWS, 5, false]);
  assert.match(here.trouble() ?? '', /faster than it can be read here/);
  await here.catchUp();
  assert.deepEqual([loaded, told.length], [10, 1], 'tried again, and said once');
  meanwhile = async () => undefined;
  assert.equal(await here.catchUp(), true);
  assert.deepEqual(
    [here.trouble(), told.length, told.at(-1), await mayCommit()],
    [undefined, 2, undefined, true],
  );
});
