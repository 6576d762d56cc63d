import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressOf, CALL_FILTERS, filterOf, readSearch, searchIn } from './search.ts';

test('what stands in an address becomes a filter, or none', () => {
  const table: readonly (readonly [name: string, given: Record<string, unknown>, want: object])[] = [
    ['names', { agent: 'coder', rule: 'r' }, { agent: 'coder', rule: 'r' }],
    ['a name that looks like a number', { agent: 42 }, { agent: '42' }],
    ['times', { from: '5', to: 9 }, { from: 5, to: 9 }],
    ['a time that is none', { from: 'yesterday' }, {}],
    ['a word that is not one of them', { outcome: 'great', risk: 'enormous' }, {}],
    [
      'one that is',
      { outcome: 'failed', risk: 'high', decision: 'held' },
      { outcome: 'failed', risk: 'high', decision: 'held' },
    ],
    ['no word in the words', { q: ';;' }, {}],
    ['words', { q: 'wrong siz' }, { q: 'wrong siz' }],
    ['too long', { agent: 'x'.repeat(257) }, {}],
    ['nothing anybody knows', { who: 'me', constructor: 'x', __proto__: { agent: 'x' } }, {}],
  ];
  for (const [name, given, want] of table) assert.deepEqual(filterOf(given), want, name);
});

test('a saved address is read back as it was', () => {
  const text = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((value) => value.trim() !== '');
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...CALL_FILTERS), text), (given) => {
      const search = readSearch(given);
      assert.deepEqual(searchIn(addressOf(search)), search);
    }),
  );
});

test('an address of another place is no search of the history', () => {
  for (const address of [
    '/audit?agent=x',
    'https://evil.example/history?agent=x',
    '//evil.example/history',
    ':',
  ])
    assert.equal(searchIn(address), undefined, address);
});
