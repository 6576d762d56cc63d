import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wanted } from '../../store/search.ts';
import { document, termOf, termsOf, wantedOf, wordsOf } from './words.ts';

describe('text as words', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['DROP TABLE public.users;', ['drop', 'table', 'public', 'users']],
    ['/srv/data/file-7.txt', ['srv', 'data', 'file', '7', 'txt']],
    ['snake_case camelCase', ['snake', 'case', 'camelcase']],
    ['Ｆｕｌｌ ﬁne', ['full', 'fine']],
    ['naïve café', ['naïve', 'café']],
    ['東京タワー x', ['東', '京', 'タ', 'ワ', 'ー', 'x']],
    ['a\u202eb \u200b ', ['a', 'b']],
    ['“” — … 👍', []],
    ['x'.repeat(70), ['x'.repeat(64)]],
  ];
  for (const [text, want] of cases) it(JSON.stringify(text), () => assert.deepEqual(wordsOf(text), want));

  it('takes names and values of an action, and a bounded number of them', () => {
    const value = { path: '/x', nested: [{ n: 7, ok: true, none: null }], text: 'two words' };
    assert.equal(document([value, 'end']), 'path x nested n 7 ok none text two words end');
    const words = document([Array.from({ length: 5_000 }, (_, n) => `w${n}`)]).split(' ');
    assert.equal(words.length, 600);
    assert.ok(document(['y '.repeat(1_000_000)]).length < 40_000);
  });
});

describe('what is wanted', () => {
  const one = (words: readonly string[], begins?: true) => ({
    column: 'words',
    words,
    ...(begins === undefined ? {} : { begins }),
  });
  const cases: readonly [string, readonly object[]][] = [
    ['drop users', [one(['drop']), one(['users'], true)]],
    ['drop users ', [one(['drop']), one(['users'])]],
    ['public.users', [one(['public', 'users'], true)]],
    ['" OR 1=1 --', [one(['or']), one(['1', '1'], true)]],
    ['NEAR(a b) *', [one(['near', 'a']), one(['b'], true)]],
    ['', []],
    ['  ;;  ', []],
  ];
  for (const [text, want] of cases)
    it(JSON.stringify(text), () => {
      const got = wantedOf(text);
      assert.deepEqual(got, want);
      if (got.length > 0) wanted(got);
    });
});

describe('how much may be wanted', () => {
  for (const text of ['refund.payments '.repeat(30), 'a.b.c.d.e.f '.repeat(40), `${'x.'.repeat(200)}y`])
    it(`is sixteen words in all: ${text.slice(0, 20)}`, () => {
      const words = wantedOf(text).flatMap((each) => each.words);
      assert.equal(words.length, 16);
    });
});

describe('terms', () => {
  it('are one word each, and another for another kind or name', () => {
    const terms = [termOf('agent', 'a'), termOf('owner', 'a'), termOf('agent', 'A'), termOf('agent', 'a b')];
    assert.equal(new Set(terms).size, 4);
    for (const term of terms) assert.match(term, /^x[0-9a-f]{24}$/);
  });

  it('name everything a call is filtered by that does not change', () => {
    const terms = termsOf({ agent: 'coder', owner: null, rules: ['r1', 'r2'] }).split(' ');
    const want = [termOf('agent', 'coder'), termOf('rule', 'r1'), termOf('rule', 'r2')];
    assert.deepEqual(terms, want);
  });
});
