import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Act, Principal } from './evaluation.ts';
import { type Directory, type Person, responsibleFor } from './people.ts';

const person = (id: string, accounts: readonly string[]): Person => ({
  id,
  name: id,
  active: true,
  roles: ['reviewer'],
  groups: [],
  accounts,
});
const people = [person('ann', ['oidc:https://idp.example.com#a1']), person('ben', ['planner-account'])];
const directory: Directory = {
  person: (id) => people.find((each) => each.id === id),
  personOfAccount: (account) =>
    people.find(({ id, accounts }) => id === account || accounts.includes(account)),
  ownerOf: (agent) => (agent === 'planner' ? 'ben' : undefined),
  people: () => people,
};
const link = (sub: string, act?: Act, iss = 'https://idp.example.com'): Act => ({
  iss,
  sub,
  sub_profile: 'ai_agent',
  ...(act === undefined ? {} : { act }),
});
const through = (act: Act): readonly (readonly [string, string])[] => {
  const principal: Principal = {
    tenant: 't',
    agent: 'app',
    owner: null,
    team: null,
    subject: { type: 'identity', id: 'zoe' },
    act,
  };
  return [...responsibleFor(principal, directory, 0)].filter(([id]) => id === 'ann' || id === 'ben');
};

test('A13: whoever passed the work on is responsible: by id, by account, by what they own, by their name at the issuer', () => {
  const table: readonly (readonly [string, Act, readonly (readonly [string, string])[]])[] = [
    ['an agent somebody owns', link('app', link('planner')), [['ben', 'act_chain']]],
    ['somebody’s account', link('app', link('x', link('planner-account'))), [['ben', 'act_chain']]],
    ['a person of the issuer', link('app', link('a1')), [['ann', 'act_chain']]],
    [
      'the same name at another issuer is somebody else',
      link('app', link('a1', undefined, 'https://other.example.com')),
      [],
    ],
    ['deep in the chain', link('app', link('x', link('y', link('ann')))), [['ann', 'act_chain']]],
  ];
  for (const [name, act, want] of table) assert.deepEqual(through(act), want, name);
});
