import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { CONFIG, createRig, policyOf } from '../../testing/rig.ts';
import { eventually } from '../../testing/until.ts';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import { createAdmit } from './admit.ts';
import { WINDOW_MS } from './pace.ts';

const [mine, theirs] = [makeCredential('agent'), makeCredential('agent')];
const { coder, other } = CONFIG.agents;
assert.ok(coder && other);
const config = {
  ...CONFIG,
  agents: {
    coder: { ...coder, keys: [hashCredential(mine)], calls_per_minute: 60 },
    other: { ...other, keys: [hashCredential(theirs)] },
  },
};
const rig = await createRig(policyOf({}), { config });
after(() => rig.close());

/** What is recorded, once it is so much: nobody waits for it but this. */
const recorded = (least: number): ReturnType<typeof rig.entries> =>
  eventually(`${least} entries`, async () => {
    const entries = await rig.entries();
    return entries.length >= least ? entries : undefined;
  });

it('A21: an agent over its calls_per_minute is refused and told how long to wait; nobody else is', () => {
  const time = { now: 5 };
  const admit = createAdmit(rig.deps, 'default', { ticks: () => time.now });
  const admitted = (): number =>
    Array.from({ length: 100 }, () => admit(mine)).filter((admission) => admission.admitted).length;
  assert.equal(admitted(), 60);
  assert.deepEqual(admit(mine), { admitted: false, reason: 'too_many_calls', retry_after_s: 1 });
  assert.equal(admit(theirs).admitted, true);
  time.now += 10_000;
  assert.equal(admitted(), 10);
});

it('A21: a flood is one entry a minute, which says how many there were', async () => {
  // The test before left one.
  const before = (await recorded(1)).length;
  const time = { now: 0 };
  const admit = createAdmit(rig.deps, 'default', { ticks: () => time.now });
  for (let at = 0; at < 60 + 1_000; at += 1) admit(mine);
  await recorded(before + 1);
  time.now += WINDOW_MS;
  for (let at = 0; at < 60 + 500; at += 1) admit(mine);
  const entries = (await recorded(before + 2)).slice(before);
  assert.deepEqual(
    entries.map(({ predicate }) => predicate),
    [0, 999].map((refused_before) => ({
      outcome: 'too_many_calls',
      effect: 'deny',
      who: { agent: 'coder', subject: { type: 'agent', id: 'coder' }, owner: 'alice', team: 'platform' },
      calls_per_minute: 60,
      refused_before,
    })),
  );
});

it('whether a caller is still welcome may be asked without end, and ends with its key', async () => {
  const admit = createAdmit(rig.deps, 'default', { ticks: () => 0 });
  const admission = admit(theirs);
  assert.ok(admission.admitted);
  const { session } = admission;
  for (let at = 0; at < 10_000; at += 1) assert.equal(session.welcome(), true);
  assert.equal(admit(theirs).admitted, true);
  const { other: _gone, ...rest } = config.agents;
  await rig.change({ config: { ...config, agents: rest } });
  assert.equal(session.welcome(), false);
});

it('A20: refused, even when that cannot be recorded', async () => {
  const broken = { ...rig.deps, store: { ...rig.deps.store, commit: () => Promise.reject(new Error('no')) } };
  const admit = createAdmit(broken, 'default', { ticks: () => 0 });
  for (let at = 0; at < 60; at += 1) admit(mine);
  assert.equal(admit(mine).admitted, false);
  assert.equal(admit(mine).admitted, false);
});
