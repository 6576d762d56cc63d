import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type JsonObject, parseReviewDocument, reviewDocumentText } from '@countersign/core';
import { createAuthenticator, type Twist } from '../../../testing/authenticator.ts';
import { type KeyHouse, openKeyHouse, SESSION } from '../../../testing/passkeys.ts';
import { createRig, held, permitted, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import type { ReviewOutcome } from '../requests.ts';

const seat = (proof: 'session' | 'recent' | 'passkey', over: object = {}) => ({
  then: 'require' as const,
  requirement: { ...SEAT, seats: [{ by: 'anyone' as const, count: 1, proof }], ...over },
});
const RULES = {
  wipe: seat('passkey'),
  wipe_thrice: seat('passkey', { uses: 3 }),
  tidy: seat('recent'),
  read: seat('session'),
  two: {
    then: 'require' as const,
    requirement: { ...SEAT, seats: [{ by: 'anyone' as const, count: 2, proof: 'passkey' as const }] },
  },
};

let rig: Rig;
let house: KeyHouse;
beforeEach(async () => {
  rig = await createRig(policyOf(RULES, '2b'.repeat(32)));
  house = openKeyHouse(rig);
});
afterEach(() => rig.close());

const open = async (tool: string): Promise<string> => held(await rig.call(tool)).id;
const said = (outcome: ReviewOutcome): readonly [string, string] =>
  outcome.kind === 'recorded' ? ['recorded', outcome.status] : [outcome.why, outcome.message];

const rewrite = async (sql: string, params: readonly (string | number)[]): Promise<void> => {
  const step = { name: 'attack', sql, params: [...params], rows: 1 };
  assert.ok((await rig.store.commit({ name: 'attack', steps: [step], entries: [] })).ok);
};

describe('a rule that asks for a passkey', () => {
  it('takes an answer signed over exactly this, and runs it once', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe');
    assert.deepEqual(said(await house.sign({ request_id, reviewer: 'bob', authenticator })), [
      'recorded',
      'approved',
    ]);
    permitted(await rig.call('wipe'));
  });

  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const)
    it(`takes ${algorithm} keys`, async () => {
      const made = createAuthenticator('http://localhost:7070', algorithm);
      const { authenticator, key } = await house.give('bob', made);
      assert.equal(key.algorithm, algorithm);
      const request_id = await open('wipe');
      assert.equal(said(await house.sign({ request_id, reviewer: 'bob', authenticator }))[0], 'recorded');
      permitted(await rig.call('wipe'));
    });

  it('takes no answer without, and says where to sign; the person may still sign afterwards', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe');
    for (const decision of ['approved', 'denied'] as const) {
      const [why, message] = said(await rig.answer(request_id, 'bob', { decision, proof: 'recent' }));
      assert.equal(why, 'proof_too_weak');
      assert.match(message, new RegExp(`passkey.*http://localhost:7070/requests/${request_id}`));
    }
    assert.equal((await rig.requests.show(request_id, 'bob'))?.proof_needed, 'passkey');
    assert.equal(said(await house.sign({ request_id, reviewer: 'bob', authenticator }))[0], 'recorded');
  });

  it('takes a signed denial, for good', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe');
    const ask = { decision: 'denied' as const, reason: 'not today' };
    const outcome = await house.sign({ request_id, reviewer: 'bob', authenticator }, { ask });
    assert.deepEqual(said(outcome), ['recorded', 'denied']);
  });

  it('a recent sign-in will do where that is asked, an older one will not', async () => {
    const request_id = await open('tidy');
    assert.match(said(await rig.answer(request_id, 'bob', { proof: 'session' }))[1], /recent sign-in/);
    assert.equal(said(await rig.answer(request_id, 'bob', { proof: 'recent' }))[0], 'recorded');
  });

  it('the entry carries document and assertion, and commits to reason and view as the document does', async () => {
    const { authenticator, key } = await house.give('bob');
    const request_id = await open('wipe');
    await house.sign(
      { request_id, reviewer: 'bob', authenticator },
      { ask: { reason: 'checked the backup' } },
    );
    const entries = await rig.entries();
    const review = entries
      .map((each) => each as { kind?: string; predicate?: JsonObject })
      .find(({ kind }) => kind === 'review');
    const predicate = review?.predicate ?? {};
    const signed = predicate['signed'] as JsonObject;
    const document = parseReviewDocument(JSON.stringify(signed['document']));
    const sealed = (name: string): string =>
      ((predicate[name] as JsonObject)['$sealed'] as JsonObject)['digest'] as string;
    assert.equal(document.rendered_digest, `sha256:${sealed('shown')}`);
    assert.equal(document.reason_digest, `sha256:${sealed('reason')}`);
    assert.equal(signed['key_digest'], key.key_digest);
    assert.equal(JSON.stringify(entries).includes('checked the backup'), false, 'I7');
  });
});

describe('A13, A16, A17: an answer nobody signed is none', () => {
  const other = createAuthenticator('http://localhost:7070');
  const twists: readonly (readonly [name: string, twist: Twist, why: RegExp])[] = [
    [
      'signed by another key',
      { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
      /not by the passkey it names/,
    ],
    ['naming a key nobody confirmed', { credential_id: other.credential_id }, /not one that counts here/],
    ['made on another site', { origin: 'http://localhost:7071' }, /made for another site/],
    ['made for another site’s keys', { rp_id: 'example.com' }, /another site’s keys/],
    ['made inside another page', { crossOrigin: true }, /inside a page of another site/],
    ['of a registration', { type: 'webauthn.create' }, /webauthn\.get/],
    ['with nobody verified', { flags: 0x01 }, /did not verify who touched it/],
    ['with nobody present', { flags: 0x04 }, /nobody touched/],
    ['over a challenge nobody gave', { challenge: 'A'.repeat(43) }, /answers no open question/],
  ];
  for (const [name, twist, why] of twists)
    it(`${name}: refused, recorded, and nothing runs`, async () => {
      const { authenticator } = await house.give('bob');
      const request_id = await open('wipe');
      const outcome = await house.sign({ request_id, reviewer: 'bob', authenticator }, { twist });
      const [refusal, message] = said(outcome);
      assert.equal(refusal, 'signature_refused');
      assert.match(message, why);
      const last = (await rig.entries()).at(-1) as { predicate: JsonObject };
      assert.deepEqual([last.predicate['counted'], last.predicate['refused']], [false, 'signature_refused']);
      held(await rig.call('wipe'));
      // The person is not locked out by somebody else's attempt.
      assert.equal(said(await house.sign({ request_id, reviewer: 'bob', authenticator }))[0], 'recorded');
    });

  const changed: readonly (readonly [name: string, over: object, why: RegExp])[] = [
    ['the other decision', { decision: 'denied' }, /another decision/],
    ['a reason that was not signed', { reason: 'looks fine' }, /another reason/],
    [
      'another view',
      { decision: 'denied', rendered_digest: `sha256:${'0'.repeat(64)}` },
      /another (decision|view)/,
    ],
  ];
  for (const [name, over, why] of changed)
    it(`signed one thing, said ${name}: refused`, async () => {
      const { authenticator } = await house.give('bob');
      const request_id = await open('wipe');
      const outcome = await house.sign({ request_id, reviewer: 'bob', authenticator }, { over });
      assert.equal(said(outcome)[0], 'signature_refused');
      assert.match(said(outcome)[1], why);
    });

  it('what was shown changed by one byte: refused before any key is asked, and after', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe');
    const shown = await rig.requests.show(request_id, 'bob');
    assert.ok(shown);
    const last = shown.rendered_digest.endsWith('0') ? '1' : '0';
    const rendered_digest = shown.rendered_digest.slice(0, -1) + last;
    const { action_digest } = shown;
    const ask = {
      request_id,
      reviewer: 'bob',
      session: SESSION,
      decision: 'approved',
      action_digest,
      rendered_digest,
    } as const;
    const asked = await rig.requests.askSignature(ask);
    assert.equal(asked.kind === 'refused' && asked.why, 'shown_changed');
    const outcome = await house.sign(
      { request_id, reviewer: 'bob', authenticator },
      { over: { rendered_digest } },
    );
    assert.equal(said(outcome)[0], 'shown_changed');
  });

  it('nothing is kept to sign of a request that was erased while it was read (I7)', async (t) => {
    await house.give('bob');
    const request_id = await open('read');
    const { store } = rig.deps;
    const { commit } = store;
    let erased = false;
    t.mock.method(store, 'commit', async (command: Parameters<typeof commit>[0]) => {
      if (command.name === 'passkey-challenge' && !erased) {
        erased = true;
        await rig.answer(request_id, 'carol', { decision: 'denied' });
        assert.equal((await rig.requests.erase(request_id, 'dan', 'asked to')).kind, 'erased');
      }
      return commit(command);
    });
    const asked = await house.challengeFor(request_id, 'bob');
    assert.deepEqual([erased, asked.kind === 'refused' && asked.why], [true, 'already_resolved']);
    const sql = 'SELECT * FROM passkey_challenges WHERE request_id IS NOT NULL';
    assert.deepEqual(await store.read({ sql, params: [] }), []);
  });

  it('a signature is good once, for its session, its person and its request', async () => {
    const { authenticator } = await house.give('bob');
    await house.give('carol');
    const first = await open('two');
    const asked = await house.challengeFor(first, 'bob');
    assert.ok(asked.kind === 'asked');
    const signature = authenticator.get(asked.challenge);
    const elsewhere = await open('wipe');
    const tries = [
      rig.answer(first, 'bob', { signature, session: 'another session' }),
      rig.answer(first, 'carol', { signature, session: SESSION }),
      rig.answer(elsewhere, 'bob', { signature, session: SESSION }),
    ];
    for (const outcome of await Promise.all(tries)) assert.equal(said(outcome)[0], 'signature_refused');
    assert.equal(said(await rig.answer(first, 'bob', { signature, session: SESSION }))[0], 'recorded');
    assert.equal(
      said(await rig.answer(first, 'bob', { signature, session: SESSION }))[0],
      'already_reviewed',
    );
    const [left] = await rig.store.read({ sql: 'SELECT COUNT(*) AS n FROM passkey_challenges', params: [] });
    assert.equal(Number(left?.['n']), 0);
  });

  it('of two answers with one signature at once, one counts', async () => {
    const { authenticator } = await house.give('bob');
    await house.give('carol');
    const request_id = await open('two');
    const asked = await house.challengeFor(request_id, 'bob');
    assert.ok(asked.kind === 'asked');
    const signature = authenticator.get(asked.challenge);
    const both = await Promise.all(
      [1, 2].map(() => rig.answer(request_id, 'bob', { signature, session: SESSION })),
    );
    assert.equal(both.filter(({ kind }) => kind === 'recorded').length, 1);
  });

  it('is refused after five minutes', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe_thrice');
    rig.time.now += 1000;
    const asked = await house.challengeFor(request_id, 'bob');
    assert.ok(asked.kind === 'asked');
    const signature = authenticator.get(asked.challenge);
    await rewrite('UPDATE requests SET expires_at = expires_at + 3600000 WHERE id = $1', [request_id]);
    rig.time.now += 5 * 60_000;
    assert.equal(
      said(await rig.answer(request_id, 'bob', { signature, session: SESSION }))[0],
      'signature_refused',
    );
  });

  it('a counter that goes back is a copy of the key: refused', async () => {
    const { authenticator } = await house.give('bob');
    const request_id = await open('wipe');
    for (const sign_count of [1, 0]) {
      const outcome = await house.sign(
        { request_id, reviewer: 'bob', authenticator },
        { twist: { sign_count } },
      );
      assert.match(said(outcome)[1], /counter went back/);
    }
  });

  it('a key without a counter counts, every time', async () => {
    const zero = { sign_count: 0 };
    const { authenticator, outcome } = await house.enrol('bob', undefined, zero);
    assert.ok(outcome.kind === 'done');
    await house.passkeys.confirm(outcome.key.id, house.person('alice'), outcome.key.key_digest);
    for (const tool of ['wipe', 'wipe_thrice']) {
      const request_id = await open(tool);
      const how = { twist: zero };
      assert.equal(
        said(await house.sign({ request_id, reviewer: 'bob', authenticator }, how))[0],
        'recorded',
      );
    }
  });

  it('nobody signs for another person', async () => {
    await house.give('bob');
    const { authenticator: carols } = await house.give('carol');
    const request_id = await open('wipe');
    const asked = await house.challengeFor(request_id, 'bob');
    assert.ok(asked.kind === 'asked');
    const signature = { ...carols.get(asked.challenge), credential_id: carols.credential_id };
    assert.equal(
      said(await rig.answer(request_id, 'bob', { signature, session: SESSION }))[0],
      'signature_refused',
    );
  });
});

describe('before an approval is used, every signature is checked anew', () => {
  const approved = async (tool = 'wipe') => {
    const { authenticator, key } = await house.give('bob');
    const request_id = await open(tool);
    await house.sign({ request_id, reviewer: 'bob', authenticator });
    return { request_id, authenticator, key };
  };

  it('a review somebody wrote into the store makes no approval usable', async () => {
    await house.give('bob');
    const request_id = await open('wipe');
    const { action_digest } = (await rig.requests.show(request_id, 'bob')) ?? { action_digest: '' };
    await rewrite(
      "INSERT INTO reviews (id, request_id, reviewer, decision, proof, channel, reviewed_at) VALUES ('rev_x', $1, 'bob', 'approved', 'passkey', 'api', $2)",
      [request_id, rig.time.now],
    );
    await rewrite(
      "INSERT INTO approvals (id, request_id, match_key, action_digest, agent, status, approved_at, approved_until, uses_left, policy_digest) SELECT 'apr_x', id, match_key, $2, agent, 'active', $3, $3 + 600000, 1, policy_digest FROM requests WHERE id = $1",
      [request_id, action_digest, rig.time.now],
    );
    await rewrite(
      "UPDATE requests SET status = 'approved', resolved_at = $2, approval_id = 'apr_x', resolution = '{\"event\":\"x\"}' WHERE id = $1",
      [request_id, rig.time.now],
    );
    const verdict = await rig.call('wipe');
    assert.notEqual(verdict.kind, 'permitted');
    const [execution] = await rig.store.read({ sql: 'SELECT id FROM executions', params: [] });
    assert.equal(execution, undefined);
  });

  const forgeries: readonly (readonly [name: string, sql: string])[] = [
    ['the signature', "UPDATE review_signatures SET signature = 'AAAA' || substr(signature, 5)"],
    ['the document', `UPDATE review_signatures SET document = replace(document, '"stage":1', '"stage":2')`],
    ['the client data', 'UPDATE review_signatures SET client_data = authenticator_data'],
    ['whose it is', "UPDATE reviews SET reviewer = 'carol'"],
    ['the missing row', 'DELETE FROM review_signatures'],
    ['the time it was given', 'UPDATE reviews SET reviewed_at = reviewed_at + 400000'],
  ];
  for (const [name, sql] of forgeries)
    it(`${name} edited in the store: the approval ends unused`, async () => {
      await approved();
      await rewrite(sql, []);
      assert.notEqual((await rig.call('wipe')).kind, 'permitted');
      const [approval] = await rig.store.read({
        sql: 'SELECT status FROM approvals ORDER BY approved_at LIMIT 1',
        params: [],
      });
      assert.equal(approval?.['status'], 'revoked');
    });

  it('a revoked key: its unused reviews no longer count, and views say why', async () => {
    const { request_id, key } = await approved();
    assert.equal((await house.passkeys.revoke(key.id, house.person('bob'))).kind, 'done');
    const [review] = (await rig.requests.show(request_id, 'carol'))?.reviews ?? [];
    assert.deepEqual([review?.signed, review?.counts, review?.why_not], [true, false, 'void']);
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });

  it('a revoked key while others are still to answer: its vote fills no seat, and is not cast twice', async () => {
    const bob = await house.give('bob');
    const carol = await house.give('carol');
    const request_id = await open('two');
    await house.sign({ request_id, reviewer: 'bob', authenticator: bob.authenticator });
    await house.passkeys.revoke(bob.key.id, house.person('dan'));
    const outcome = await house.sign({ request_id, reviewer: 'carol', authenticator: carol.authenticator });
    assert.deepEqual(said(outcome), ['recorded', 'pending']);
    const asked = await house.challengeFor(request_id, 'bob');
    assert.equal(asked.kind === 'refused' && asked.why, 'not_eligible');
  });

  it('runs no oftener than was signed, whatever the store says is left', async () => {
    await approved('wipe_thrice');
    for (let run = 0; run < 3; run += 1)
      await permitted(await rig.call('wipe_thrice')).finish({
        status: 'succeeded',
        result: { value: {} },
      } as never);
    await rewrite("UPDATE approvals SET status = 'active', uses_left = 1", []);
    await rewrite('UPDATE executions SET delivered_at = 1 WHERE id = (SELECT MAX(id) FROM executions)', []);
    assert.notEqual((await rig.call('wipe_thrice')).kind, 'permitted');
  });

  it('not later than was signed, whatever the store says', async () => {
    await approved();
    await rewrite(
      'UPDATE approvals SET approved_at = approved_at + 1000000000, approved_until = approved_until + 2000000000',
      [],
    );
    rig.time.now += 1_000_000_000;
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });

  it('a document stored in another spelling is another document', async () => {
    await approved();
    const [row] = await rig.store.read({ sql: 'SELECT document FROM review_signatures', params: [] });
    const text = String(row?.['document']);
    assert.equal(reviewDocumentText(parseReviewDocument(text)), text);
    await rewrite('UPDATE review_signatures SET document = $1', [` ${text}`]);
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });
});
