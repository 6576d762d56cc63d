/** Who somebody a provider vouches for is here: a table, and what must hold whatever anybody is called. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { World } from '../../authority/changes.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createDirectory } from '../directory.ts';
import { EMPTY_ROSTER, edited, type Roster } from '../roster/roster.ts';
import { recognise } from './person.ts';
import type { Identity } from './provider/claims.ts';

const ISSUER = 'https://idp.example.com';
const identity = (sub: string, over: Partial<Identity> = {}): Identity => ({
  account: oidcAccount(ISSUER, sub),
  sub,
  name: sub,
  email: null,
  groups: ['staff'],
  ...over,
});
const configOf = (provider: object = {}): Config =>
  configSchema.parse({
    people: {
      bob: {
        name: 'Bob',
        roles: ['reviewer'],
        accounts: [oidcAccount(ISSUER, 'bob-sub'), 'bob@example.com'],
      },
      gone: { name: 'Gone', roles: ['reviewer'], active: false, accounts: [oidcAccount(ISSUER, 'gone-sub')] },
    },
    groups: { dba: [] },
    sign_in: {
      oidc: {
        corp: {
          name: 'Corp',
          issuer: ISSUER,
          client_id: 'c',
          client_secret: 'env:S',
          create: true,
          groups: { 'idp-dba': 'dba' },
          roles: { reviewer: ['staff'] },
          ...provider,
        },
      },
    },
  });

let made = 0;
function meet(world: Pick<World, 'config' | 'roster'>, who: Identity, people_max = 100) {
  const provider = world.config.sign_in.oidc['corp'];
  assert.ok(provider);
  made += 1;
  const { change, outcome } = recognise(
    { pins: new Map(), ...world },
    { provider, provider_id: 'corp', identity: who, new_id: `usr_${made}`, people_max },
  );
  return { outcome, change, roster: change === undefined ? world.roster : edited(world.roster, change.edit) };
}
const settled = (config: Config, ...people: readonly Identity[]): Roster =>
  people.reduce((roster, who) => meet({ config, roster }, who).roster, EMPTY_ROSTER);

describe('somebody a provider vouches for', () => {
  const erin = identity('erin', { email: 'erin@example.com', groups: ['idp-dba', 'staff'] });
  const rows: readonly [
    name: string,
    provider: object,
    roster: (config: Config) => Roster,
    who: Identity,
    want: string,
  ][] = [
    ['is a person of the configuration by their account', {}, () => EMPTY_ROSTER, identity('bob-sub'), 'bob'],
    [
      'is nobody by an account that differs in case',
      { create: false },
      () => EMPTY_ROSTER,
      identity('BOB-SUB'),
      'no_account',
    ],
    [
      'is not let in by an e-mail address',
      {},
      () => EMPTY_ROSTER,
      identity('x', { email: 'Bob@Example.com' }),
      'same_email',
    ],
    ['is not let in where they are inactive', {}, () => EMPTY_ROSTER, identity('gone-sub'), 'inactive'],
    ['is not created where nobody is', { create: false }, () => EMPTY_ROSTER, erin, 'no_account'],
    ['is not created without a role', {}, () => EMPTY_ROSTER, identity('x', { groups: [] }), 'no_role'],
    ['is created once', {}, (config) => settled(config, erin), erin, 'usr_'],
    [
      'loses the way in with the last role',
      {},
      (config) => settled(config, erin),
      { ...erin, groups: [] },
      'no_role',
    ],
    [
      'does not take another’s address',
      {},
      (config) => settled(config, erin, identity('finn')),
      identity('finn', { email: 'ERIN@example.com' }),
      'same_email',
    ],
  ];
  for (const [name, provider, rosterOf, who, want] of rows)
    it(name, () => {
      const config = configOf(provider);
      const { outcome } = meet({ config, roster: rosterOf(config) }, who);
      const got = 'refused' in outcome ? outcome.refused : outcome.person;
      assert.ok(want === 'usr_' ? got.startsWith(want) : got === want, got);
    });

  it('is remembered as told last, even when then refused: a lost group is lost', () => {
    const config = configOf();
    const before = settled(config, erin);
    const { outcome, roster } = meet({ config, roster: before }, { ...erin, groups: [] });
    assert.deepEqual(outcome, { refused: 'no_role' });
    assert.equal(roster.memberships.size, 0);
  });

  it('changes nothing by coming back as they were', () => {
    const config = configOf();
    assert.equal(meet({ config, roster: settled(config, erin) }, erin).change, undefined);
  });

  it('is refused when there are as many as there may be, unless known', () => {
    const config = configOf();
    const roster = settled(config, erin);
    assert.deepEqual(meet({ config, roster }, identity('x'), 1).outcome, { refused: 'roster_full' });
    assert.ok('person' in meet({ config, roster }, erin, 1).outcome);
  });

  it('is named in no entry by name or address (I7)', () => {
    const { change } = meet({ config: configOf(), roster: EMPTY_ROSTER }, { ...erin, name: 'Erin Private' });
    assert.doesNotMatch(JSON.stringify(change?.predicate), /Private|erin@/);
  });
});

it('never becomes two people, nor two one, and never an operator unless a group says so', () => {
  const config = configOf({ roles: { reviewer: ['staff'], operator: ['idp-admins'] } });
  const who = fc.record({
    sub: fc.constantFrom('a', 'A', 'b', 'bob-sub', 'bob', 'usr_1'),
    email: fc.constantFrom(null, 'a@example.com', 'A@EXAMPLE.com', 'bob@example.com', 'b@example.com'),
    groups: fc.subarray(['staff', 'idp-dba', 'operator', 'admin']),
  });
  fc.assert(
    fc.property(fc.array(who, { maxLength: 20 }), (arrivals) => {
      let roster: Roster = EMPTY_ROSTER;
      const known = new Map<string, string>();
      for (const { sub, email, groups } of arrivals) {
        const met = meet({ config, roster }, identity(sub, { email, groups }));
        roster = met.roster;
        if ('refused' in met.outcome) continue;
        const { person } = met.outcome;
        assert.equal(known.get(sub) ?? person, person, 'one account, one person');
        known.set(sub, person);
        assert.equal(person === 'bob', sub === 'bob-sub', 'nobody else is bob');
      }
      const emails = [...roster.people.values()].flatMap((each) => each.email?.toLowerCase() ?? []);
      assert.equal(new Set(emails).size, emails.length, 'no two people of one address');
      for (const person of createDirectory(config, roster).people())
        assert.ok(!person.roles.includes('operator'), person.id);
    }),
  );
});
