import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eligibility, NO_DUTIES, type Principal } from '@countersign/core';
import { SEAT } from '../../../testing/rig.ts';
import { type Config, configSchema } from '../../config/config.ts';
import { loosely } from '../../config/sign-in.ts';
import { createDirectory } from '../directory.ts';
import { EMPTY_ROSTER, edited } from './roster.ts';

const ISSUER = 'https://idp.example.com';
const config: Config = configSchema.parse({
  people: {
    alice: { name: 'Alice', roles: ['reviewer'], accounts: ['Alice@example.com'] },
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['email:bob@example.com', `oidc:${ISSUER}#Bo`] },
  },
  sign_in: {
    oidc: {
      corp: {
        name: 'Corp',
        issuer: ISSUER,
        client_id: 'c',
        client_secret: 'env:S',
        roles: { reviewer: ['*'] },
      },
    },
  },
});
const person = { name: 'A', active: true, roles: [], source: 'oidc' } as const;
/** Two people of a provider: one has the address of the configuration's Alice, the other is only herself. */
const roster = edited(EMPTY_ROSTER, {
  people: [
    { ...person, id: 'usr_1', email: 'alice@EXAMPLE.com' },
    { ...person, id: 'usr_2', email: 'dora@example.com' },
  ],
  accounts: [
    { account: `oidc:${ISSUER}#a1`, person: 'usr_1', source: 'oidc' },
    { account: `oidc:${ISSUER}#d1`, person: 'usr_2', source: 'oidc' },
  ],
});
const directory = createDirectory(config, roster);

const principal = (more: Partial<Principal>): Principal => ({
  tenant: 't',
  agent: 'ci:shop',
  owner: 'bob',
  team: null,
  subject: { type: 'agent', id: 'ci:shop' },
  ...more,
});
const may = (id: string, asks: Principal, changed_by?: string) => {
  const who = directory.person(id);
  assert.ok(who);
  const at = eligibility(who, {
    principal: asks,
    requirement: SEAT,
    directory,
    duties:
      changed_by === undefined ? NO_DUTIES : { ...NO_DUTIES, changes: new Map([[changed_by, [{ at: 1 }]]]) },
    reviews: [],
    upstream: 'files',
    resource: 'write',
    opened_at: 1,
    now: 2,
  });
  return at.eligible ? 'eligible' : at.why;
};
const link = (sub: string, iss = 'https://agents.example.com') =>
  ({ act: { iss, sub, sub_profile: 'ai_agent' } }) as const;

describe('A13: one human under a second name reviews nothing of their own', () => {
  const rows: readonly (readonly [name: string, asks: Principal, who: string, want: string])[] = [
    ['their provider’s double owns the agent', principal({ owner: 'usr_1' }), 'alice', 'owner'],
    [
      'the agent acts for that double',
      principal({ subject: { type: 'identity', id: 'usr_1' } }),
      'alice',
      'requester',
    ],
    ['the double’s account passed it on', principal(link('a1', ISSUER)), 'alice', 'act_chain'],
    [
      'their address did, in capitals',
      principal({ owner: null, ...link('BOB@example.com') }),
      'bob',
      'act_chain',
    ],
    ['an address somebody signed up with did', principal(link('Dora@example.com')), 'usr_2', 'act_chain'],
    ['the same, written as an account', principal(link('email:dora@example.com')), 'usr_2', 'act_chain'],
    [
      'an issuer with a slash did',
      principal({ owner: null, ...link('Bo', `${ISSUER}/`) }),
      'bob',
      'act_chain',
    ],
    ['another subject did: nobody is barred by it', principal(link('bo', ISSUER)), 'alice', 'eligible'],
    ['an address of nobody here did', principal(link('eve@example.com')), 'alice', 'eligible'],
  ];
  for (const [name, asks, who, want] of rows) it(name, () => assert.equal(may(who, asks), want));

  it('nor what their double changed the rules of', () => {
    assert.equal(may('alice', principal({}), 'usr_1'), 'changed_rules');
    assert.equal(may('usr_2', principal({}), 'usr_1'), 'eligible');
  });

  it('and by none of it somebody is let in, or known', () => {
    assert.equal(directory.personOfAccount('dora@example.com'), undefined);
    assert.equal(directory.personOfAccount(`oidc:${ISSUER}/#Bo`), undefined);
    assert.equal(directory.personOfAccount('usr_1')?.id, 'usr_1');
    assert.equal(directory.person('usr_1')?.active, false);
  });
});

it('names are one however they are spelled, and two where they may be', () => {
  for (const [one, other] of [
    ['A@B.example', 'email:a@b.example'],
    ['oidc:HTTPS://Idp.example/#S', 'oidc:https://idp.example#S'],
    ['GitHub:Octo', 'github:octo'],
  ] as const)
    assert.equal(loosely(one), loosely(other));
  assert.notEqual(loosely('oidc:https://idp.example#s'), loosely('oidc:https://idp.example#S'));
  assert.notEqual(loosely('oidc:https://idp.example/a#s'), loosely('oidc:https://idp.example/b#s'));
});
