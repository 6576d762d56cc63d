import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { builtInDetectors } from './built-in.ts';
import type { Hit } from './detector.ts';
import { createKnownSecrets } from './known/known.ts';
import { mergeHits, putMarks } from './marks.ts';
import { createMasker } from './masker.ts';
import { createStream, WINDOW_CHARS } from './stream.ts';

/** `<` and up to six letters and `>`, never inside a word: needs sight of both sides. */
function find(text: string): readonly Hit[] {
  return mergeHits(
    [...text.matchAll(/(?<![a-z])<[a-z]{1,6}>/g)].map(({ 0: match, index }) => ({
      start: index,
      end: index + match.length,
      kind: 'secret',
      label: 'x',
    })),
  );
}

function stream(
  chunks: readonly string[],
  window_chars: number,
): { text: string; held: number; findings: number } {
  let fed = 0;
  let out = '';
  let held = 0;
  const masking = createStream({
    find,
    hold_chars: () => 10,
    lengths: false,
    window_chars,
    hold_chars_min: 0,
  });
  for (const chunk of chunks) {
    out += masking.write(chunk);
    fed += chunk.length;
    held = Math.max(held, fed - out.length);
  }
  return { text: out + masking.end(), held, findings: masking.findings.length };
}

test('stream: however the text is cut, the answer is that of the whole text', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    'a',
    'bcd',
    '<abc>',
    '<secret>',
    'x<no>',
    ' ',
    '<<a>',
    '😀',
    '\n',
    '>>',
  );
  const chunks = fc.array(
    fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 40 }), (cut, window_chars) => {
      const whole = cut.join('');
      const expected = putMarks(whole, find(whole));
      const { text, findings } = stream(cut, window_chars);
      assert.equal(text, expected.text);
      assert.equal(findings, expected.findings.length);
    }),
    { numRuns: 3000 },
  );
});

test('stream: every position of a secret around the edge of a window and of a chunk', () => {
  const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
  const known = createKnownSecrets([{ value: 'known secret of the gateway', label: 'own' }]);
  const masker = createMasker({ known, detectors: builtInDetectors() });
  const filler = 'lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(3000);
  for (const secret of [token, 'known secret of the gateway']) {
    for (const edge of [WINDOW_CHARS, WINDOW_CHARS + 24_576]) {
      for (let shift = -45; shift <= 3; shift += 3) {
        const text = `${filler.slice(0, edge + shift - 1)} ${secret} ${filler.slice(0, 60_000)}`;
        const masking = masker.createRedactStream();
        let out = '';
        for (let at = 0; at < text.length; at += 16_384) out += masking.write(text.slice(at, at + 16_384));
        out += masking.end();
        assert.ok(
          !out.includes(secret.slice(0, 12)) && !out.includes(secret.slice(-12)),
          `edge ${edge} shift ${shift}`,
        );
        assert.equal(
          out.length,
          text.length - secret.length + '[masked: '.length + (masking.findings[0]?.label.length ?? 0) + 1,
        );
      }
    }
  }
});

test('stream: holds back a window and what a hit can reach, no more', () => {
  const chunks = Array.from({ length: 200 }, () => 'abcdefghij');
  assert.ok(stream(chunks, 50).held <= 50 + 10 + 10);
});

test('stream: something longer than all that is held is masked, not let through', () => {
  const greedy = (text: string): readonly Hit[] => {
    const start = text.indexOf('#');
    return start < 0 ? [] : [{ start, end: text.length, kind: 'secret', label: 'x' }];
  };
  const masking = createStream({
    find: greedy,
    hold_chars: () => 10,
    lengths: false,
    window_chars: 20,
    hold_chars_min: 0,
  });
  let out = masking.write('before ');
  out += masking.write('#');
  for (let count = 0; count < 50; count += 1) out += masking.write('secret#');
  out += masking.end();
  assert.match(out, /^before (?:\[masked: x\])+$/);
});

test('stream: findings count offsets over all text returned', () => {
  const masking = createStream({
    find,
    hold_chars: () => 10,
    lengths: true,
    window_chars: 5,
    hold_chars_min: 0,
  });
  const out =
    ['aa <bcd> ', 'zz zz zz <e>', ' tail tail tail'].map((chunk) => masking.write(chunk)).join('') +
    masking.end();
  for (const { offset } of masking.findings)
    assert.ok(out.startsWith('[masked: x', offset), out.slice(offset));
  assert.deepEqual(
    masking.findings.map(({ chars }) => chars),
    [5, 3],
  );
});
