import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { type DemoProvider, startProvider } from './provider.ts';

const CALLBACK = 'http://localhost:7070/sign-in/demo/callback';

let provider: DemoProvider;
before(async () => {
  provider = await startProvider(CALLBACK);
});
after(() => provider.close());

const verifier = randomBytes(32).toString('base64url');
const asked = (): Record<string, string> => ({
  client_id: provider.client_id,
  redirect_uri: CALLBACK,
  response_type: 'code',
  scope: 'openid profile',
  state: 'the-state',
  nonce: 'the-nonce',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});

const at = (where: string): string => `${provider.issuer}${where}`;
const authorize = (over: Record<string, string> = {}, more = ''): Promise<Response> =>
  fetch(at(`/authorize?${new URLSearchParams({ ...asked(), ...over })}${more}`), { redirect: 'manual' });
const post = (where: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(at(where), { method: 'POST', body: new URLSearchParams(form), headers, redirect: 'manual' });
const basic = (secret = provider.client_secret) => ({
  authorization: `Basic ${Buffer.from(`${provider.client_id}:${secret}`).toString('base64')}`,
});
const flowOf = async (page: Response): Promise<string> =>
  /name="flow" value="([\w-]+)"/.exec(await page.text())?.[1] ?? '';
const locationOf = (response: Response): URL => new URL(response.headers.get('location') ?? 'none:');

async function codeFor(as: string): Promise<string> {
  const back = locationOf(await post('/authorize', { flow: await flowOf(await authorize()), as }));
  assert.equal(back.href.split('?')[0], CALLBACK);
  assert.deepEqual(
    [back.searchParams.get('state'), back.searchParams.get('iss')],
    ['the-state', provider.issuer],
  );
  return back.searchParams.get('code') ?? '';
}
const exchange = (code: string, over: Record<string, string> = {}, headers = basic()) =>
  post(
    '/token',
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...over,
    },
    headers,
  );

describe('the demo’s provider', () => {
  for (const [as, groups] of [
    ['reviewers', ['staff', 'reviewers']],
    ['staff', ['staff']],
  ] as const)
    it(`signs in Rita (${as}) with a token that says her groups`, async () => {
      const { id_token } = (await (await exchange(await codeFor(as))).json()) as { id_token: string };
      const jwks = (await (await fetch(at('/jwks'))).json()) as JSONWebKeySet;
      const { payload } = await jwtVerify(id_token, createLocalJWKSet(jwks), {
        issuer: provider.issuer,
        audience: provider.client_id,
        algorithms: ['ES256'],
      });
      assert.deepEqual([payload.sub, payload['groups'], payload['nonce']], ['rita', groups, 'the-nonce']);
      assert.equal(JSON.stringify(jwks).includes('"d"'), false, 'no private key is published');
    });

  it('says on its page that it is the demo’s', async () => {
    assert.match(await (await authorize()).text(), /The demo’s own OpenID provider/);
  });

  for (const [name, over, more] of [
    ['to another place', { redirect_uri: 'http://localhost:7070/elsewhere' }, ''],
    ['for another client', { client_id: 'somebody' }, ''],
    ['with a parameter said twice', {}, '&state=other'],
    ['with a parameter that is too long', { state: 'x'.repeat(2000) }, ''],
  ] as const)
    it(`sends nobody anywhere when asked ${name}`, async () => {
      const refused = await authorize(over, more);
      assert.deepEqual([refused.status, refused.headers.get('location')], [400, null]);
    });

  for (const [name, over, error] of [
    ['without PKCE', { code_challenge: '' }, 'invalid_request'],
    ['with a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a token in the URL', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['without openid', { scope: 'profile' }, 'invalid_scope'],
  ] as const)
    it(`sends back an error when asked ${name}`, async () => {
      assert.equal(locationOf(await authorize(over)).searchParams.get('error'), error);
    });

  for (const [name, over, headers, status, error] of [
    ['another verifier', { code_verifier: 'x'.repeat(43) }, undefined, 400, 'invalid_grant'],
    ['another redirect URI', { redirect_uri: 'http://localhost:1/' }, undefined, 400, 'invalid_grant'],
    ['another grant', { grant_type: 'password' }, undefined, 400, 'unsupported_grant_type'],
    ['another secret', {}, { authorization: `Basic ${btoa('countersign-demo:x')}` }, 401, 'invalid_client'],
    ['no secret', {}, { authorization: '' }, 401, 'invalid_client'],
  ] as const)
    it(`gives no token for ${name}`, async () => {
      const answer = await exchange(await codeFor('reviewers'), over, headers);
      assert.deepEqual([answer.status, await answer.json()], [status, { error }]);
    });

  it('takes a code once', async () => {
    const code = await codeFor('reviewers');
    assert.equal((await exchange(code)).status, 200);
    assert.deepEqual(await (await exchange(code)).json(), { error: 'invalid_grant' });
  });

  it('takes a choice once, and no choice it did not offer', async () => {
    const flow = await flowOf(await authorize());
    assert.equal((await post('/authorize', { flow, as: 'reviewers' })).status, 303);
    assert.equal((await post('/authorize', { flow, as: 'reviewers' })).status, 400);
    const other = await flowOf(await authorize());
    assert.equal((await post('/authorize', { flow: other, as: 'operators' })).status, 400);
    assert.equal((await post('/authorize', { as: 'reviewers' })).status, 400);
  });

  it('answers to its own name alone', async () => {
    const { port } = new URL(provider.issuer);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: `rebound.example:${port}` };
      request({ host: '127.0.0.1', port, path: '/jwks', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, 400);
  });

  it('is imported by nothing but the demo, and the demo by nothing but its verb', () => {
    const src = path.join(import.meta.dirname, '../..');
    const files = globSync('**/*.ts', { cwd: src }).filter((file) => !file.startsWith('cli/demo/'));
    const importing = files.filter((file) =>
      /['"][^'"]*\bdemo\/[^'"]*['"]/.test(readFileSync(path.join(src, file), 'utf8')),
    );
    assert.deepEqual(importing, ['cli/dispatch/verbs.ts']);
    assert.match(
      readFileSync(path.join(src, 'cli/dispatch/verbs.ts'), 'utf8'),
      /import\('\.\.\/demo\/demo\.ts'\)/,
    );
  });
});
