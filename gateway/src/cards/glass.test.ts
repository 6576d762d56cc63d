/** Broken glass is told to everybody who must hear of it, however many they are. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openGlassHouse } from '../../testing/glass.ts';
import { createRig, held, KEY_HASH, policyOf, SEAT } from '../../testing/rig.ts';
import { configSchema } from '../config/config.ts';
import { loadRequest } from '../requests/load.ts';
import { glassTold } from './glass.ts';
import type { Reach } from './plan.ts';

const OPERATORS = Array.from({ length: 60 }, (_, at) => `op${at}`);
const PEOPLE = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['operator', 'reviewer'], accounts: ['slack:u-alice'] },
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['slack:u-bob'] },
    ...Object.fromEntries(
      OPERATORS.map((id) => [
        id,
        { name: id, roles: ['operator', 'reviewer'], accounts: [`slack:u-${id}`, `mail:${id}`] },
      ]),
    ),
  },
  agents: { coder: { owner: 'alice', keys: [KEY_HASH('a')] } },
});
const POLICY = policyOf(
  {
    smash: {
      then: 'require',
      requirement: { ...SEAT, break_glass: { by: ['person:bob'], notify: [], review: ['anyone'] } },
    },
  },
  '2b'.repeat(32),
);
const reach = (kind: string): Reach => ({
  kind,
  places: [],
  placeOf: (account) => (account.startsWith(`${kind}:`) ? account.slice(kind.length + 1) : undefined),
});

it('reaches each of many people, in every channel that can', async () => {
  const rig = await createRig(POLICY, { config: PEOPLE });
  try {
    const house = openGlassHouse(rig);
    const { authenticator } = await house.give('bob');
    const { id } = held(await rig.call('smash', { n: 1 }));
    const outcome = await house.smash({ request_id: id, reviewer: 'bob', authenticator });
    assert.equal(outcome.kind, 'broken', JSON.stringify(outcome));
    const stored = await loadRequest(rig.store, id);
    assert.ok(stored);
    const told = await glassTold(rig.deps, stored, [reach('slack'), reach('mail')]);
    assert.deepEqual(
      told.map(({ channel, place }) => `${channel}:${place}`).sort(),
      ['slack:u-alice', ...OPERATORS.flatMap((each) => [`slack:u-${each}`, `mail:${each}`])].sort(),
    );
  } finally {
    await rig.close();
  }
});
