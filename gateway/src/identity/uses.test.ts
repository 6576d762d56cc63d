import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { CONFIG, createRig, KEY_HASH, policyOf } from '../../testing/rig.ts';
import { NOBODY_PAUSED } from '../authority/paused.ts';
import { createCatalog } from '../catalog.ts';
import { keyAdvice } from '../config/agents.ts';
import { type Config, configSchema } from '../config/config.ts';
import { createAdmit } from '../enforce/admit.ts';
import { hashCredential, makeCredential } from './credential.ts';
import { createAgents } from './directory.ts';
import { EMPTY_ROSTER } from './roster/roster.ts';
import { createUses, tokenCredential } from './uses.ts';

const NOW = 1_800_000_000_000; // 2027-01-15
const DAY = 86_400_000;
const [old, fresh, over] = [makeCredential('agent'), makeCredential('agent'), makeCredential('agent')];
const config: Config = configSchema.parse({
  ...CONFIG,
  agents: {
    coder: {
      owner: 'alice',
      keys: [
        {
          hash: hashCredential(fresh),
          prefix: 'cs_agent_fresh',
          created: '2027-01-10',
          expires: '2028-01-10',
        },
        { hash: hashCredential(old), created: '2026-01-10', expires: '2027-01-20' },
        { hash: hashCredential(over), expires: '2027-01-15T07:00Z' },
      ],
    },
    other: { owner: 'dan', keys: [KEY_HASH('b')] },
  },
  workload_identity: [
    { issuer: 'https://ci.example.com', agents: [{ match: { sub: '*' }, agent: 'ci:{sub}', owner: 'bob' }] },
  ],
});
const rig = await createRig(policyOf({}), { config, time: { now: NOW } });
after(() => rig.close());
const catalog = (noteUses: () => Promise<void> = async () => undefined) =>
  createCatalog({
    store: rig.store,
    config: () => config,
    agents: () => createAgents(config),
    paused: () => NOBODY_PAUSED,
    world: () => ({ roster: EMPTY_ROSTER }),
    directory: () => rig.authority.current().directory,
    contacts: { of: () => ({}) },
    noteUses,
    now: rig.deps.now,
  });
const agent = async (id: string, noteUses?: () => Promise<void>) =>
  (await catalog(noteUses).agents()).find((each) => each.id === id);

describe('keys of agents', () => {
  it('an expired key is refused, with its own reason; a live one beside it is not', () => {
    const admit = createAdmit(rig.deps, 'default');
    assert.deepEqual(admit(over), { admitted: false, reason: 'expired' });
    assert.equal(admit(old).admitted, true);
    const admission = admit(old);
    assert.ok(admission.admitted);
    rig.time.now = Date.parse('2027-01-20');
    assert.equal(admission.session.welcome(), false, 'an open session ends with its key');
    assert.deepEqual(admit(old), { admitted: false, reason: 'expired' });
    assert.equal(admit(fresh).admitted, true);
    rig.time.now = NOW;
  });

  it('are shown with their state; of several the oldest is flagged', async () => {
    const { keys, credentials } = (await agent('coder')) ?? assert.fail();
    assert.equal(keys, 2);
    assert.deepEqual(
      credentials.map(({ prefix, state, oldest }) => [prefix, state, oldest]),
      [
        ['cs_agent_fresh', 'live', false],
        [undefined, 'expiring', true],
        [undefined, 'expired', false],
      ],
    );
    for (const { id } of credentials) assert.match(id, /^[0-9a-f]{12}$/);
  });

  it('check says 14 days ahead, and of those over', () => {
    const at = (now: number) => keyAdvice(config.agents, now).map((line) => line.replace(/sha256:\w+/, 'H'));
    assert.deepEqual(at(Date.parse('2027-01-01T07:00Z') - 1), []);
    assert.deepEqual(at(Date.parse('2027-01-06') - 1).length, 1);
    assert.deepEqual(at(Date.parse('2027-01-06')), [
      'agents.coder.keys.1: H expires on 2027-01-20; add a new one beside it: countersign agents new-key coder',
      'agents.coder.keys.2: H expires on 2027-01-15T07:00Z; add a new one beside it: countersign agents new-key coder',
    ]);
    assert.match(at(NOW).join('\n'), /keys\.2: H expired on .*; remove it/);
  });
});

describe('last uses', () => {
  it('are noted by calls and written by nobody’s call; the latest stands', async () => {
    const uses = createUses(rig.store);
    const admit = createAdmit(rig.deps, 'default', { used: uses.note });
    admit(fresh);
    assert.equal((await agent('coder'))?.credentials[0]?.last_used_at, undefined);
    await uses.flush();
    rig.time.now = NOW + DAY;
    admit(fresh);
    await uses.flush();
    assert.equal((await agent('coder'))?.credentials[0]?.last_used_at, NOW + DAY);
    rig.time.now = NOW;
    admit(fresh);
    await uses.flush();
    assert.equal((await agent('coder'))?.credentials[0]?.last_used_at, NOW + DAY, 'never back');
  });

  it('are shown as they are to whoever looks, before the minute is over', async () => {
    rig.time.now = NOW + 2 * DAY;
    const uses = createUses(rig.store);
    createAdmit(rig.deps, 'default', { used: uses.note })(fresh);
    assert.equal((await agent('coder', uses.flush))?.credentials[0]?.last_used_at, NOW + 2 * DAY);
    rig.time.now = NOW;
  });

  it('agents that tokens make are listed while a rule could make them', async () => {
    const uses = createUses(rig.store);
    for (const id of ['ci:build', 'gone:build'])
      uses.note(
        { tenant: 'default', agent: id, owner: 'bob', team: null, subject: { type: 'agent', id } },
        tokenCredential('https://ci.example.com'),
        NOW,
      );
    await uses.flush();
    assert.deepEqual(await agent('ci:build'), {
      id: 'ci:build',
      owner: 'bob',
      team: null,
      active: true,
      keys: 0,
      credentials: [
        { kind: 'token', id: 'https://ci.example.com', last_used_at: NOW, state: 'live', oldest: false },
      ],
      pending_requests: 0,
    });
    assert.equal(await agent('gone:build'), undefined);
  });

  it('what could not be written is kept for the next time', async () => {
    let down = true;
    const store = {
      ...rig.store,
      commit: (...given: Parameters<typeof rig.store.commit>) =>
        down ? Promise.reject(new Error('full')) : rig.store.commit(...given),
    };
    const uses = createUses(store);
    uses.note(rig.principalOf('other'), KEY_HASH('b'), NOW);
    await assert.rejects(uses.flush());
    down = false;
    await uses.flush();
    assert.equal((await agent('other'))?.credentials[0]?.last_used_at, NOW);
  });
});
