/** What the `scim` part of the configuration refuses, with the fix; and what it says of tokens that will not last. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configProblems } from '../../testing/config.ts';
import { configSchema } from './config.ts';
import { scimAdvice } from './scim.ts';

const HASH = `sha256:${'a'.repeat(64)}`;
const TOKEN = { hash: HASH, expires: '2099-01-01' };
const GOOD = {
  tokens: [TOKEN],
  link: { oidc: 'okta' },
  groups: { Admins: 'dba' },
  roles: { reviewer: ['*'], operator: ['Ops'] },
};

function faults(corp: object, more: object = {}): string {
  const text = JSON.stringify({
    groups: { dba: [] },
    sign_in: {
      oidc: { okta: { name: 'O', issuer: 'https://o.example', client_id: 'c', client_secret: 'env:S' } },
    },
    scim: { corp: { ...GOOD, ...corp }, ...more },
  });
  return configProblems(text).join('\n');
}

describe('scim', () => {
  const rows: readonly [string, object, RegExp][] = [
    ['is good', {}, /^$/],
    ['needs a token', { tokens: [] }, /^scim\.corp\.tokens/],
    [
      'takes no token itself',
      { tokens: [{ hash: 'cs_scim_x', expires: '2099-01-01' }] },
      /countersign scim new-token/,
    ],
    ['has no token for ever', { tokens: [{ hash: HASH }] }, /^scim\.corp\.tokens\.0\.expires/],
    ['has each token once', { tokens: [TOKEN, TOKEN] }, /every token belongs to one provider, once/],
    [
      'links to a provider there is',
      { link: { oidc: 'entra' } },
      /no provider “entra” under sign_in\.oidc; there are: okta/,
    ],
    ['links by nothing that changes hands', { link: { oidc: 'okta', by: 'email' } }, /^scim\.corp\.link\.by/],
    [
      'maps to a group there is',
      { groups: { Admins: 'db' } },
      /^scim\.corp\.groups\.Admins: there is no group “db”/,
    ],
    ['makes not everyone an operator', { roles: { operator: ['*'] } }, /not everyone may be an operator/],
    ['knows its keys', { group: {} }, /group/],
  ];
  for (const [name, corp, want] of rows) it(name, () => assert.match(faults(corp), want));

  it('has a token of one provider only', () => {
    assert.match(faults({}, { other: { tokens: [TOKEN] } }), /the same token is listed for corp/);
  });
});

it('says 14 days ahead which token expires, and which has', () => {
  const { scim } = configSchema.parse({
    scim: { corp: { tokens: [{ hash: HASH, expires: '2030-01-01' }] } },
  });
  const at = (day: string) => scimAdvice(scim, Date.parse(day));
  assert.deepEqual(at('2029-12-01'), []);
  assert.deepEqual(at('2029-12-25'), [
    'scim.corp.tokens.0: expires on 2030-01-01; add a new one beside it: countersign scim new-token corp',
  ]);
  assert.deepEqual(at('2030-01-01'), ['scim.corp.tokens.0: expired on 2030-01-01; remove it']);
});
