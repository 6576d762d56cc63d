/** When changes are made together, who does not wait, and what a failure means for those it was made with. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Changes, Pending, World } from '../../authority/changes.ts';
import { configSchema } from '../../config/config.ts';
import { StoreUnavailable } from '../../store/store.ts';
import { createDirectory } from '../directory.ts';
import { EMPTY_ROSTER, type RosterPerson } from '../roster/roster.ts';
import { type Build, createBatches } from './batches.ts';
import { ScimFailure } from './failure.ts';

const config = configSchema.parse({});
const person = (n: number): RosterPerson => ({
  id: `usr_${n}`,
  name: `P${n}`,
  email: null,
  active: true,
  roles: ['reviewer'],
  source: 'scim',
});

/** The authority as far as batches know it; each commit waits until the test lets it happen. */
function authority(commit: () => Promise<void> = async () => undefined) {
  let world: World = { config, pins: new Map(), roster: EMPTY_ROSTER };
  const made: Pending[] = [];
  const applyBeside: Changes['applyBeside'] = async (change) => {
    const pending = change(world);
    if (pending === undefined) return { ok: true };
    await commit();
    made.push(pending);
    world = { ...world, ...pending.world };
    return { ok: true };
  };
  const ended: number[] = [];
  const deps = {
    changes: { applyBeside },
    directory: () => createDirectory(config, world.roster),
    now: () => 1,
    ended: () => void ended.push(made.length),
  };
  return { deps, made, ended, roster: () => world.roster };
}

const put =
  (n: number, over: Partial<RosterPerson> = {}): Build<number> =>
  ({ roster }) => ({
    result: roster.people.size,
    edit: { people: [{ ...person(n), ...over }] },
    records: [{ kind: 'config-change', task_id: `person:${n}`, predicate: { n } }],
  });
const refuse: Build<never> = () => {
  throw new ScimFailure(409, 'no');
};
/** A rest that lasts until the test ends it. */
function resting() {
  let end = (): void => undefined;
  const pace = {
    now: () => 0,
    wait: () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  };
  return { pace, end: () => end() };
}

it('what waits through a rest is one change; what may take something away ends the rest', async () => {
  const { deps, made } = authority();
  const rest = resting();
  const batches = createBatches({ ...deps, pace: rest.pace });
  await batches.apply(put(0), false);
  const waited = [batches.apply(put(1), false), batches.apply(put(2), false)];
  await new Promise(setImmediate);
  assert.equal(made.length, 1, 'they wait');
  await batches.apply(put(0, { active: false }), true);
  assert.equal(made.length, 2);
  assert.deepEqual(await Promise.all(waited), [1, 2], 'each was made of what those before it left');
  assert.deepEqual(
    [made[1]?.record, ...(made[1]?.also ?? [])].map((record) => record?.task_id),
    ['person:1', 'person:2', 'person:0'],
  );
  rest.end();
});

it('ends the sessions of whoever was active and is not, in the same transaction, and tells', async () => {
  const { deps, made, ended } = authority();
  const batches = createBatches({ ...deps, pace: { now: () => 0, wait: () => Promise.resolve() } });
  await batches.apply(put(0), false);
  assert.deepEqual(ended, []);
  await batches.apply(put(0, { active: false }), true);
  const sql = made[1]?.steps.map((step) => `${step.name} ${step.params[0]}`) ?? [];
  assert.ok(sql.includes('end-sessions usr_0'), sql.join());
  assert.deepEqual(ended, [2]);
});

it('one that is refused is refused alone', async () => {
  const { deps, made, roster } = authority();
  const batches = createBatches({ ...deps, pace: { now: () => 0, wait: () => Promise.resolve() } });
  const told = await Promise.allSettled([
    batches.apply(put(0), false),
    batches.apply(put(1), false),
    batches.apply(refuse, false),
    batches.apply(put(2), false),
  ]);
  assert.deepEqual(
    told.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(roster().people.size, 3);
  assert.equal(made.length, 2);
});

it('a store that fails answers all it was asked with, and the next go on (A20)', async () => {
  let broken = true;
  const { deps, roster } = authority(async () => {
    if (broken) throw new StoreUnavailable('gone', 'no');
  });
  const batches = createBatches({ ...deps, pace: { now: () => 0, wait: () => Promise.resolve() } });
  const first = await Promise.allSettled([batches.apply(put(0), false), batches.apply(put(1), true)]);
  assert.ok(first.every((each) => each.status === 'rejected' && each.reason instanceof StoreUnavailable));
  assert.equal(roster().people.size, 0);
  broken = false;
  await batches.apply(put(2), false);
  assert.equal(roster().people.size, 1);
});

it('no more wait than there is room for (A21)', async () => {
  const { deps } = authority();
  const rest = resting();
  const batches = createBatches({ ...deps, pace: rest.pace });
  await batches.apply(put(0), false);
  const waiting = Array.from({ length: 1_000 }, (_, n) => batches.apply(put(n), false));
  await assert.rejects(
    batches.apply(put(9), false),
    (error) =>
      error instanceof ScimFailure && error.status === 429 && error.headers['retry-after'] !== undefined,
  );
  const out = batches.apply(put(0, { active: false }), true);
  for (let n = 0; n < 40; n += 1) {
    rest.end();
    await new Promise(setImmediate);
  }
  await Promise.all([...waiting, out]);
});
