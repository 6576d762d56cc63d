import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInDetectors } from '../built-in.ts';
import { createKnownSecrets } from '../known/known.ts';
import { createMasker } from '../masker.ts';
import { CONTEXTS, createSampler, LOOKALIKES, SECRET_SAMPLES } from '../testdata/samples.ts';

const ROUNDS = 30;
const masker = createMasker({ known: createKnownSecrets(), detectors: builtInDetectors() });

/** True if eight characters in a row of the secret's body are still there, in whichever escaping. */
function survives(secret: string, text: string): boolean {
  const shown = text.replaceAll(/\\+n/g, '\n').replaceAll(/\\+/g, '');
  const size = Math.min(8, secret.length);
  const from = secret.includes('PRIVATE KEY') ? 40 : 0;
  for (let at = from; at + size <= secret.length - from; at += 1)
    if (shown.includes(secret.slice(at, at + size))) return true;
  return false;
}

test('the synthetic set is broad', () => {
  assert.ok(SECRET_SAMPLES.length >= 25);
  assert.ok(LOOKALIKES.length >= 19);
});

for (const { kind, secret, within = (text: string) => text } of SECRET_SAMPLES) {
  test(`secret: ${kind} is masked wherever it stands`, () => {
    const draw = createSampler(kind.length * 7919 + 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      const value = secret(draw);
      for (const { name, put } of CONTEXTS) {
        const text = put(within(value));
        const { text: masked, findings } = masker.redactText(text);
        assert.ok(!survives(value, masked), `${name}: part of it is left in ${JSON.stringify(masked)}`);
        assert.ok(findings.length > 0 && !findings.some((found) => JSON.stringify(found).includes(value)));
        assert.ok(masked.length > 0 && !/^\[masked/.test(put('')), 'the context is there');
      }
    }
  });
}

for (const { kind, value } of LOOKALIKES) {
  test(`look-alike: ${kind} is left alone, with personal data asked for too`, () => {
    const draw = createSampler(kind.length * 104_729 + 3);
    for (let round = 0; round < ROUNDS; round += 1) {
      const harmless = value(draw);
      for (const { name, put } of CONTEXTS) {
        const text = put(harmless);
        assert.equal(masker.redactText(text, { kinds: ['secret', 'pii'] }).text, text, name);
      }
    }
  });
}

test('what stands around a secret stays', () => {
  const draw = createSampler(5);
  const token = ['gh', 'p_', draw('abc123', 36)].join('');
  assert.equal(masker.redactText(`| 7 | ${token} | ok |`).text, '| 7 | [masked: github-token] | ok |');
  assert.equal(
    masker.redactText(`postgres://app:${'hunter2'}x@db:5432/o`).text,
    'postgres://app:[masked: url-credentials]@db:5432/o',
  );
});

test('masking twice changes nothing', () => {
  const draw = createSampler(11);
  for (const { secret, within = (text: string) => text } of SECRET_SAMPLES) {
    for (const { put } of CONTEXTS) {
      const once = masker.redactText(put(within(secret(draw)))).text;
      assert.equal(masker.redactText(once).text, once);
    }
  }
});
