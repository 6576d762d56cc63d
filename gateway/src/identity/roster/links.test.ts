/** What links make of people, in whatever order they come and go (I4, A13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { configSchema } from '../../config/config.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createDirectory } from '../directory.ts';
import { accountsCounted, conflictsOf, holderOf } from './meaning.ts';
import { partedOf } from './partings.ts';
import { EMPTY_ROSTER, edited, type Roster, type RosterEdit } from './roster.ts';

const ISSUER = 'https://idp.example.com';
const at = (sub: string): string => oidcAccount(ISSUER, sub);
const configOf = (people: object = {}) =>
  configSchema.parse({
    people: {
      alice: { name: 'Alice', roles: ['operator'], accounts: ['alice@example.com'] },
      bob: { name: 'Bob', roles: ['reviewer'] },
      ...people,
    },
    groups: { dba: [] },
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
const config = configOf();
const known = (name: string, groups: readonly string[] = []): RosterEdit => ({
  people: [
    { id: `usr_${name}`, name, email: `${name}@corp.example`, active: true, roles: [], source: 'oidc' },
  ],
  accounts: [{ account: at(name), person: `usr_${name}`, source: 'oidc' }],
  memberships: [{ account: at(name), groups: ['staff', ...groups] }],
});
const link = (account: string, person: string): RosterEdit => ({
  linked: [{ id: `lnk_${account}`, account, person, at: 1, by: 'alice' }],
});
const unlink = (account: string, person: string, when: number): RosterEdit => ({
  unlinked: [{ account, person, at: when, by: 'alice' }],
});
const rosterOf = (...edits: readonly RosterEdit[]): Roster => edits.reduce(edited, EMPTY_ROSTER);
const whose = (roster: Roster, account: string) =>
  createDirectory(config, roster).personOfAccount(account)?.id;

describe('an account that was linked', () => {
  it('is its person’s, with what the provider says of it; who was known by it stands aside', () => {
    const roster = rosterOf(known('erin', ['idp-dba']), link(at('erin'), 'bob'));
    const directory = createDirectory(config, roster);
    assert.deepEqual(directory.person('bob')?.groups, ['dba']);
    assert.deepEqual(directory.person('bob')?.roles, ['reviewer'], 'roles stay those written there');
    assert.equal(directory.person('usr_erin')?.active, false);
    for (const name of [at('erin'), 'usr_erin'])
      assert.equal(directory.personOfAccount(name)?.id, 'bob', name);
    assert.equal(holderOf(config, roster, at('erin')), 'bob');
  });

  it('between two people of a provider makes them one, with the groups of both', () => {
    const roster = rosterOf(known('erin', ['idp-dba']), known('finn'), link(at('erin'), 'usr_finn'));
    const finn = createDirectory(config, roster).person('usr_finn');
    assert.deepEqual([finn?.active, finn?.groups, finn?.name], [true, ['dba'], 'finn']);
    assert.deepEqual(accountsCounted(config, roster, 'usr_finn'), [at('finn'), at('erin')]);
  });

  it('goes on to whoever its person stands aside for', () => {
    const roster = rosterOf(
      known('erin'),
      known('finn'),
      link(at('erin'), 'usr_finn'),
      link(at('finn'), 'bob'),
      link('slack:finn', 'usr_finn'),
    );
    for (const name of [at('erin'), at('finn'), 'slack:finn', 'usr_erin', 'usr_finn'])
      assert.equal(whose(roster, name), 'bob', name);
    assert.equal(holderOf(config, roster, at('erin')), 'bob');
  });

  it('an e-mail address links nobody, but who has it stands aside; one’s own makes nobody stand aside', () => {
    const roster = rosterOf(known('erin'), link('email:erin@corp.example', 'bob'));
    assert.equal(createDirectory(config, roster).person('usr_erin')?.active, false);
    assert.equal(whose(roster, at('erin')), 'usr_erin');
    const own = rosterOf(known('erin'), link('email:erin@corp.example', 'usr_erin'));
    assert.equal(createDirectory(config, own).person('usr_erin')?.active, true);
  });

  it('of somebody who is not there any more is nobody’s, and gives the double nothing back', () => {
    const roster = rosterOf(known('erin'), link(at('erin'), 'carol'));
    const directory = createDirectory(config, roster);
    assert.equal(directory.person('usr_erin')?.active, false);
    assert.equal(holderOf(config, roster, at('erin')), 'carol');
  });

  it('two who stand aside for each other do nothing, and nobody waits for ever', () => {
    const roster = rosterOf(
      known('erin'),
      known('finn'),
      link(at('erin'), 'usr_finn'),
      link(at('finn'), 'usr_erin'),
    );
    const directory = createDirectory(config, roster);
    assert.deepEqual(
      ['usr_erin', 'usr_finn'].map((id) => directory.person(id)?.active),
      [false, false],
    );
  });

  it('is the configuration’s where that lists it, and two who claim one human are told', () => {
    const roster = rosterOf(known('erin'), link(at('erin'), 'bob'), link('slack:x', 'bob'));
    assert.deepEqual(conflictsOf(config, roster), []);
    const listing = configOf({ carol: { name: 'Carol', roles: ['reviewer'], accounts: ['slack:X'] } });
    assert.match(conflictsOf(listing, roster).join(), /carol\.accounts: .*linked to bob/);
    assert.equal(createDirectory(listing, roster).personOfAccount('slack:x')?.id, 'carol');
    const second = edited(roster, {
      accounts: [{ account: at('second'), person: 'usr_erin', source: 'oidc' }],
      ...link(at('second'), 'alice'),
    });
    assert.match(conflictsOf(config, second).join(), /bob and alice each have an account of one person/);
  });
});

const NAMES = ['alice', 'bob', 'usr_erin', 'usr_finn'] as const;
const ACCOUNTS = [at('erin'), at('finn'), 'slack:u1', 'email:erin@corp.example'] as const;
const step = fc.record({ account: fc.constantFrom(...ACCOUNTS), person: fc.constantFrom(...NAMES) });

it('whatever is linked and unlinked: nobody acts under two names, and what was one stays so for what was asked', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let roster = rosterOf(known('erin'), known('finn'));
      /** Told once more in other words: who was whose, whenever. */
      const was: (readonly [string, string, number])[] = [];
      for (const [n, { account, person }] of steps.entries()) {
        const held = roster.links.get(account);
        roster = edited(roster, held === undefined ? link(account, person) : unlink(account, held.person, n));
        if (held !== undefined) was.push([held.person, account, n]);
        const directory = createDirectory(config, roster);
        const active = [...directory.people()].filter((each) => each.active);
        for (const name of [...ACCOUNTS, ...NAMES]) {
          const owner = directory.personOfAccount(name);
          const others = active.filter(({ id, accounts }) => id !== owner?.id && accounts.includes(name));
          assert.deepEqual(others, [], `${name} is of one who may act`);
        }
        for (const [one, other, when] of was) {
          for (const [a, b] of [
            [one, other],
            [other, one],
          ] as const) {
            const found = directory.onceAlso?.(a, when) ?? [];
            const id = directory.personOfAccount(b)?.id ?? b;
            assert.ok(found.includes(id) || found.includes(b), `${a} was ${b} at ${when}`);
          }
          assert.deepEqual(
            directory.onceAlso?.(one, n + 1) ?? [],
            [],
            'what is asked later is another matter',
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('many partings are looked through once, not for everybody who is asked about', () => {
  const parted = Array.from({ length: 20_000 }, (_, n) => ({
    person: `p${n}`,
    account: `slack:${n}`,
    at: n,
  }));
  let asked = 0;
  const onceAlso = partedOf(parted, {
    personOfAccount: () => {
      asked += 1;
      return undefined;
    },
  });
  for (let n = 0; n < 2_000; n += 1)
    assert.ok(onceAlso?.(`p${n + 10_000}`, 5_000).includes(`slack:${n + 10_000}`));
  assert.ok(asked < 60_000, `${asked} look-ups`);
});
