import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import type { Json, Obligation } from '@countersign/core';
import fc from 'fast-check';
import { createKnownSecrets } from '../known/known.ts';
import { createMasking } from '../masking.ts';
import { createSampler, SECRET_SAMPLES } from '../testdata/samples.ts';
import { type ApartOptions, createApart, isLarge, LARGE_CHARS } from './apart.ts';
import type { Job } from './messages.ts';
import { Turns } from './turns.ts';

const SECRET = ['up', 'stream', '-', 'credential', '-', '0123456789'].join('');
const PII: readonly Obligation[] = [{ id: 'pii', type: 'mask', properties: { kinds: ['pii'] } }];

function start(options: Partial<ApartOptions> = {}) {
  const known = createKnownSecrets([{ value: SECRET, label: 'upstream' }]);
  const troubles: string[] = [];
  const apart = createApart({ known, onTrouble: (why) => troubles.push(why), ...options });
  after(() => apart.close());
  return { known, troubles, apart, masking: createMasking(known, undefined, apart) };
}

const filler = (chars: number): string =>
  'It is a long way to the end of this. '.repeat(chars / 36 + 1).slice(0, chars);
const { masking, known, troubles } = start();
const inline = createMasking(known);

it('a small value is masked here and now; a large one apart, to the same end', async () => {
  const small = { say: SECRET };
  assert.deepEqual(masking.maskApart(small, [], 'a'), inline.mask(small, []));
  for (const value of [`${filler(LARGE_CHARS)} ${SECRET}`, filler(LARGE_CHARS + 1)]) {
    const masked = masking.maskApart({ value }, [], 'a');
    assert.ok(masked instanceof Promise);
    assert.deepEqual(await masked, inline.mask({ value }, []));
  }
});

it('what had not to be masked is the value itself, not a copy', async () => {
  const value = { value: filler(LARGE_CHARS) };
  assert.equal((await masking.maskApart(value, [], 'a')).value, value);
});

it('the thread masks and judges exactly as it is done here, whatever the value', async () => {
  const draw = createSampler(23);
  const pieces = SECRET_SAMPLES.map(({ secret, within = (text: string) => text }) => within(secret(draw)));
  const leaf = fc.oneof(
    fc.constantFrom(...pieces, SECRET, 'user@example.com', '\ud800', '', '__proto__'),
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, -0),
  );
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 5 }),
      fc.dictionary(
        fc.constantFrom('password', 'a', 'token', '__proto__', 'email', 'name', ...pieces.slice(0, 4)),
        tie('tree'),
        { noNullPrototype: true },
      ),
    ),
  }));
  const large = filler(LARGE_CHARS);
  await fc.assert(
    fc.asyncProperty(tree, fc.boolean(), async (part, pii) => {
      const value: Json = [part, large];
      const obligations = pii ? PII : [];
      assert.deepEqual(await masking.maskApart(value, obligations, 'a'), inline.mask(value, obligations));
      assert.deepEqual(await masking.redactionsApart(value, 'a'), inline.redactions(value));
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(troubles, []);
});

it('A23: a secret is found wherever it stands in a large text: nothing is looked at in parts', async () => {
  for (const at of [0, 1, 65_535, 65_536, 65_536 - SECRET.length / 2, 131_072, 200_000 - SECRET.length]) {
    const text = filler(200_000);
    const value = text.slice(0, at) + SECRET + text.slice(at + SECRET.length);
    const { value: masked } = await masking.maskApart(value, [], 'a');
    assert.ok(typeof masked === 'string' && !masked.includes(SECRET.slice(4, 20)), `at ${at}`);
    assert.match(masked, /\[masked: upstream\]/);
  }
});

it('A23: a secret added while the thread runs is masked from then on', async () => {
  const later = ['added', 'later', 'secret', '77'].join('-');
  const value = `${filler(LARGE_CHARS)} ${later}`;
  assert.equal((await masking.maskApart(value, [], 'a')).changed, false);
  known.add({ value: later, label: 'later' });
  const { value: masked } = await masking.maskApart(value, [], 'a');
  assert.ok(typeof masked === 'string' && masked.endsWith('[masked: later]'));
});

it('A20: what takes too long is masked whole, and what waits goes on with a new thread', async () => {
  const { troubles: slow, masking: hasty } = start({ job_ms_max: 1 });
  const value = `${filler(2_000_000)} ${SECRET}`;
  const both = await Promise.all([hasty.maskApart(value, [], 'a'), hasty.maskApart(value, [], 'b')]);
  for (const masked of both) assert.deepEqual(masked, { value: '[masked: detector-failed]', changed: true });
  assert.deepEqual(
    await hasty.redactionsApart(value, 'a'),
    new Map([['', [{ kind: 'failure', label: 'detector-failed', chars: 0 }]]]),
  );
  assert.equal(slow.length, 3);
  for (const why of slow) assert.match(why, /took longer than 1 ms; what it was given is masked whole/);
});

it('A20: a value that kills the thread is masked whole; the next one is not', async () => {
  const { apart, troubles: died, masking: again } = start();
  // Only the gateway's own code makes jobs: this one no thread understands.
  const killing = null as unknown as Job;
  const [first, second] = await Promise.all([
    apart.do(killing, 'a'),
    again.maskApart(`${filler(LARGE_CHARS)} ${SECRET}`, [], 'a'),
  ]);
  assert.deepEqual(first, { kind: 'failed', label: 'detector-failed' });
  assert.match(String(second.value), /the end of this.*\[masked: upstream\]$/);
  assert.equal(died.length, 1);
});

it('A21: more than may wait are masked whole; one holder cannot take every place', async () => {
  const { masking: narrow } = start({ waiting_max: 3 });
  const value = `${filler(LARGE_CHARS)} ${SECRET}`;
  const asked = ['a', 'a', 'a', 'b', 'b'].map((holder) => narrow.maskApart(value, [], holder));
  const whole = (await Promise.all(asked)).map(
    ({ value: masked }) => masked === '[masked: too-busy-to-check]',
  );
  assert.deepEqual(whole, [false, false, true, false, true]);
  assert.match(String((await narrow.maskApart(value, [], 'b')).value), /\[masked: upstream\]$/);
});

it('A20: closed, it lets nothing through', async () => {
  const { apart, masking: closed } = start();
  const value = `${filler(LARGE_CHARS)} ${SECRET}`;
  const running = closed.maskApart(value, [], 'a');
  const waiting = closed.maskApart(value, [], 'a');
  await apart.close();
  for (const masked of [await running, await waiting, await closed.maskApart(value, [], 'a')])
    assert.match(String(masked.value), /^\[masked: (?:detector-failed|too-busy-to-check)\]$/);
});

it('holders take turns, each in the order it asked', () => {
  const turns = new Turns<string>();
  for (const one of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) turns.add(one.charAt(0), one);
  const taken: (string | undefined)[] = [];
  for (let at = 0; at < 7; at += 1) taken.push(turns.take());
  assert.deepEqual(taken, ['a1', 'b1', 'c1', 'a2', 'c2', 'a3', undefined]);
});

it('large is what is as long as a text of so many characters, in whatever pieces', () => {
  const cases: readonly (readonly [Json, boolean])[] = [
    ['x'.repeat(LARGE_CHARS - 10), false],
    ['x'.repeat(LARGE_CHARS), true],
    [Array.from({ length: LARGE_CHARS / 4 }, () => 1), true],
    [Array.from({ length: 10_000 }, () => 1), false],
    [{ ['k'.repeat(LARGE_CHARS)]: 1 }, true],
    [[['x'.repeat(40_000)], { a: 'x'.repeat(40_000) }], true],
    [null, false],
  ];
  for (const [value, want] of cases) assert.equal(isLarge(value), want);
});
