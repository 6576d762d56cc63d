/** What is remembered of people is what would be made of them anew, whatever changed and in whatever order. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { type Config, configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createDirectory } from '../directory.ts';
import type { ProvisionedGroup, ProvisionedUser } from './provisioned.ts';
import { scimAccount } from './provisioned.ts';
import { EMPTY_ROSTER, edited, type Roster, type RosterEdit } from './roster.ts';

const ISSUER = 'https://idp.example.com';
const HASH = `sha256:${'a'.repeat(64)}`;
const configOf = (dba: string, alice: string): Config =>
  configSchema.parse({
    people: { alice: { name: 'Alice', roles: ['operator'], accounts: [alice] } },
    groups: { dba: [] },
    scim: {
      corp: {
        tokens: [{ hash: HASH, expires: '2099-01-01' }],
        groups: { [dba]: 'dba' },
        roles: { reviewer: [dba] },
      },
    },
  });
const CONFIGS = [
  configOf('g0', oidcAccount(ISSUER, '0')),
  configOf('g1', oidcAccount(ISSUER, '1')),
  configOf('g1', 'p0@example.com'),
];
const PROFILE = { display_name: null, given_name: null, family_name: null, formatted_name: null, emails: [] };
const stamps = { version: 1, created_at: 0, updated_at: 0 };

const edit = fc.record({
  n: fc.nat({ max: 3 }),
  kind: fc.constantFrom('person', 'user', 'group', 'no group'),
  flag: fc.boolean(),
  members: fc.subarray([0, 1, 2, 3]),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function editOf(roster: Roster, { n, kind, flag, members }: Edit): RosterEdit {
  const person = {
    id: `usr_${n}`,
    name: `P${n}`,
    email: `p${n}@example.com`,
    active: flag,
    roles: [],
    source: 'scim' as const,
  };
  const user: ProvisionedUser = {
    ...{
      id: `scu_${n}`,
      provider: 'corp',
      person: person.id,
      external_id: null,
      user_name: `p${n}`,
      profile: PROFILE,
    },
    ...stamps,
    state: flag ? 'active' : 'inactive',
  };
  if (kind === 'person') return { people: [person] };
  if (kind === 'user') {
    const accounts = [scimAccount('corp', user.id), oidcAccount(ISSUER, String(n))];
    return {
      people: [{ ...person, active: true }],
      accounts: accounts.map((account) => ({ account, person: person.id, source: 'scim' })),
      users: [user],
    };
  }
  const id = `scg_${n % 2}`;
  if (kind === 'no group') return roster.provisioned.groups.has(id) ? { deleted_groups: [id] } : {};
  const group: ProvisionedGroup = {
    ...{ id, provider: 'corp', external_id: null, display_name: flag ? `g${n % 2}` : `other${n % 2}` },
    ...stamps,
    members: new Set(members.map((each) => `scu_${each}`)),
  };
  return { groups: [{ group, joined: [], left: [] }] };
}

/** Of other objects that say the same, so that nothing is remembered of them. */
const anew = (roster: Roster): Roster => structuredClone(roster);

it('is what would be made anew', () => {
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
      let roster = EMPTY_ROSTER;
      for (const each of edits) {
        roster = edited(roster, editOf(roster, each));
        for (const config of CONFIGS) {
          const kept = createDirectory(config, roster);
          const made = createDirectory(config, anew(roster));
          assert.deepEqual([...kept.people()], [...made.people()]);
          for (const { account } of roster.accounts.values())
            assert.deepEqual(kept.personOfAccount(account), made.personOfAccount(account));
        }
      }
    }),
    { numRuns: 60 },
  );
});

it('what users are in is what their groups say, however groups came, went and were renamed', () => {
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
      let roster = EMPTY_ROSTER;
      for (const each of edits) roster = edited(roster, editOf(roster, each));
      for (const n of [0, 1, 2, 3]) {
        const said = [...roster.provisioned.groups.values()].filter(({ members }) => members.has(`scu_${n}`));
        assert.deepEqual(
          roster.memberships.get(scimAccount('corp', `scu_${n}`)) ?? [],
          [...new Set(said.map(({ display_name }) => display_name))].sort(),
        );
      }
    }),
  );
});
