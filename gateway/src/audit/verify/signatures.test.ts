import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type JsonObject, kindOf, type Statement } from '@countersign/core';
import { createSignedRig, openKeyHouse } from '../../../testing/passkeys.ts';
import { held, policyOf, SEAT } from '../../../testing/rig.ts';
import { createFindings } from './report.ts';
import type { ReviewerPins } from './signatures.ts';
import { Story } from './story.ts';

const SIGNED = { ...SEAT, seats: [{ by: 'anyone' as const, count: 1, proof: 'passkey' as const }] };

let statements: readonly Statement[];
let key_digest: string;

before(async () => {
  const signed = await createSignedRig(
    policyOf({ wipe: { then: 'require', requirement: SIGNED } }, '2b'.repeat(32)),
  );
  const house = openKeyHouse(signed.rig);
  const { authenticator, key } = await house.give('bob');
  key_digest = key.key_digest;
  const request_id = held(await signed.rig.call('wipe')).id;
  const how = { ask: { reason: 'looked at it' } };
  await house.sign({ request_id, reviewer: 'bob', authenticator }, how);
  await signed.rig.call('wipe');
  statements = await signed.statements();
  await signed.rig.close();
});

/** The story of the entries, after `edit` has changed what one kind of them says. */
function told(edit: (kind: string, predicate: JsonObject) => JsonObject | undefined, pins?: ReviewerPins) {
  const findings = createFindings();
  const story = new Story(findings, pins);
  statements.forEach((statement, index) => {
    const changed = edit(kindOf(statement), statement.predicate);
    if (changed !== undefined)
      story.add({ ...statement, predicate: changed as Statement['predicate'] }, index);
  });
  return { story, said: findings.list.map(({ problem, detail }) => `${problem}: ${detail}`) };
}

const as = (kind: string, change: (predicate: JsonObject) => JsonObject | undefined) =>
  told((found, predicate) => (found === kind ? change(predicate) : predicate));
const signedOf = (predicate: JsonObject): JsonObject => predicate['signed'] as JsonObject;
const documentOf = (predicate: JsonObject): JsonObject => signedOf(predicate)['document'] as JsonObject;
const resigned = (predicate: JsonObject, over: JsonObject): JsonObject => ({
  ...predicate,
  signed: { ...signedOf(predicate), ...over },
});
const changed =
  (name: string, change: (predicate: JsonObject) => JsonObject | undefined) =>
  (kind: string, predicate: JsonObject) =>
    kind === 'reviewer-key' && predicate['change'] === name ? change(predicate) : predicate;

describe('what reviewers signed, from the log alone', () => {
  it('holds for what a gateway wrote, and says by which keys', () => {
    const { story, said } = told((_, predicate) => predicate);
    assert.deepEqual(said, []);
    assert.equal(story.signatures.verified, 1);
    assert.deepEqual(story.signatures.keys, [{ person: 'bob', key_digest, confirmed_by: 'alice' }]);
  });

  const reviews: readonly (readonly [
    name: string,
    change: (predicate: JsonObject) => JsonObject,
    says: RegExp,
  ])[] = [
    ['no signature where one counted', ({ signed: _, ...rest }) => rest, /carries no signature/],
    ['another decision', (p) => ({ ...p, decision: 'denied' }), /another decision/],
    ['another person', (p) => ({ ...p, reviewer: 'carol' }), /another person/],
    ['another action', (p) => ({ ...p, action_digest: `sha256:${'0'.repeat(64)}` }), /another action/],
    ['another reason', (p) => ({ ...p, reason: p['shown'] as JsonObject }), /another reason/],
    ['no reason', ({ reason: _, ...rest }) => rest, /another reason/],
    ['another view', (p) => ({ ...p, shown: p['reason'] as JsonObject }), /another view/],
    [
      'a document with more uses',
      (p) => resigned(p, { document: { ...documentOf(p), scope: { uses: 9, until: 9_999_999_999 } } }),
      /signs something else/,
    ],
    ['a signature of nothing', (p) => resigned(p, { signature: 'AAAA' }), /not by the passkey it names/],
    [
      'client data of another site',
      (p) => resigned(p, { client_data: Buffer.from('{"type":"webauthn.get"}').toString('base64url') }),
      /signs something else/,
    ],
    ['a key nobody enrolled', (p) => resigned(p, { key: 'key_x' }), /never confirmed, or revoked/],
    [
      'a time after the document ends',
      (p) => ({ ...p, occurred_at: '2099-01-01T00:00:00.000Z' }),
      /too late/,
    ],
  ];
  for (const [name, change, says] of reviews)
    it(`finds ${name}`, () => {
      const { story, said } = as('review', change);
      assert.match(said.join('\n'), /bad-review-signature/);
      assert.match(said.join('\n'), says);
      assert.equal(story.signatures.verified, 0);
    });

  it('finds an approval with fewer signatures than were asked for', () => {
    const { said } = as('review', ({ signed: _, ...rest }) => ({ ...rest, proof: 'session' }));
    assert.match(said.join('\n'), /too-few-reviews: .* has 0 signed approvals of 1/);
  });

  const keys: readonly (readonly [name: string, edit: Parameters<typeof told>[0], says: RegExp])[] = [
    [
      'a key confirmed by its owner',
      changed('passkey confirmed', (p) => ({ ...p, by: 'bob' })),
      /confirmed their own key/,
    ],
    [
      'another key confirmed than enrolled',
      changed('passkey confirmed', (p) => ({ ...p, key_digest: 'sha256:0' })),
      /another key was confirmed/,
    ],
    ['a key confirmed that nobody enrolled', changed('passkey enrolled', () => undefined), /nobody enrolled/],
    ['a key never confirmed', changed('passkey confirmed', () => undefined), /never confirmed/],
    [
      'an enrolment of no key',
      changed('passkey enrolled', (p) => ({ ...p, public_key: 'AAAA' })),
      /is no new key/,
    ],
    [
      'another public key put in its place',
      changed('passkey enrolled', (p) => ({ ...p, algorithm: 'EdDSA' })),
      /is no new key/,
    ],
    [
      'a key revoked by then',
      changed('passkey confirmed', (p) => ({ ...p, change: 'passkey revoked' })),
      /never confirmed, or revoked/,
    ],
  ];
  for (const [name, edit, says] of keys)
    it(`finds ${name}`, () => {
      const { story, said } = told(edit);
      assert.match(said.join('\n'), says);
      assert.equal(story.signatures.verified, 0);
    });

  it('takes nobody’s word for a key where the auditor knows better', () => {
    const known = (digest: string): ReviewerPins => new Map([['bob', new Set([digest])]]);
    assert.deepEqual(told((_, predicate) => predicate, known(key_digest)).said, []);
    const other = told((_, predicate) => predicate, known(`sha256:${'0'.repeat(64)}`));
    assert.match(other.said.join('\n'), /none of those you know as bob’s/);
  });
});
