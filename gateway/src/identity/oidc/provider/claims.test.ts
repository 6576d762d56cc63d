/** Who it is that a provider speaks of: by the claim that is configured, and never by another one instead. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { configSchema } from '../../../config/config.ts';
import { SignInFailure } from '../failure.ts';
import { identityOf } from './claims.ts';

const ISSUER = 'https://login.microsoftonline.com/t/v2.0';
const provider = (subject: object) => {
  const { sign_in } = configSchema.parse({
    sign_in: {
      oidc: { entra: { name: 'E', issuer: ISSUER, client_id: 'c', client_secret: 'env:S', claims: subject } },
    },
  });
  const { entra } = sign_in.oidc;
  assert.ok(entra);
  return entra;
};
const CLAIMS = { sub: 'pairwise', oid: '0a21f0f2', name: 'Erin' };

it('is known by sub, or by oid where the configuration says so', () => {
  assert.equal(identityOf(provider({}), CLAIMS).account, `oidc:${ISSUER}#pairwise`);
  const by_oid = identityOf(provider({ subject: 'oid' }), CLAIMS);
  assert.deepEqual([by_oid.account, by_oid.sub], [`oidc:${ISSUER}#0a21f0f2`, 'pairwise']);
});

for (const oid of [undefined, '', 7, ['0a21f0f2'], 'ö', 'x'.repeat(256)])
  it(`is nobody without it: ${String(oid).slice(0, 12)}`, () => {
    const { oid: _, ...others } = CLAIMS;
    const claims = oid === undefined ? others : { ...others, oid };
    assert.throws(
      () => identityOf(provider({ subject: 'oid' }), claims),
      (error) => error instanceof SignInFailure && error.reason === 'malformed',
    );
  });
