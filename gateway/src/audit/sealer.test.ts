import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  canonicalize,
  encodeUtf8,
  hashedRekordText,
  parseJson,
  parseStatement,
  preAuthEncoding,
  readEnvelope,
} from '@countersign/core';
import type { AuditFact } from './audit.ts';
import { keyId, spkiOf } from './keys/keys.ts';
import { createSealer } from './sealer.ts';
import { fact } from './testing/rig.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { kid: keyId(pair.publicKey), private_key: pair.privateKey, public_key: pair.publicKey };
const sealer = createSealer({ key });

const facts: readonly AuditFact[] = [
  fact('system'),
  fact('review', {
    predicate: { reason: { $sealed: { alg: 'sha-256', digest: 'cd'.repeat(32) } }, text: '…🙂"\\\u202e' },
  }),
  fact('execution', {
    action_digest: `sha256:${'ef'.repeat(32)}`,
    evaluation_id: 'evl_1',
    policy: { id: 'main', version: '3', digest: `sha256:${'01'.repeat(32)}` },
    answers: ['01JAAAAAAAAAAAAAAAAAAAAAAA'],
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    predicate: { phase: 'started', execution_id: 'exe_1' },
  }),
];

describe('sealing', () => {
  for (const given of facts) {
    it(`signs a statement that reads back: ${given.kind}`, () => {
      const entry = sealer.seal(given);
      const envelope = readEnvelope(parseJson(entry.envelope));
      const statement = parseStatement(envelope.payload);
      assert.equal(statement.predicate.event_id, entry.event_id);
      assert.equal(statement.predicate.occurred_at, new Date(given.occurred_at).toISOString());
      assert.equal(statement.predicateType, `urn:countersign:attestation:${given.kind}:v1`);
      assert.equal(statement.subject[0].name, given.task_id);
      for (const member of ['evaluation_id', 'policy', 'answers', 'traceparent'] as const) {
        assert.deepEqual(statement.predicate[member], given[member], member);
      }
      for (const [name, value] of Object.entries(given.predicate))
        assert.deepEqual(statement.predicate[name], value);
      const message = preAuthEncoding(envelope.payloadType, envelope.payload);
      assert.ok(verify('sha256', message, pair.publicKey, envelope.signatures[0]?.sig ?? new Uint8Array()));
    });

    it(`commits to it in a hashedrekord leaf, all of it canonical: ${given.kind}`, () => {
      const entry = sealer.seal(given);
      const envelope = readEnvelope(parseJson(entry.envelope));
      const digest = hash('sha256', preAuthEncoding(envelope.payloadType, envelope.payload), 'buffer');
      const publicKey = new Uint8Array(spkiOf(pair.publicKey));
      assert.equal(
        entry.leaf,
        hashedRekordText({ digest, signature: envelope.signatures[0]?.sig ?? new Uint8Array(), publicKey }),
      );
      assert.equal(entry.leaf, canonicalize(parseJson(entry.leaf)));
      assert.equal(entry.envelope, canonicalize(parseJson(entry.envelope)));
      assert.ok(encodeUtf8(entry.leaf).length < 1024);
    });
  }

  it('does not let a fact speak over the members every entry has', () => {
    const predicate = { event_id: 'mine', occurred_at: 'never', task_id: 'other', action_digest: 'none' };
    const entry = sealer.seal(fact('system', { task_id: 'ours', predicate }));
    const statement = parseStatement(readEnvelope(parseJson(entry.envelope)).payload);
    assert.equal(statement.predicate.task_id, 'ours');
    assert.equal(statement.predicate.event_id, entry.event_id);
  });

  it('refuses a fact that is not small (I15)', () => {
    assert.throws(
      () => sealer.seal(fact('system', { predicate: { text: 'x'.repeat(300_000) } })),
      RangeError,
    );
  });
});
