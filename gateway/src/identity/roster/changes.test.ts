/** Losing what one reviewed by: at once, on everything not yet redeemed, and after a restart (I4, I8, A10). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { createRig, held, policyOf, type Rig, SEAT, SESSION_LIMITS } from '../../../testing/rig.ts';
import { createChanges } from '../../authority/changes.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createSessions } from '../sessions.ts';
import { createRosterChanges, type RosterChanges } from './changes.ts';
import { EMPTY_ROSTER, type RosterPerson } from './roster.ts';
import { loadRoster } from './stored.ts';

const ISSUER = 'https://idp.example.com';
const ACCOUNT = oidcAccount(ISSUER, 'erin');
const ERIN: RosterPerson = {
  id: 'usr_erin',
  name: 'Erin',
  email: 'erin@example.com',
  active: true,
  roles: [],
  source: 'oidc',
};
const config: Config = configSchema.parse({
  people: { alice: { name: 'Alice', roles: ['operator'] } },
  groups: { dba: [] },
  agents: { coder: { owner: 'alice', keys: [`sha256:${'a'.repeat(64)}`] } },
  sign_in: {
    oidc: {
      corp: {
        name: 'Corp',
        issuer: ISSUER,
        client_id: 'c',
        client_secret: 'env:S',
        groups: { 'idp-dba': 'dba' },
        roles: { reviewer: ['*'] },
      },
    },
  },
});
const BY_DBA = { ...SEAT, seats: [{ by: 'group:dba' as const, count: 1, proof: 'session' as const }] };

let rig: Rig;
let people: RosterChanges;
const learn = (person: RosterPerson, groups: readonly string[]) =>
  people.change(({ roster }) => ({
    edit: {
      people: [person],
      ...(roster.accounts.has(ACCOUNT)
        ? {}
        : { accounts: [{ account: ACCOUNT, person: person.id, source: 'oidc' }] }),
      memberships: [{ account: ACCOUNT, groups }],
    },
    person: person.id,
    predicate: { change: 'person changed', groups: [...groups] },
  }));

beforeEach(async () => {
  rig = await createRig(policyOf({ drop: { then: 'require', requirement: BY_DBA } }), { config });
  const { deps, authority } = rig;
  const changes = createChanges({
    ...deps,
    authority: () => authority,
    world: { config, pins: new Map(), roster: EMPTY_ROSTER },
  });
  people = createRosterChanges({ changes, now: deps.now });
  await learn(ERIN, ['idp-dba']);
});
afterEach(() => rig.close());

const ways: readonly [name: string, lose: () => Promise<unknown>][] = [
  ['a lost group', () => learn(ERIN, [])],
  ['deactivation', () => learn({ ...ERIN, active: false }, ['idp-dba'])],
];
for (const [name, lose] of ways) {
  it(`${name} takes the review off a request that was approved and not yet run`, async () => {
    const { id } = held(await rig.call('drop'));
    const answered = await rig.answer(id, ERIN.id);
    assert.equal(answered.kind === 'recorded' && answered.status, 'approved');
    const before = rig.authority.current().epoch;
    assert.deepEqual(await lose(), { ok: true });
    assert.equal(rig.authority.current().epoch, before + 1);
    const again = await rig.call('drop');
    assert.notEqual(again.kind, 'permitted');
    const [approval] = (await rig.requests.listApprovals({}, { limit: 1 })).items;
    assert.notEqual(approval?.status, 'active');
  });

  it(`${name} refuses the review of a request that waits`, async () => {
    const { id } = held(await rig.call('drop'));
    await lose();
    const answered = await rig.answer(id, ERIN.id);
    assert.equal(answered.kind === 'refused' && answered.why, 'not_eligible');
  });
}

it('without losing anything the same approval runs: the tests above can fail', async () => {
  const { id } = held(await rig.call('drop'));
  await rig.answer(id, ERIN.id);
  assert.equal((await rig.call('drop')).kind, 'permitted');
});

it('deactivation ends sessions for good: coming back does not revive them', async () => {
  const { deps, authority } = rig;
  const sessions = createSessions({
    ...deps,
    limits: SESSION_LIMITS,
    directory: () => authority.current().directory,
  });
  const signedIn = await sessions.signIn(await sessions.issueCode(ERIN.id), 'cli');
  assert.ok(signedIn);
  const unused = await sessions.issueCode(ERIN.id);
  await learn({ ...ERIN, active: false }, ['idp-dba']);
  assert.equal(await sessions.authenticate(signedIn.token), undefined);
  await learn(ERIN, ['idp-dba']);
  assert.equal(await sessions.authenticate(signedIn.token), undefined);
  assert.equal(await sessions.signIn(unused, 'cli'), undefined);
});

it('what is stored is what is served, and the entries name no name and no address (I7)', async () => {
  await learn({ ...ERIN, name: 'Erin Renamed' }, ['idp-dba', 'other']);
  const stored = await loadRoster(rig.store);
  assert.deepEqual(stored.people.get(ERIN.id), { ...ERIN, name: 'Erin Renamed' });
  assert.deepEqual(stored.accounts.get(ACCOUNT), { account: ACCOUNT, person: ERIN.id, source: 'oidc' });
  assert.deepEqual(stored.memberships, new Map([[ACCOUNT, ['idp-dba', 'other']]]));
  const log = JSON.stringify(await rig.entries());
  assert.ok(!log.includes('Erin') && !log.includes('erin@'), log);
});

it('an edit that says nothing new raises nothing', async () => {
  const before = rig.authority.current().epoch;
  assert.deepEqual(await people.change(() => undefined), { ok: true });
  assert.equal(rig.authority.current().epoch, before);
});
