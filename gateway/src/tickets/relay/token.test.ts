/** A person's ID token, of a real provider, for exactly one answer. Whatever else is handed over changes nothing (A15–A18). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, type JWTPayload, SignJWT } from 'jose';
import { Browser } from '../../../testing/idp.ts';
import { idTokenOf, type TokenAsk } from '../../../testing/relay.ts';
import {
  type Asking,
  forEachTest,
  type Over,
  OWN_CALLBACK,
  type Relays,
  ticketConfig,
  why,
} from '../../../testing/relay-house.ts';
import type { TicketSystem } from '../../identity/ticketing.ts';

let at: Relays;
forEachTest((relays) => {
  at = relays;
});

describe('an ID token for exactly one answer', () => {
  it('is the person’s answer: counted as theirs, and on the record as relayed', async () => {
    const id = await at.open();
    const asking = { ...(await at.shownTo(id)), reason: 'seen in OPS-12' };
    const { nonce, client_id } = await at.askOidc(asking);
    assert.equal(client_id, 'jira');
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    const taken = await at.handOver({ ...asking, proof: { id_token } });
    assert.ok(taken.kind === 'done' && taken.result.status === 'approved', JSON.stringify(taken));
    const [review] = (await at.rig.requests.show(id, 'carol'))?.reviews ?? [];
    assert.deepEqual(
      [review?.reviewer, review?.relayed, review?.reason],
      ['bob', { by: 'jira', proof: 'oidc' }, 'seen in OPS-12'],
    );
    const entry = (await at.statements()).find(({ predicateType }) => predicateType.includes(':review:'));
    const relayed = entry?.predicate['relayed'] as
      | { readonly by: string; readonly proof: string }
      | undefined;
    assert.deepEqual([relayed?.by, relayed?.proof, entry?.predicate['proof']], ['jira', 'oidc', 'recent']);
    assert.ok(!JSON.stringify(entry).includes(id_token.slice(0, 40)), 'the token is only committed to (I7)');
    assert.equal((await at.rig.call('write')).kind, 'permitted');
  });

  it('is a denial as well, with its reason', async () => {
    const id = await at.open();
    const asking = { ...(await at.shownTo(id)), decision: 'denied' as const, reason: 'no' };
    const { nonce } = await at.askOidc(asking);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    const taken = await at.handOver({ ...asking, proof: { id_token } });
    assert.ok(taken.kind === 'done' && taken.result.status === 'denied');
    assert.equal((await at.rig.requests.show(id, 'carol'))?.refused_by, undefined, 'a person denied it');
  });

  it('proves a recent sign-in, and no passkey', async () => {
    const recent = await at.open('recent');
    const asking = await at.shownTo(recent);
    const { nonce } = await at.askOidc(asking);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token } })), 'done');
    await at.passkeys.give('bob');
    const signed = await at.shownTo(await at.open('signed'));
    assert.equal(why(await at.tickets.ask(at.system(), { ...signed, proof: 'oidc' })), 'proof_too_weak');
  });

  type Attack = (given: { readonly nonce: string; readonly asking: Asking }) => Promise<{
    readonly id_token: string;
    readonly over?: Over;
    readonly by?: TicketSystem;
  }>;
  const token = (ask: Omit<TokenAsk, 'sub'> & { readonly sub?: string }) =>
    idTokenOf(at.idp, { sub: 'bob', max_age: 0, ...ask });
  const forged = async (
    id_token: string,
    {
      claims = {},
      header = {},
      key,
    }: { claims?: object; header?: object; key?: Parameters<SignJWT['sign']>[0] },
  ): Promise<string> => {
    const payload: JWTPayload = { ...decodeJwt(id_token), ...claims };
    const head = { ...decodeProtectedHeader(id_token), ...header } as { alg: string };
    return new SignJWT(payload)
      .setProtectedHeader(head)
      .sign(key ?? (await importJWK(at.idp.key(), 'RS256')));
  };
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  const attacks: readonly (readonly [name: string, why: string, attack: Attack])[] = [
    [
      'signed with a key of the thief’s',
      'proof_refused',
      async ({ nonce }) => {
        const { privateKey } = await generateKeyPair('RS256');
        return { id_token: await forged(await token({ nonce }), { key: privateKey }) };
      },
    ],
    [
      'not signed at all (alg none)',
      'proof_refused',
      async ({ nonce }) => {
        const [, body] = (await token({ nonce })).split('.');
        return { id_token: `${base64({ alg: 'none' })}.${body}.` };
      },
    ],
    [
      'for the console’s client',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce, client_id: 'countersign', redirect_uri: OWN_CALLBACK }),
      }),
    ],
    [
      'for another ticket system’s client',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, client_id: 'snow' }) }),
    ],
    ['without the nonce', 'proof_refused', async () => ({ id_token: await token({}) })],
    [
      'with a nonce of the system’s choosing',
      'proof_refused',
      async () => ({ id_token: await token({ nonce: 'mine' }) }),
    ],
    [
      'that does not say when they signed in',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await forged(await token({ nonce }), { claims: { auth_time: undefined } }),
      }),
    ],
    [
      'of a sign-in before they were asked',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await forged(await token({ nonce }), {
          claims: { auth_time: Math.floor(Date.now() / 1000) - 60 },
        }),
      }),
    ],
    [
      'of somebody else',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, sub: 'carol' }) }),
    ],
    [
      'of somebody nobody knows',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce, sub: 'stranger' }) }),
    ],
    [
      'for the other decision',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), over: { decision: 'denied' } }),
    ],
    [
      'with other words of theirs',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), over: { reason: 'I checked it' } }),
    ],
    [
      'over another view',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { rendered_digest: `sha256:${'0'.repeat(64)}` },
      }),
    ],
    [
      'over another action',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { action_digest: `sha256:${'0'.repeat(64)}` },
      }),
    ],
    [
      'handed over for another request',
      'proof_refused',
      async ({ nonce }) => ({
        id_token: await token({ nonce }),
        over: { request_id: await at.open('write', { n: 2 }) },
      }),
    ],
    [
      'handed over by another system',
      'proof_refused',
      async ({ nonce }) => ({ id_token: await token({ nonce }), by: at.system('snow') }),
    ],
    [
      'after five minutes',
      'proof_refused',
      async ({ nonce }) => {
        const id_token = await token({ nonce });
        at.rig.time.now += 30_000; // The request itself waits a minute: what is over is the question.
        await at.rig.store.commit({
          name: 'later',
          steps: [
            {
              name: 'later',
              sql: 'UPDATE ticket_challenges SET expires_at = $1',
              params: [at.rig.time.now],
              rows: 'any',
            },
          ],
          entries: [],
        });
        return { id_token };
      },
    ],
    ['that is prose', 'proof_refused', async () => ({ id_token: 'yes, go ahead' })],
  ];
  for (const [name, want, attack] of attacks)
    it(`changes nothing ${name}, and that is on the record`, async () => {
      const id = await at.open();
      const asking = await at.shownTo(id);
      const { nonce } = await at.askOidc(asking);
      const { id_token, over = {}, by } = await attack({ nonce, asking });
      const outcome = await at.handOver({ ...asking, ...over, proof: { id_token } }, by);
      assert.equal(why(outcome), want, JSON.stringify(outcome));
      await at.untouched(id);
      assert.ok((await at.changesOf(over.request_id ?? id)).includes('relayed answer refused'));
      const reviews = (await at.statements()).filter(({ predicateType }) =>
        predicateType.includes(':review:'),
      );
      assert.deepEqual(reviews, [], 'nobody is said to have answered');
    });

  it('of a session that was there before is refused by the provider’s own word', async () => {
    const browser = new Browser();
    await idTokenOf(at.idp, { sub: 'bob', nonce: 'earlier', max_age: 0, browser });
    await new Promise((resolve) => setTimeout(resolve, 1_100 - (Date.now() % 1_000)));
    at.rig.time.now = Date.now();
    const id = await at.open();
    const asking = await at.shownTo(id);
    const { nonce } = await at.askOidc(asking);
    // No sign-in: the provider knows them still, and says since when.
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 3_600, browser });
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token } })), 'proof_refused');
    await at.untouched(id);
  });

  it('of a sign-in for something else, since they were asked, counts: limit 18 of SECURITY.md says so', async () => {
    const asking = await at.shownTo(await at.open());
    const { nonce } = await at.askOidc(asking);
    const browser = new Browser();
    await idTokenOf(at.idp, { sub: 'bob', nonce: 'their mail', max_age: 0, browser });
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 3_600, browser });
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token } })), 'done');
  });

  it('asked for before others had their say is none after: it names its stage', async () => {
    const id = await at.open('staged');
    const asking = await at.shownTo(id);
    const { nonce } = await at.askOidc(asking);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    assert.equal((await at.rig.answer(id, 'carol')).kind, 'recorded');
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token } })), 'proof_refused');
    assert.deepEqual(
      (await at.rig.requests.show(id, 'bob'))?.reviews.map(({ reviewer }) => reviewer),
      ['carol'],
    );
  });

  it('of another account than was asked is none, also where both are theirs', async () => {
    const config = ticketConfig(at.idp);
    const { bob } = config.people;
    assert.ok(bob);
    const accounts = [...bob.accounts, `oidc:${at.idp.issuer}#stranger`];
    await at.rig.change({ config: { ...config, people: { ...config.people, bob: { ...bob, accounts } } } });
    const id = await at.open();
    const asking = await at.shownTo(id);
    const { nonce } = await at.askOidc(asking);
    const id_token = await idTokenOf(at.idp, { sub: 'stranger', nonce, max_age: 0 });
    assert.equal(why(await at.handOver({ ...asking, proof: { id_token } })), 'proof_refused');
    await at.untouched(id);
  });

  it('handed over by another system, or for another request, does not close the question that was asked', async () => {
    const id = await at.open();
    const asking = await at.shownTo(id);
    const { nonce } = await at.askOidc(asking);
    const id_token = await idTokenOf(at.idp, { sub: 'bob', nonce, max_age: 0 });
    const answer = { ...asking, proof: { id_token } };
    assert.equal(why(await at.handOver(answer, at.system('snow'))), 'proof_refused');
    const request_id = await at.open('write', { n: 2 });
    assert.equal(why(await at.handOver({ ...answer, request_id })), 'proof_refused');
    await at.untouched(request_id);
    assert.equal(why(await at.handOver(answer)), 'done');
  });
});
