import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMasker } from '../masker.ts';
import { formsOf } from './forms.ts';
import { createKnownSecrets, KNOWN_SECRETS_MAX, KnownSecretError } from './known.ts';

const SECRET = 'Tr0ub4dor&3/"x\\y+ü z';
const masker = createMasker({
  known: createKnownSecrets([{ value: SECRET, label: 'db-password' }]),
  detectors: [],
});

const ENCODINGS: readonly { readonly name: string; readonly put: (secret: string) => string }[] = [
  { name: 'raw', put: (secret) => `before ${secret} after` },
  { name: 'JSON', put: (secret) => JSON.stringify({ a: secret }) },
  {
    name: 'JSON with escaped slashes',
    put: (secret) => JSON.stringify({ a: secret }).replaceAll('/', '\\/'),
  },
  { name: 'JSON in JSON', put: (secret) => JSON.stringify({ body: JSON.stringify({ a: secret }) }) },
  {
    name: 'JSON, ASCII only',
    put: (secret) =>
      JSON.stringify(secret).replace(
        /[^ -~]/g,
        (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
  },
  { name: 'URL component', put: (secret) => `https://a.test/?q=${encodeURIComponent(secret)}&b=1` },
  {
    name: 'URL, lower-case escapes',
    put: (secret) => `q=${encodeURIComponent(secret).replace(/%../g, (found) => found.toLowerCase())}`,
  },
  { name: 'form body', put: (secret) => `q=${new URLSearchParams({ q: secret }).toString().slice(2)}&b=1` },
  { name: 'HTML', put: (secret) => `<p>${secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</p>` },
  { name: 'hex', put: (secret) => `0x${Buffer.from(secret).toString('hex')}` },
  { name: 'hex, upper case', put: (secret) => Buffer.from(secret).toString('hex').toUpperCase() },
  ...[0, 1, 2, 3].flatMap((shift) =>
    (['base64', 'base64url'] as const).map((encoding) => ({
      name: `${encoding} after ${shift} bytes`,
      put: (secret: string) =>
        `Basic ${Buffer.from(`${'u'.repeat(shift)}${secret}:tail`).toString(encoding)}`,
    })),
  ),
];

for (const { name, put } of ENCODINGS) {
  test(`known secret: found as ${name}`, () => {
    const { text, findings } = masker.redactText(put(SECRET));
    assert.match(text, /\[masked: db-password\]/);
    assert.deepEqual([findings.length, findings[0]?.label], [1, 'db-password']);
    const left = text.replaceAll('[masked: db-password]', '');
    for (let at = 0; at + 6 <= SECRET.length; at += 1)
      assert.ok(!left.includes(SECRET.slice(at, at + 6)), left);
  });
}

test('known secret: base64 leaves no bits at its edges', () => {
  const encoded = Buffer.from(`user:${SECRET}`).toString('base64');
  // "user:" is 40 bits: six whole characters, and four bits in a seventh that the secret shares.
  assert.equal(masker.redactText(encoded).text, `${encoded.slice(0, 6)}[masked: db-password]`);
});

test('known secret: any secret is found in any text, wherever it stands', () => {
  const value = fc
    .string({ unit: 'grapheme', minLength: 4, maxLength: 60 })
    .filter((text) => text.length >= 4 && text.isWellFormed());
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 20 }),
      fc.string(),
      fc.string(),
      (values, before, after) => {
        const known = createKnownSecrets(
          values.map((each, index) => ({ value: each, label: `secret-${index}` })),
        );
        const own = createMasker({ known, detectors: [] });
        for (const each of values) {
          const hits = known.find(before + each + after);
          assert.ok(hits.some((hit) => hit.start <= before.length && hit.end >= before.length + each.length));
          assert.ok(own.redactText(JSON.stringify({ a: before + each + after })).findings.length > 0);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('known secret: every line of a key file counts by itself', () => {
  const lines = ['-----BEGIN X-----', 'A1'.repeat(32), 'B2'.repeat(32), '-----END X-----'];
  const own = createMasker({
    known: createKnownSecrets([{ value: lines.join('\n'), label: 'tls-key' }]),
    detectors: [],
  });
  assert.equal(own.redactText(`leaked: ${lines[2]}.`).text, 'leaked: [masked: tls-key].');
  assert.equal(own.redactText(`x${lines.join('\r\n')}y`).text, 'x[masked: tls-key]y');
});

test('known secret: added and removed while running', () => {
  const known = createKnownSecrets();
  assert.deepEqual(known.find('rotate-me-1234'), []);
  known.add({ value: 'rotate-me-1234', label: 'oauth' });
  assert.equal(known.find('rotate-me-1234').length > 0, true);
  assert.ok(known.hit_chars_max >= 14);
  known.remove('rotate-me-1234');
  assert.deepEqual(known.find('rotate-me-1234'), []);
});

test('known secret: what cannot be guarded is refused by name, never by value', () => {
  const known = createKnownSecrets();
  const cases = [
    { secret: { value: 'abc', label: 'pin' }, code: 'too_short' },
    { secret: { value: 'x'.repeat(70_000), label: 'blob' }, code: 'too_long' },
    { secret: { value: 'long enough', label: 'Not A Label' }, code: 'bad_label' },
  ] as const;
  for (const { secret, code } of cases) {
    assert.throws(
      () => known.add(secret),
      (error) =>
        error instanceof KnownSecretError && error.code === code && !error.message.includes(secret.value),
    );
  }
  for (let count = 0; count < KNOWN_SECRETS_MAX; count += 1)
    known.add({ value: `value-${count}`, label: 'many' });
  assert.throws(() => known.add({ value: 'one too many', label: 'many' }), { code: 'too_many' });
  known.add({ value: 'value-1', label: 'many' });
});

test('known secret: short secrets make no pieces of base64 that match by accident', () => {
  for (const form of formsOf('ab1!'))
    assert.ok(form.alphabet === undefined || form.text.length >= 6, form.text);
  assert.deepEqual(createKnownSecrets([{ value: 'ab1!', label: 'pin' }]).find('WIx IS YWIx').length, 0);
});
