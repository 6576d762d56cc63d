/**
 * Attacks on break-glass (A13, A17): by whoever is not named or answers for the action, by whoever holds a session or the store
 * and no key, by whoever uses one signature for another thing.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import type { Config } from '../../../gateway/src/config/config.ts';
import { createAuthenticator } from '../../../gateway/testing/authenticator.ts';
import { WHY } from '../../../gateway/testing/glass.ts';
import { SESSION } from '../../../gateway/testing/passkeys.ts';
import { permitted } from '../../../gateway/testing/rig.ts';
import { changedConfig, type Emergency, openEmergency, said } from './emergency.ts';

let rig: Emergency['rig'];
let house: Emergency['house'];
let keys: Emergency['keys'];
let open: Emergency['open'];
let breaker: Emergency['breaker'];
let broken: Emergency['broken'];
let rewrite: Emergency['rewrite'];
let nothingRan: Emergency['nothingRan'];
beforeEach(async () => {
  const emergency = await openEmergency();
  ({ rig, house, keys, open, breaker, broken, rewrite, nothingRan } = emergency);
});
afterEach(() => rig.close());

describe('A13: nobody breaks the glass on what they answer for, or where they are not named', () => {
  const people: readonly (readonly [name: string, who: string, config: Config | undefined, why: RegExp])[] = [
    [
      'the agent’s owner',
      'alice',
      changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['alice', 'bob'] } })),
      /you own this agent/,
    ],
    [
      'whoever is found to be the agent that asks',
      'bob',
      changedConfig(({ people: all }) => ({
        people: { ...all, bob: { ...all['bob'], accounts: ['coder'] } },
      })),
      /asked for in your name|passed it on/,
    ],
    ['an operator who is not named', 'dan', undefined, /the policy names others/],
    [
      'whoever was of the group and is not',
      'bob',
      changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['carol'] } })),
      /the policy names others/,
    ],
    [
      'whoever is not active any more',
      'bob',
      changedConfig(({ people: all }) => ({ people: { ...all, bob: { ...all['bob'], active: false } } })),
      /you are not active here/,
    ],
  ];
  for (const [name, who, config, why] of people)
    it(`${name}: no key is asked, and no answer taken`, async () => {
      const request_id = await open();
      // Signed while it was still theirs to sign, where it ever was.
      const signature = await house
        .signed(breaker(request_id, who === 'bob' ? 'bob' : 'carol'))
        .catch(() => assert.fail('somebody named can sign'));
      if (config !== undefined) await rig.change({ config });
      await assert.rejects(house.signed(breaker(request_id, who)), why);
      const outcome = await house.smash(breaker(request_id, who), { signature });
      assert.ok(outcome.kind === 'refused' && outcome.why === 'not_eligible');
      assert.match(outcome.message, why);
      const last = (await rig.entries()).at(-1) as { kind?: string; predicate?: JsonObject };
      assert.deepEqual(
        [last.kind, last.predicate?.['change'], last.predicate?.['refused']],
        ['break-glass', 'refused', 'not_eligible'],
      );
      await nothingRan();
    });

  it('whoever changed the rules since it was asked', async () => {
    const request_id = await open();
    const changes = new Map([['bob', [{ at: rig.time.now }]]]);
    await rig.authority.change('test-duties', (current) => ({
      next: { ...current, duties: { ...current.duties, changes } },
      steps: [],
      entries: () => [],
    }));
    await assert.rejects(house.signed(breaker(request_id)), /you changed what decides on it/);
  });
});

describe('A13: a session, or the store, without the key breaks nothing', () => {
  it('a stolen session: signed with another key, or with none of theirs', async () => {
    const request_id = await open();
    const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const forged = await house.signed(breaker(request_id), { twist: { key: thief } });
    assert.equal(said(await house.smash(breaker(request_id), { signature: forged })), 'signature_refused');
    const unknown = createAuthenticator('http://localhost:7070').credential_id;
    const named = await house.signed(breaker(request_id), { twist: { credential_id: unknown } });
    assert.equal(said(await house.smash(breaker(request_id), { signature: named })), 'signature_refused');
    await nothingRan();
  });

  it('a signature of another session, of another person, for another request, or used before', async () => {
    const request_id = await open();
    const other = await open('two');
    const signature = await house.signed(breaker(request_id));
    for (const attempt of [
      house.smash(breaker(request_id), { signature, session: 'sha256:another' }),
      house.smash(breaker(request_id, 'carol'), { signature }),
      house.smash(breaker(other), { signature }),
    ])
      assert.equal(said(await attempt), 'signature_refused');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'broken');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
  });

  it('signed for one reason, said with another', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const reason = 'a reason nobody ever signed at all';
    assert.equal(said(await house.smash(breaker(request_id), { signature, reason })), 'signature_refused');
  });

  it('what is shown changed by one byte', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const { rendered_digest = '' } = (await rig.requests.show(request_id, 'bob')) ?? {};
    const flipped = rendered_digest.slice(0, -1) + (rendered_digest.endsWith('0') ? '1' : '0');
    const over = { signature, rendered_digest: flipped };
    assert.equal(said(await house.smash(breaker(request_id), over)), 'shown_changed');
  });

  it('a row somebody wrote into the store lets nothing through', async () => {
    const request_id = await open();
    const at = rig.time.now;
    await rewrite(
      `INSERT INTO broken_glass (id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data, authenticator_data, signature, broken_at, epoch, status)
       VALUES ('brk_x', $1, 'apr_x', 'bob', '{"by":["group:dba"],"notify":[],"review":["anyone"]}', 'pay_x', $3, '{}', 'AA', 'AA', 'AA', $2, 1000000, 'open')`,
      [request_id, at, keys.get('bob')?.credential_id ?? ''],
    );
    await rewrite(
      "INSERT INTO approvals (id, request_id, match_key, action_digest, agent, status, approved_at, approved_until, uses_left, policy_digest) SELECT 'apr_x', id, match_key, action_digest, agent, 'active', $2, $2 + 600000, 1, policy_digest FROM requests WHERE id = $1",
      [request_id, at],
    );
    await rewrite(
      'UPDATE requests SET status = \'approved\', resolved_at = $2, approval_id = \'apr_x\', resolution = \'{"event":"x","by":"bob","broken_glass":"brk_x"}\' WHERE id = $1',
      [request_id, at],
    );
    await nothingRan();
    const [approval] = await rig.store.read({
      sql: "SELECT status FROM approvals WHERE id = 'apr_x'",
      params: [],
    });
    assert.equal(approval?.['status'], 'revoked');
  });

  const forgeries: readonly (readonly [name: string, sql: string])[] = [
    ['who broke it', "UPDATE broken_glass SET person = 'carol'"],
    ['the signature', "UPDATE broken_glass SET signature = 'AAAA' || substr(signature, 5)"],
    ['the document', `UPDATE broken_glass SET document = replace(document, '"uses":1', '"uses":9')`],
    [
      'the decision in the document',
      `UPDATE broken_glass SET document = replace(document, 'break-glass', 'approved')`,
    ],
    ['when it was', 'UPDATE broken_glass SET broken_at = broken_at + 400000'],
    ['which approval it gave', "UPDATE broken_glass SET approval_id = 'apr_y'"],
    ['the row, taken away', 'DELETE FROM broken_glass'],
    [
      'the request’s word of it',
      `UPDATE requests SET resolution = '{"event":"x","by":"bob"}' WHERE status = 'approved'`,
    ],
    [
      'which glass the request names',
      `UPDATE requests SET resolution = '{"event":"x","by":"bob","broken_glass":"brk_y"}' WHERE status = 'approved'`,
    ],
  ];
  for (const [name, sql] of forgeries)
    it(`${name}, edited in the store: what it gave ends unused`, async () => {
      await broken(await open());
      await rewrite(sql);
      await nothingRan();
      const [approval] = await rig.store.read({ sql: 'SELECT status FROM approvals', params: [] });
      assert.equal(approval?.['status'], 'revoked');
    });

  it('not oftener, nor later, than was signed, whatever the store says', async () => {
    await broken(await open('two'));
    await permitted(await rig.call('two')).finish({ status: 'failed' } as never);
    await rewrite("UPDATE approvals SET status = 'active', uses_left = 1");
    assert.notEqual((await rig.call('two')).kind, 'permitted');
    const request_id = await open();
    await broken(request_id);
    await rewrite(
      'UPDATE approvals SET approved_at = approved_at + 2000000, approved_until = approved_until + 4000000 WHERE request_id = $1',
      [request_id],
    );
    rig.time.now += 2_000_000;
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });
});

describe('A17: a signature over one thing is none over another', () => {
  it('of an ordinary approval, used to break the glass: refused', async () => {
    const request_id = await open();
    const [asked, carol] = [await house.challengeFor(request_id, 'carol'), keys.get('carol')];
    assert.ok(asked.kind === 'asked' && carol);
    const signature = carol.get(asked.challenge);
    const outcome = await house.smash(breaker(request_id, 'carol'), { signature });
    assert.ok(outcome.kind === 'refused');
    assert.match(outcome.message, /another decision/);
    await nothingRan();
  });

  it('of a broken glass, used to approve or to deny: refused', async () => {
    const request_id = await open();
    for (const decision of ['approved', 'denied'] as const) {
      const signature = await house.signed(breaker(request_id, 'carol'));
      const outcome = await rig.answer(request_id, 'carol', {
        signature,
        session: SESSION,
        decision,
        reason: WHY,
      });
      assert.ok(outcome.kind === 'refused' && outcome.why === 'signature_refused');
      assert.match(outcome.message, /another decision/);
    }
    await nothingRan();
  });
});
