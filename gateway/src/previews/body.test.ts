import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Masking } from '../deps.ts';
import { createKnownSecrets } from '../masking/known/known.ts';
import { createMasking } from '../masking/masking.ts';
import { bodyOf, CHARACTERS_MAX, type Made, saidOf } from './body.ts';
import type { PreviewPlan } from './previewer.ts';

const masking: Masking = createMasking(createKnownSecrets());
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;
const REST = { obligations: [], holder: 'preview:coder' } as const;

const made = (plan: Partial<PreviewPlan>, text: string, given: Masking = masking): Promise<Made> =>
  bodyOf(given, { plan: { show: 'text', dry_run: false, ...plan }, text, ...REST });

async function shown(plan: Partial<PreviewPlan>, text: string) {
  const all = await made(plan, text);
  assert.ok(all.kind === 'made' && all.kept.shown !== undefined);
  return all.kept.shown;
}

test('a text is kept as it is; what is secret in it is gone from it', async () => {
  assert.deepEqual(await shown({}, 'three rows'), {
    show: 'text',
    text: 'three rows',
    hidden: 0,
    labels: [],
    hidden_differs: false,
  });
  const hidden = await shown({}, `key ${TOKEN} end`);
  assert.ok(hidden.show === 'text');
  assert.equal(hidden.text, `key ${'█'.repeat(TOKEN.length)} end`);
  assert.equal(hidden.hidden, 1);
});

test('a text that is a secret whole is blocks, not nothing', async () => {
  const hidden = await shown({ show: 'diff', against: 'none of it' }, TOKEN);
  assert.ok(hidden.show === 'diff');
  assert.match(hidden.before, /^█+$/);
});

const DIFFS: readonly (readonly [
  before: string,
  after: string,
  counts: readonly [number, number],
  differs: boolean,
])[] = [
  ['a\nb\n', 'a\nc\nd\n', [2, 1], false],
  ['same', 'same', [0, 0], false],
  ['', 'a\nb\n', [2, 0], false],
  ['', 'a', [1, 0], false],
  ['a', 'a\n', [1, 1], false],
  [`k=${TOKEN}\n`, `k=${TOKEN.replace('a1B2', 'Z9y8')}\n`, [0, 0], true],
  [`k=${TOKEN}\n`, `k=${TOKEN}\n`, [0, 0], false],
];
for (const [before, after, [added, removed], differs] of DIFFS)
  test(`a difference of ${JSON.stringify(before.slice(0, 8))} counts ${added} and ${removed}${differs ? ', and tells of what is hidden' : ''}`, async () => {
    const { show, ...rest } = await shown({ show: 'diff', against: after }, before);
    assert.equal(show, 'diff');
    assert.ok('added' in rest && rest.added === added && rest.removed === removed);
    assert.equal(rest.hidden_differs, differs);
  });

test('what a patch comes to leaves its head out', async () => {
  const patch = await shown({ show: 'patch' }, '--- a\n+++ b\n@@ -1,2 +1,2 @@\n-x\n+y\n+z\n same\n');
  assert.ok(patch.show === 'patch' && patch.added === 2 && patch.removed === 1);
});

test('what is too large is not shown in part', async () => {
  for (const large of ['x'.repeat(CHARACTERS_MAX + 1), 'x\n'.repeat(5_001)]) {
    assert.equal((await made({}, large)).kind, 'none');
    assert.equal((await made({ show: 'diff', against: large }, 'small')).kind, 'none');
  }
  assert.equal((await made({}, 'x'.repeat(CHARACTERS_MAX))).kind, 'made');
});

test('what nobody could search for secrets is not shown', async () => {
  const failing: Masking = {
    ...masking,
    redactionsApart: async () => new Map([['', [{ kind: 'failure', label: 'failed', chars: 0 }]]]),
  };
  assert.equal((await made({}, 'anything', failing)).kind, 'none');
  assert.equal(await saidOf(failing, 'anything', REST), undefined);
});

test('what a failing upstream said is blanked, then cut', async () => {
  assert.equal(await saidOf(masking, `no: ${TOKEN}`, REST), `no: ${'█'.repeat(TOKEN.length)}`);
  assert.equal(await saidOf(masking, '  ', REST), undefined);
  const long = (await saidOf(masking, `${'x'.repeat(1_990)} ${TOKEN}`, REST)) ?? '';
  assert.ok(!long.includes('ghp_') && long.length < 2_010);
});
