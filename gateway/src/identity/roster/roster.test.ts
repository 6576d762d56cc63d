import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eligibility, NO_DUTIES, type Principal } from '@countersign/core';
import fc from 'fast-check';
import { SEAT } from '../../../testing/rig.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createDirectory } from '../directory.ts';
import { conflictsOf, holderOf, meantGroups, rolesSaid, sameEmail } from './meaning.ts';
import { EMPTY_ROSTER, edited, type Roster, type RosterEdit } from './roster.ts';

const ISSUER = 'https://idp.example.com';
const account = (sub: string): string => oidcAccount(ISSUER, sub);

const configOf = (over: Partial<Config['sign_in']['oidc'][string]> = {}, people: object = {}): Config =>
  configSchema.parse({
    people: {
      alice: { name: 'Alice', roles: ['reviewer', 'operator'], accounts: [account('alice-sub')] },
      bob: { name: 'Bob', roles: ['reviewer'], accounts: ['bob@example.com'] },
      ...people,
    },
    groups: { dba: ['bob'], oncall: [] },
    agents: { coder: { owner: 'bob', keys: [`sha256:${'a'.repeat(64)}`] } },
    sign_in: {
      oidc: {
        corp: {
          name: 'Corp',
          issuer: ISSUER,
          client_id: 'countersign',
          client_secret: 'env:S',
          groups: { 'idp-dba': 'dba' },
          roles: { reviewer: ['idp-reviewers'], operator: ['idp-admins'] },
          ...over,
        },
      },
    },
  });

const usr = (n: number): string => `usr_${n}`;
const joined = (n: number, groups: readonly string[], over: object = {}): RosterEdit => ({
  people: [
    {
      id: usr(n),
      name: `Person ${n}`,
      email: `p${n}@example.com`,
      active: true,
      roles: [],
      source: 'oidc',
      ...over,
    },
  ],
  accounts: [{ account: account(`sub-${n}`), person: usr(n), source: 'oidc' }],
  memberships: [{ account: account(`sub-${n}`), groups }],
});
const rosterOf = (...edits: readonly RosterEdit[]): Roster => edits.reduce(edited, EMPTY_ROSTER);

describe('a directory of configuration and roster', () => {
  it('gives groups and roles only as the configuration maps what the provider said', () => {
    const roster = rosterOf(joined(1, ['idp-dba', 'idp-reviewers', 'dba', 'operator']));
    const found = createDirectory(configOf(), roster).person(usr(1));
    assert.deepEqual([found?.groups, found?.roles, found?.active], [['dba'], ['reviewer'], true]);
    const unmapped = createDirectory(
      configOf({ groups: {}, roles: { reviewer: [], auditor: [], operator: [] } }),
      roster,
    );
    assert.deepEqual([unmapped.person(usr(1))?.groups, unmapped.person(usr(1))?.active], [[], false]);
  });

  it('takes nothing from a provider that is no longer configured', () => {
    const roster = rosterOf(joined(1, ['idp-dba', 'idp-reviewers']));
    const found = createDirectory(configOf({ issuer: 'https://other.example.com' }), roster).person(usr(1));
    assert.deepEqual([found?.groups, found?.roles, found?.active], [[], [], false]);
  });

  it('adds the provider’s groups to a configured person, by account, and leaves their roles alone', () => {
    const said: RosterEdit = {
      memberships: [{ account: account('alice-sub'), groups: ['idp-dba', 'idp-admins'] }],
    };
    const alice = createDirectory(configOf(), rosterOf(said)).person('alice');
    assert.deepEqual([alice?.groups, alice?.roles], [['dba'], ['reviewer', 'operator']]);
    // Somebody else under the same id later has other accounts, and inherits nothing.
    const later = configOf({}, { alice: { name: 'Another Alice', roles: ['reviewer'] } });
    assert.deepEqual(createDirectory(later, rosterOf(said)).person('alice')?.groups, []);
  });

  it('lets the configuration win: the roster’s double stands aside and is the same human (I4, A13)', () => {
    const roster = rosterOf(joined(1, ['idp-dba', 'idp-reviewers']));
    const config = configOf({}, { bob: { name: 'Bob', roles: ['reviewer'], accounts: [account('sub-1')] } });
    const directory = createDirectory(config, roster);
    assert.equal(directory.person(usr(1))?.active, false);
    assert.equal(directory.personOfAccount(usr(1))?.id, 'bob');
    assert.equal(holderOf(config, roster, account('sub-1')), 'bob');
    const principal: Principal = {
      tenant: 'default',
      agent: 'coder',
      owner: 'bob',
      team: null,
      subject: { type: 'identity', id: usr(1) },
    };
    const bob = directory.person('bob');
    assert.ok(bob);
    assert.deepEqual(
      eligibility(bob, {
        principal,
        requirement: SEAT,
        directory,
        duties: NO_DUTIES,
        reviews: [],
        upstream: 'files',
        resource: 'write',
        opened_at: 0,
        now: 0,
      }),
      {
        eligible: false,
        why: 'requester',
      },
    );
  });

  it('lets a double by e-mail stand aside too, and gives it nobody’s account', () => {
    const roster = rosterOf(joined(1, ['idp-reviewers'], { email: 'Bob@Example.com' }));
    const directory = createDirectory(configOf(), roster);
    assert.equal(directory.person(usr(1))?.active, false);
    assert.equal(holderOf(configOf(), roster, account('sub-1')), usr(1));
    assert.equal(sameEmail(configOf(), EMPTY_ROSTER, 'BOB@example.com'), 'bob');
    assert.equal(sameEmail(configOf(), rosterOf(joined(2, [])), 'P2@example.com'), usr(2));
  });

  it('tells subjects apart by case, as providers do', () => {
    const config = configOf();
    assert.equal(holderOf(config, EMPTY_ROSTER, account('alice-sub')), 'alice');
    assert.equal(holderOf(config, EMPTY_ROSTER, account('Alice-Sub')), undefined);
    assert.equal(createDirectory(config, EMPTY_ROSTER).personOfAccount(account('ALICE-SUB')), undefined);
  });

  it('names a human the configuration would make two', () => {
    const roster = edited(rosterOf(joined(1, [])), {
      accounts: [{ account: account('second'), person: usr(1), source: 'oidc' }],
    });
    const config = configOf(
      {},
      {
        carol: { name: 'Carol', roles: ['reviewer'], accounts: [account('sub-1')] },
        dan: { name: 'Dan', roles: ['reviewer'], accounts: [account('second')] },
      },
    );
    assert.match(conflictsOf(config, roster).join(), /carol and dan each have an account of one person/);
    assert.deepEqual(conflictsOf(configOf(), roster), []);
  });
});

describe('what a provider’s groups make of somebody', () => {
  const provider = (roles: object) =>
    configOf({ roles: { reviewer: [], auditor: [], operator: [], ...roles } }).sign_in.oidc['corp'];
  const rows: readonly [string, object, readonly string[], readonly string[]][] = [
    ['nothing by default', {}, ['idp-admins'], []],
    ['everyone reviews', { reviewer: ['*'] }, [], ['reviewer']],
    ['operators only by name', { operator: ['idp-admins'] }, ['idp-admins'], ['operator']],
    ['a group called * is not everyone’s', { auditor: ['x'] }, ['*'], []],
  ];
  for (const [name, roles, groups, want] of rows)
    it(name, () => {
      const corp = provider(roles);
      assert.ok(corp);
      assert.deepEqual(rolesSaid(corp, groups), want);
    });

  it('keeps of what is said only what means something here', () => {
    const corp = configOf().sign_in.oidc['corp'];
    assert.ok(corp);
    assert.deepEqual(meantGroups(corp, ['secret-project', 'idp-dba', 'idp-dba', '*']), ['idp-dba']);
  });
});

it('an account never has two people, whatever edits come in whatever order', () => {
  const edit = fc.record({
    n: fc.nat({ max: 4 }),
    sub: fc.nat({ max: 4 }),
    groups: fc.subarray(['idp-dba', 'x']),
  });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
      let roster = EMPTY_ROSTER;
      const first = new Map<string, string>();
      for (const { n, sub, groups } of edits) {
        const to = { account: account(`s${sub}`), person: usr(n), source: 'oidc' } as const;
        try {
          roster = edited(edited(roster, joined(n, groups)), { accounts: [to] });
          if (!first.has(to.account)) first.set(to.account, to.person);
        } catch {
          assert.notEqual(first.get(to.account), to.person); // refused because it was somebody else's
          continue;
        }
        assert.equal(roster.accounts.get(to.account)?.person, first.get(to.account));
      }
    }),
  );
});
