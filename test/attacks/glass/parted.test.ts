/** A13: whoever broke the glass, or answers for what ran, goes by another name before anybody judged it (I4). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createChanges } from '../../../gateway/src/authority/changes.ts';
import { createDirectory } from '../../../gateway/src/identity/directory.ts';
import { createRosterChanges } from '../../../gateway/src/identity/roster/changes.ts';
import { EMPTY_ROSTER, type RosterEdit } from '../../../gateway/src/identity/roster/roster.ts';
import { loadRoster } from '../../../gateway/src/identity/roster/stored.ts';
import { CONFIG, evaluationOf, permitted } from '../../../gateway/testing/rig.ts';
import { changedConfig, openEmergency } from './emergency.ts';

const QUINN = 'usr_quinn';
const ACCOUNT = 'oidc:https://idp.example.com#quinn';

it('nobody judges their own broken glass as who they were, nor after a restart', async () => {
  const { rig, house, open, broken } = await openEmergency();
  try {
    const { authority, store } = rig;
    const changes = createChanges({
      ...rig.deps,
      authority: () => authority,
      world: { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER },
    });
    const people = createRosterChanges({ changes, now: rig.deps.now });
    const edit = (made: RosterEdit) =>
      people.change(() => ({ edit: made, person: 'bob', predicate: { change: 'test' } }));
    const quinn = { id: QUINN, name: 'Quinn', email: null, active: true, roles: ['reviewer' as const] };
    await edit({
      people: [{ ...quinn, source: 'oidc' }],
      accounts: [{ account: ACCOUNT, person: QUINN, source: 'oidc' }],
    });
    await edit({ linked: [{ id: 'lnk_1', account: ACCOUNT, person: 'bob', at: rig.time.now, by: 'alice' }] });
    const id = await broken(await open());
    await permitted(await rig.call('wipe')).finish({ status: 'failed' } as never);
    rig.time.now += 1000;
    await edit({ unlinked: [{ account: ACCOUNT, person: 'bob', at: rig.time.now, by: 'alice' }] });
    assert.equal(authority.current().directory.person(QUINN)?.active, true);

    const close = (by: string) => house.glass.close(id, { by, verdict: 'justified', note: 'all was well' });
    assert.match(JSON.stringify(await close(QUINN)), /you broke the glass/);
    const known = createDirectory(CONFIG, await loadRoster(store));
    await authority.change('restart', (current) => ({
      next: { ...current, directory: known },
      steps: [],
      entries: () => [],
    }));
    assert.match(JSON.stringify(await close(QUINN)), /you broke the glass/, 'a restart later');
    assert.equal((await close('dan')).kind, 'done');
    assert.deepEqual((await loadRoster(store)).parted, [], 'judged: it bears on nothing any more');
  } finally {
    await rig.close();
  }
});

it('the owner is told under whatever name, and nobody of what they broke themselves', async () => {
  const { rig, house, open, broken } = await openEmergency();
  try {
    const id = await broken(await open());
    const told = async () => (await house.glass.show(id, 'carol'))?.told.map(({ person }) => person).sort();
    assert.deepEqual(await told(), ['alice', 'dan']);
    // Alice, who owned the agent, was an account of Carol's; Bob, who broke it, one of Dan's, an operator.
    await rig.change({
      config: changedConfig(({ people: { alice: _, bob: __, ...others }, agents, groups }) => ({
        people: {
          ...others,
          carol: { ...others['carol'], accounts: ['alice'] },
          dan: { ...others['dan'], accounts: ['bob'] },
        },
        agents: Object.fromEntries(
          Object.entries(agents).map(([name, each]) => [name, { ...each, owner: 'dan' }]),
        ),
        groups: { ...groups, dba: ['carol'] },
      })),
    });
    assert.deepEqual(await told(), ['carol']);
    assert.equal((await house.glass.acknowledge(id, 'carol')).kind, 'done');
    assert.equal((await house.glass.acknowledge(id, 'dan')).kind, 'refused');
  } finally {
    await rig.close();
  }
});

it('a run is nobody’s but the owner’s it was broken for: another would judge their own agent', async () => {
  const { rig, open, broken } = await openEmergency();
  try {
    const request_id = await open();
    await broken(request_id);
    // A token may name the owner: the same agent comes as Dan's, who was free of it when it was asked.
    const principal = { ...rig.principal, owner: 'dan' };
    const verdict = await rig.enforce(principal, evaluationOf(principal, 'wipe', {}));
    assert.notEqual(verdict.kind, 'permitted');
    assert.equal((await rig.requests.show(request_id, 'carol'))?.approval?.status, 'revoked');
    assert.deepEqual(await rig.store.read({ sql: 'SELECT id FROM executions', params: [] }), []);
  } finally {
    await rig.close();
  }
});
