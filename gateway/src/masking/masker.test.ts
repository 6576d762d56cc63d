import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '@countersign/core';
import type { Detector, Hit } from './detector.ts';
import { createKnownSecrets } from './known/known.ts';
import { createMasker, TEXT_CHARS_MAX } from './masker.ts';

const SECRET = 'S3CR3T-VALUE';

function detector(find: (text: string) => readonly Hit[], name = 'test'): Detector {
  return { name, kinds: ['secret'], hit_chars_max: 100, find };
}

const finder = detector((text) => {
  const hits: Hit[] = [];
  for (let at = text.indexOf(SECRET); at >= 0; at = text.indexOf(SECRET, at + 1)) {
    hits.push({ start: at, end: at + SECRET.length, kind: 'secret', label: 'test-secret' });
  }
  return hits;
});

function masker(...detectors: Detector[]) {
  return createMasker({ known: createKnownSecrets(), detectors });
}

const BROKEN: readonly { readonly name: string; readonly detector: Detector }[] = [
  {
    name: 'throws',
    detector: detector((text) => {
      throw new Error(`cannot read ${text}`);
    }),
  },
  {
    name: 'throws half-way',
    detector: detector(function* () {
      yield { start: 0, end: 1, kind: 'secret', label: 'x' } as Hit;
      throw new Error('no');
    } as unknown as (text: string) => readonly Hit[]),
  },
  { name: 'answers nothing at all', detector: detector(() => undefined as unknown as readonly Hit[]) },
  {
    name: 'answers a promise',
    detector: detector((() => Promise.resolve([])) as unknown as () => readonly Hit[]),
  },
  {
    name: 'answers a range outside the text',
    detector: detector((text) => [{ start: 0, end: text.length + 1, kind: 'secret', label: 'x' }]),
  },
  {
    name: 'answers a range turned round',
    detector: detector(() => [{ start: 3, end: 2, kind: 'secret', label: 'x' }]),
  },
  {
    name: 'answers NaN',
    detector: detector(() => [{ start: Number.NaN, end: 2, kind: 'secret', label: 'x' }]),
  },
  {
    name: 'answers an unknown kind',
    detector: detector(() => [{ start: 0, end: 2, kind: 'other' as 'secret', label: 'x' }]),
  },
];

for (const { name, detector: broken } of BROKEN) {
  test(`a detector that ${name}: everything is masked, nothing is thrown (I7)`, () => {
    const own = masker(finder, broken);
    const text = own.redactText(`keep ${SECRET} safe`);
    assert.equal(text.text, '[masked: detector-failed]');
    assert.deepEqual(text.findings, [{ kind: 'failure', label: 'detector-failed', offset: 0 }]);
    const json = own.redactJson({ content: [{ text: `keep ${SECRET} safe` }], ok: true });
    assert.doesNotMatch(JSON.stringify(json), /S3CR3T|safe/);
    assert.ok(json.findings.some((found) => found.kind === 'failure'));
    const stream = own.createRedactStream();
    assert.equal(
      stream.write(`keep ${SECRET}`) + stream.write(' safe') + stream.end(),
      '[masked: detector-failed]',
    );
    assert.equal(stream.write('more') + stream.end(), '');
  });
}

test('a detector is not run for kinds nobody asked for', () => {
  const own = masker({
    ...detector(() => {
      throw new Error('must not run');
    }),
    kinds: ['pii'],
  });
  assert.equal(own.redactText('text').text, 'text');
});

test('text over the bound is masked whole', () => {
  assert.equal(
    masker(finder).redactText('x'.repeat(TEXT_CHARS_MAX + 1)).text,
    '[masked: too-large-to-check]',
  );
});

test('marks tell no length unless asked', () => {
  const own = masker(finder);
  assert.deepEqual(own.redactText(`a ${SECRET} b`), {
    text: 'a [masked: test-secret] b',
    findings: [{ kind: 'secret', label: 'test-secret', offset: 2 }],
  });
  assert.deepEqual(own.redactText(`a ${SECRET} b`, { lengths: true }), {
    text: 'a [masked: test-secret, 12 characters] b',
    findings: [{ kind: 'secret', label: 'test-secret', offset: 2, chars: 12 }],
  });
});

test('overlapping hits become one mark, named by the longest', () => {
  const at = (start: number, end: number, label: string): Hit => ({ start, end, kind: 'secret', label });
  const own = masker(
    detector(() => [at(4, 8, 'short'), at(2, 5, 'tiny'), at(6, 14, 'longest'), at(20, 22, 'apart')]),
  );
  assert.equal(
    own.redactText('0123456789abcdefghijklmnop').text,
    '01[masked: longest]efghij[masked: apart]mnop',
  );
});

test('JSON: strings and keys, shared where untouched', () => {
  const untouched = { deep: [1, 'two', null] };
  const value: Json = { a: `x ${SECRET}`, [`k-${SECRET}`]: 1, [`j-${SECRET}`]: 2, untouched };
  const { value: masked, changed, findings } = masker(finder).redactJson(value);
  assert.equal(changed, true);
  assert.deepEqual(masked, {
    a: 'x [masked: test-secret]',
    'k-[masked: test-secret]': 1,
    'j-[masked: test-secret]': 2,
    untouched,
  });
  assert.equal((masked as typeof value)['untouched'], untouched);
  assert.deepEqual(
    findings.map(({ pointer }) => pointer),
    ['/a', '', ''],
  );
  assert.doesNotMatch(JSON.stringify(findings), /S3CR3T/);
});

test('JSON: two keys masked alike do not fall together', () => {
  const find = detector((text) =>
    /^thing-\d$/.test(text) ? [{ start: 0, end: text.length, kind: 'secret', label: 'x' }] : [],
  );
  assert.deepEqual(masker(find).redactJson({ 'thing-1': 1, 'thing-2': 2 }).value, {
    '[masked: x]': 1,
    '[masked: x] 2': 2,
  });
});

test('JSON: a verdict on a key cannot be taken for one on a value', () => {
  const value: Json = {
    [`${SECRET}`]: 1,
    [`${SECRET}~key`]: `y ${SECRET}`,
    [`${SECRET}#key`]: `x ${SECRET}`,
  };
  const masked = masker(finder).redactJson(value).value;
  assert.doesNotMatch(JSON.stringify(masked), /S3CR3T/);
  assert.deepEqual(Object.values(masked as object), [
    1,
    'y [masked: test-secret]',
    'x [masked: test-secret]',
  ]);
});

test('JSON: nothing found returns the value itself', () => {
  const value: Json = { a: ['b', { __proto__: null, c: 1 }] };
  const { value: same, changed, findings } = masker(finder).redactJson(value);
  assert.equal(same, value);
  assert.deepEqual([changed, findings], [false, []]);
});

test('JSON: a __proto__ key stays an ordinary key (A6)', () => {
  const value = JSON.parse(`{"__proto__":{"x":"${SECRET}"}}`) as Json;
  const masked = masker(finder).redactJson(value).value;
  assert.equal(JSON.stringify(masked), '{"__proto__":{"x":"[masked: test-secret]"}}');
});

test('JSON: what lies too deep to check is masked', () => {
  let value: Json = SECRET;
  for (let depth = 0; depth < 200; depth += 1) value = [value];
  const text = JSON.stringify(masker().redactJson(value).value);
  assert.match(text, /^\[+"\[masked: too-deep-to-check\]"\]+$/);
});

test('JSON: even a value no parser makes does not throw', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  assert.doesNotMatch(JSON.stringify(masker(finder).redactJson(cyclic as Json).value), /S3CR3T/);
  const hostile = {
    get boom(): string {
      throw new Error(SECRET);
    },
  };
  assert.equal(masker(finder).redactJson(hostile as unknown as Json).value, '[masked: detector-failed]');
});
