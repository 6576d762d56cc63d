/** What the inbox does with what it is given: nothing is left out that no filter names, and nothing moves under who reads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InboxItem } from '@countersign/sdk';
import fc from 'fast-check';
import { type InboxSearch, matches, readSearch } from './search.ts';
import { entriesOf, keepStill, settle } from './steady.ts';
import { compare } from './together/alike.ts';
import { readIds, TOGETHER_MAX } from './together/ids.ts';

const item = (id: string, more: Partial<InboxItem> = {}): InboxItem => ({
  id,
  status: 'pending',
  agent: 'bot',
  subject: 'bot',
  owner: 'olga',
  team: null,
  upstream: 'payments',
  env: 'prod',
  action: 'tools/call',
  resource: 'refund',
  risk: 'medium',
  sentence: `refund on payments (prod): charge = “${id}”`,
  rules: ['refunds'],
  opened_at: 0,
  expires_at: 1,
  quorum: { met: false, filled: 0, needed: 1 },
  eligibility: { eligible: true },
  reviewed_by: [],
  group: 'g1',
  ...more,
});

describe('filters', () => {
  const table: readonly (readonly [string, InboxSearch, boolean])[] = [
    ['none', {}, true],
    ['the agent', { agent: 'bot' }, true],
    ['another agent', { agent: 'bo' }, false],
    ['another upstream', { upstream: 'files' }, false],
    ['another risk', { risk: 'high' }, false],
    ['words of the sentence and the rule', { q: 'CH_1 refunds' }, true],
    ['a word that is nowhere', { q: 'ch_1 export' }, false],
    ['the owner', { q: 'olga' }, true],
  ];
  for (const [name, search, want] of table)
    it(`${name}: ${want ? 'shown' : 'not shown'}`, () => assert.equal(matches(item('ch_1'), search), want));

  it('what an address says is read, and nothing else of it', () => {
    const given = { all: true, risk: 'grave', agent: '', q: 'x'.repeat(300), at: 5, other: 1 };
    assert.deepEqual(readSearch(given), { all: true, q: 'x'.repeat(200) });
  });
});

describe('a list that keeps still', () => {
  const ids = ({ places }: { readonly places: readonly { readonly id: string }[] }) =>
    places.map(({ id }) => id).join('');
  const of = (text: string): readonly InboxItem[] => [...text].map((id) => item(id));

  const table: readonly (readonly [
    before: string,
    now: string,
    shown: string,
    fresh: number,
    gone: string,
  ])[] = [
    ['abc', 'abc', 'abc', 0, ''],
    ['abc', 'xabc', 'abc', 1, ''],
    ['abc', 'axbyc', 'abc', 2, ''],
    ['abc', 'abcx', 'abcx', 0, ''],
    ['abc', 'ac', 'abc', 0, 'b'],
    ['abc', 'xcy', 'abcy', 1, 'ab'],
    ['abc', 'x', 'abc', 1, 'abc'],
    ['abc', '', 'abc', 0, 'abc'],
    ['', 'ab', 'ab', 0, ''],
  ];
  for (const [before, now, shown, fresh, gone] of table)
    it(`‘${before}’, then ‘${now}’`, () => {
      const after = keepStill(settle(of(before)), of(now));
      assert.deepEqual([ids(after), after.fresh, [...after.gone].join('')], [shown, fresh, gone]);
    });

  it('whatever comes and goes, no row moves, and what is held back is counted', () => {
    const some = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });
    fc.assert(
      fc.property(some, some, (before, now) => {
        const after = keepStill(settle(of(before.join(''))), of(now.join('')));
        assert.equal(ids(after).slice(0, before.length), before.join(''));
        const shown = new Set(ids(after));
        assert.equal(after.fresh, now.filter((id) => !shown.has(id)).length);
      }),
    );
  });
});

describe('alike requests', () => {
  it('stand together where the most urgent of them stands; one alone is no group', () => {
    const items = [item('a'), item('b', { group: 'g2' }), item('c')];
    const entries = entriesOf(settle(items), () => true);
    assert.deepEqual(
      entries.map((entry) => (entry.kind === 'group' ? entry.items.map(({ id }) => id) : entry.item.id)),
      [['a', 'c'], 'a', 'c', 'b'],
    );
  });

  const action = (args: Record<string, number | string>) => ({
    ...item('x'),
    shown_action: { context: { arguments: args } },
  });
  it('A7: what a limit for each does not see is added up', () => {
    const { alike, differ, sums } = compare([
      action({ amount: 500, note: 'a' }),
      action({ amount: 501, note: 'a' }),
    ]);
    assert.deepEqual([alike, differ, sums], [true, ['amount'], [{ name: 'amount', sum: 1001 }]]);
  });
  it('A7: one of another tool among them is said', () => {
    assert.equal(compare([action({}), { ...action({}), resource: 'payout' }]).alike, false);
  });
  it('`1` and `"1"` differ, and are not added up', () => {
    assert.deepEqual(compare([action({ n: 1 }), action({ n: '1' })]).sums, []);
    assert.deepEqual(compare([action({ n: 1 }), action({ n: '1' })]).differ, ['n']);
  });

  it('which ones, is read from the address: each once, ids only, not too many', () => {
    const id = (n: number): string => `req_${String(n).padStart(26, '0')}`;
    const given = [id(1), id(1), 'req_x', 5, ...Array.from({ length: 30 }, (_, at) => id(at))];
    const read = readIds(given);
    assert.deepEqual([read.length, read[0], new Set(read).size], [TOGETHER_MAX, id(1), TOGETHER_MAX]);
    assert.deepEqual(readIds('req_'), []);
  });
});
