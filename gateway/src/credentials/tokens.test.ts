import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { Bound } from './binding.ts';
import { bindingHash } from './binding.ts';
import { createTokens, type TokenKey, type TokenKeys } from './tokens.ts';

const makeKey = (kid: string): TokenKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, private_key: privateKey, public_key: publicKey };
};
const KEY = makeKey('one');
const ISSUER = 'https://gate.example.com';
const NOW = 1_795_000_000_000;

const tokensWith = (keys: TokenKeys = { current: KEY, previous: [] }, at = NOW, issuer = ISSUER) =>
  createTokens({ keys, issuer, now: () => at, id: () => 'jti-1' });

const bound: Bound = {
  subject: { type: 'agent', id: 'writer' },
  action: { name: 'write', properties: {} },
  resource: { type: 'file', id: '/notes', properties: {} },
  context: { ticket: 'T-1', size: 2 },
};
const denial = { agent: 'writer', evaluation_id: 'evl_1', bound, expires_at: NOW + 60_000 };
const approval = {
  agent: 'writer',
  subject: 'writer',
  request_id: 'req_1',
  approval_id: 'apr_1',
  evaluation_id: 'evl_1',
  action_digest: `sha256:${'a'.repeat(64)}`,
  approved_at: NOW,
  approved_until: NOW + 60_000,
  uses: 2,
  bound,
  covers: { actions: ['write'], locations: ['access'], identifier: '/notes' },
};

describe('a denial’s binding token', () => {
  test('is good for its agent, its action and its time', async () => {
    const token = await tokensWith().signDenial(denial);
    assert.deepEqual(await tokensWith().checkDenial(token, 'writer', bound), {
      ok: true,
      value: { evaluation_id: 'evl_1' },
    });
  });

  test('is good for nothing else', async () => {
    const token = await tokensWith().signDenial(denial);
    const [header = '', claims = '', signature = ''] = token.split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'denial-binding+jwt' })).toString(
      'base64url',
    );
    const stranger = await tokensWith({ current: { ...makeKey('x'), kid: 'one' }, previous: [] }).signDenial(
      denial,
    );
    const cases: readonly [name: string, token: string, agent: string, bound: Bound][] = [
      ['another agent', token, 'other', bound],
      ['another action', token, 'writer', { ...bound, action: { name: 'drop', properties: {} } }],
      ['a context member changed', token, 'writer', { ...bound, context: { ticket: 'T-2', size: 2 } }],
      ['a context member added', token, 'writer', { ...bound, context: { ...bound.context, force: true } }],
      ['a context member taken away', token, 'writer', { ...bound, context: { ticket: 'T-1' } }],
      ['one for true (A6)', token, 'writer', { ...bound, context: { ticket: 'T-1', size: '2' } }],
      ['no signature', `${unsigned}.${claims}.`, 'writer', bound],
      ['a cut signature', `${header}.${claims}.${signature.slice(0, -4)}`, 'writer', bound],
      ['another’s key', stranger, 'writer', bound],
      [
        'another issuer',
        await tokensWith(undefined, NOW, 'https://evil.example').signDenial(denial),
        'writer',
        bound,
      ],
      ['an approval’s token', await tokensWith().signApproval(approval), 'writer', bound],
      ['no token', '', 'writer', bound],
    ];
    for (const [name, given, agent, about] of cases) {
      assert.deepEqual(
        await tokensWith().checkDenial(given, agent, about),
        { ok: false, why: 'invalid' },
        name,
      );
    }
    assert.deepEqual(await tokensWith(undefined, NOW + 60_000).checkDenial(token, 'writer', bound), {
      ok: false,
      why: 'expired',
    });
  });
});

describe('an approval’s state (WIRE §3)', () => {
  test('says what was approved, for whom, until when, how often', async () => {
    const state = await tokensWith().signApproval(approval);
    assert.deepEqual(decodeProtectedHeader(state), { alg: 'ES256', typ: 'approval+jwt', kid: 'one' });
    const claims = decodeJwt(state);
    assert.deepEqual(
      [
        claims.iss,
        claims.aud,
        claims.exp,
        claims.sub,
        claims['client_id'],
        claims['txn'],
        claims['approval_id'],
        claims['max_uses'],
      ],
      [ISSUER, ISSUER, (NOW + 60_000) / 1000, 'writer', 'writer', 'req_1', 'apr_1', 2],
    );
    assert.equal(claims['binding_hash'], bindingHash(bound, ['size', 'ticket']));
    assert.deepEqual(claims['authorization_details'], [
      {
        type: 'urn:countersign:privileged-action',
        actions: ['write'],
        locations: ['access'],
        identifier: '/notes',
        action_digest: approval.action_digest,
      },
    ]);
    assert.deepEqual(await tokensWith().checkApproval(state, 'writer', bound), {
      ok: true,
      value: { approval_id: 'apr_1', request_id: 'req_1' },
    });
  });

  test('is no denial’s token', async () => {
    const token = await tokensWith().signDenial(denial);
    assert.deepEqual(await tokensWith().checkApproval(token, 'writer', bound), { ok: false, why: 'invalid' });
  });

  test('outlives the rotation of its key, until that key is dropped', async () => {
    const state = await tokensWith().signApproval(approval);
    const next = makeKey('two');
    const rotated = tokensWith({ current: next, previous: [KEY] });
    assert.equal((await rotated.checkApproval(state, 'writer', bound)).ok, true);
    assert.equal(
      (await tokensWith({ current: next, previous: [] }).checkApproval(state, 'writer', bound)).ok,
      false,
    );
  });
});

test('the binding leaves out who acts for the subject, and nothing else', () => {
  const with_act = { ...bound, subject: { ...bound.subject, properties: { act: { sub: 'a' }, team: 'x' } } };
  const other_act = { ...bound, subject: { ...bound.subject, properties: { act: { sub: 'b' }, team: 'x' } } };
  const other_team = {
    ...bound,
    subject: { ...bound.subject, properties: { act: { sub: 'a' }, team: 'y' } },
  };
  assert.equal(bindingHash(with_act, []), bindingHash(other_act, []));
  assert.notEqual(bindingHash(with_act, []), bindingHash(other_team, []));
});
