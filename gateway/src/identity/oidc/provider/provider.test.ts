/** A provider, what a browser brings back from it, and who may come in by its word. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Desk, newSecrets, openDesk, refused } from '../../../../testing/desk.ts';
import { Browser, type Idp } from '../../../../testing/idp.ts';
import type { FailureReason } from '../failure.ts';
import { redirectUri } from './provider.ts';

let desk: Desk;
let idp: Idp;
before(async () => {
  desk = await openDesk();
  ({ idp } = desk);
});
after(() => idp.close());
const openProvider: Desk['openProvider'] = (options) => desk.openProvider(options);
const signIn: Desk['signIn'] = (...given) => desk.signIn(...given);

describe('what the browser brings back', () => {
  const rows: readonly [name: string, want: FailureReason, alter: (url: URL) => void][] = [
    ['another issuer (RFC 9207)', 'mix_up', (url) => url.searchParams.set('iss', 'https://evil.example.com')],
    ['no issuer, from one that says it sends it', 'mix_up', (url) => url.searchParams.delete('iss')],
    ['two codes', 'answer_malformed', (url) => url.searchParams.append('code', 'x')],
    ['no code', 'answer_malformed', (url) => url.searchParams.delete('code')],
    ['a code of nobody', 'code_refused', (url) => url.searchParams.set('code', 'made-up')],
    ['the person’s refusal', 'provider_refused', (url) => url.searchParams.set('error', 'access_denied')],
    ['another state', 'malformed', (url) => url.searchParams.set('state', 'another')],
  ];
  for (const [name, want, alter] of rows)
    it(`${name}: ${want}`, async () => {
      const provider = openProvider();
      const secrets = newSecrets();
      const back = await signIn(provider, secrets);
      alter(back);
      await refused(want, () => provider.exchange(back, secrets));
    });

  it('is good once, and with its own verifier only', async () => {
    const provider = openProvider();
    const secrets = newSecrets();
    const first = await signIn(provider, secrets);
    await provider.exchange(first, secrets);
    await refused('code_refused', () => provider.exchange(first, secrets));
    const again = await signIn(provider, secrets);
    await refused('code_refused', () =>
      provider.exchange(again, { ...secrets, verifier: newSecrets().verifier }),
    );
  });
});

describe('the provider itself', () => {
  it('rotates its keys: the new ones are fetched once, and then known', async () => {
    const clock = { now: Date.now() };
    const provider = openProvider({ now: () => clock.now });
    const go = async (): Promise<unknown> => {
      const secrets = newSecrets();
      return provider.exchange(await signIn(provider, secrets), secrets);
    };
    const fetched = () => idp.asked.get('/jwks') ?? 0;
    const before = fetched();
    await go();
    await go();
    assert.equal(fetched(), before + 1);
    await idp.rotateKeys();
    await refused('unknown_key', go); // asked a moment ago: not again at once
    clock.now += 6_000;
    await go();
    await go();
    assert.equal(fetched(), before + 2);
  });

  const rows: readonly [name: string, want: FailureReason, send: typeof fetch][] = [
    ['cannot be reached', 'unreachable', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', 'unreachable', async () => new Response('', { status: 503 })],
    [
      'sends elsewhere',
      'unreachable',
      async () => new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
    ],
    [
      'goes by another name',
      'wrong_issuer',
      async () => Response.json({ issuer: 'https://evil.example.com' }),
    ],
    ['says its name twice', 'duplicate_claims', async () => new Response('{"issuer":"a","issuer":"b"}')],
    [
      'has an endpoint in clear elsewhere',
      'insecure_endpoint',
      async () =>
        Response.json({
          issuer: idp.issuer,
          authorization_endpoint: 'http://evil.example.com/auth',
          token_endpoint: 'https://x.example/t',
          jwks_uri: 'https://x.example/j',
        }),
    ],
    ['answers without end', 'oversized', async () => new Response('x'.repeat(300_000))],
  ];
  for (const [name, want, send] of rows)
    it(`${name}: ${want}`, () => refused(want, () => openProvider({ send }).authorizationUrl(newSecrets())));

  it('refuses this gateway', async () => {
    const provider = openProvider({ over: { client_id: 'nobody' } });
    const other = openProvider();
    const secrets = newSecrets();
    const back = await signIn(other, secrets);
    await refused('client_refused', () => provider.exchange(back, secrets));
  });

  it('is told what the configuration adds, which replaces nothing of ours', async () => {
    const url = new URL(
      await openProvider({ over: { params: { access_type: 'offline' } } }).authorizationUrl(newSecrets()),
    );
    const { searchParams: said } = url;
    assert.deepEqual(
      [said.get('access_type'), said.get('response_type'), said.get('code_challenge_method')],
      ['offline', 'code', 'S256'],
    );
    assert.throws(() => openProvider({ over: { params: { redirect_uri: 'https://evil.example.com' } } }));
    assert.throws(() => openProvider({ over: { params: { scope: 'openid admin' } } }));
  });

  it('says when somebody last showed who they are, asked to have them do so', async () => {
    const provider = openProvider();
    const [usual, fresh] = [newSecrets(), newSecrets()];
    const before = await provider.exchange(await signIn(provider, usual), usual);
    assert.equal(before.identity.authenticated_at, undefined, 'it need not say');
    idp.signedIn = 'erin';
    const url = await provider.authorizationUrl(fresh, true);
    const back = await new Browser().goTo(url, redirectUri('http://localhost:7979', 'corp'));
    const { identity } = await provider.exchange(new URL(back), fresh);
    assert.ok(Math.abs(Date.now() - (identity.authenticated_at ?? 0)) < 60_000);
  });

  it('is found out where its user info speaks of somebody else', async () => {
    const send: typeof fetch = async (url, init) =>
      String(url).endsWith('/me') ? Response.json({ sub: 'mallory', groups: ['idp-dba'] }) : fetch(url, init);
    const provider = openProvider({ send, over: { claims: { groups: 'only-in-user-info' } } });
    const secrets = newSecrets();
    const back = await signIn(provider, secrets);
    await refused('wrong_subject', () => provider.exchange(back, secrets));
  });

  it('is asked for user info only where the ID token lacks something', async () => {
    const provider = openProvider({ over: { claims: { groups: 'only-in-user-info' } } });
    const asked = () => idp.asked.get('/me') ?? 0;
    const secrets = newSecrets();
    const before = asked();
    await provider.exchange(await signIn(provider, secrets), secrets);
    assert.equal(asked(), before + 1);
  });

  it('is asked about itself once for many sign-ins', async () => {
    const provider = openProvider();
    const path = '/.well-known/openid-configuration';
    const before = idp.asked.get(path) ?? 0;
    await Promise.all(Array.from({ length: 20 }, () => provider.authorizationUrl(newSecrets())));
    assert.equal(idp.asked.get(path), before + 1);
  });
});

describe('asked again with a refresh token', () => {
  it('says today’s groups, and a new token each time', async () => {
    idp.accounts.set('finn', { name: 'Finn', groups: ['idp-dba'] });
    const provider = openProvider();
    const secrets = newSecrets();
    const first = await provider.exchange(await signIn(provider, secrets, 'finn'), secrets);
    idp.accounts.set('finn', { name: 'Finn', groups: [] });
    const second = await provider.refresh(first.tokens);
    assert.deepEqual(second.identity.groups, []);
    assert.notEqual(second.tokens.refresh_token, first.tokens.refresh_token);
    // A token used twice is taken for stolen, and everything that came of it ends.
    await refused('code_refused', () => provider.refresh(first.tokens));
    await refused('code_refused', () => provider.refresh(second.tokens));
  });

  it('speaks of the same person or of nobody', async () => {
    idp.accounts.set('gail', { name: 'Gail' });
    const provider = openProvider();
    const secrets = newSecrets();
    const { tokens } = await provider.exchange(await signIn(provider, secrets, 'gail'), secrets);
    await refused('wrong_subject', () => provider.refresh({ ...tokens, sub: 'erin' }));
  });
});

describe('who may come in at all', () => {
  const rows: readonly [name: string, over: object, want: FailureReason | 'in'][] = [
    ['a group that is asked for', { allow: { groups: ['idp-dba'] } }, 'in'],
    ['a group they are not in', { allow: { groups: ['idp-admins'] } }, 'not_allowed'],
    ['a claim the provider does not send', { allow: { hd: ['example.com'] } }, 'not_allowed'],
    ['their address', { allow: { email: ['erin@example.com'] } }, 'in'],
    ['one of two', { allow: { groups: ['idp-dba'], hd: ['example.com'] } }, 'not_allowed'],
  ];
  for (const [name, over, want] of rows)
    it(`${name}: ${want}`, async () => {
      const provider = openProvider({ over });
      const secrets = newSecrets();
      const back = await signIn(provider, secrets);
      if (want !== 'in') return refused(want, () => provider.exchange(back, secrets));
      assert.equal((await provider.exchange(back, secrets)).identity.sub, 'erin');
    });

  it('an address nobody verified opens nothing', async () => {
    idp.accounts.set('mallory', { name: 'Mallory', email: 'erin@example.com', mail: 'erin@example.com' });
    for (const claim of ['email', 'mail']) {
      const over = { allow: { [claim]: ['erin@example.com'] }, claims: { email: claim } };
      const provider = openProvider({ over });
      const secrets = newSecrets();
      const back = await signIn(provider, secrets, 'mallory');
      await refused('email_unverified', () => provider.exchange(back, secrets));
    }
  });
});
