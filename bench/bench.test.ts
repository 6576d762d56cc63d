import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Bench, GOALS, type GoalId, isMet, median } from './goals.ts';
import { resultsText } from './report/results.ts';

const names = [...new Set(Object.values(GOALS).map(({ bench }) => bench))];
const ids = Object.keys(GOALS) as GoalId[];
const baseline = { name: 'bare', value: 1, unit: '/s' };

describe('benches', () => {
  for (const name of names) {
    it(`${name} loads, and measures nothing until asked`, async () => {
      const { bench } = (await import(`./${name}.ts`)) as { readonly bench: Bench };
      assert.equal(typeof bench, 'function');
    });

    it(`${name} measures each of its goals`, () => {
      const text = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
      for (const id of ids.filter((each) => GOALS[each].bench === name))
        assert.ok(text.includes(`'${id}'`), id);
    });
  }

  it('knows at least from at most', () => {
    const met = (goal: GoalId, got: number) => isMet({ goal, got, baseline, ratio: 1 });
    assert.deepEqual(
      [met('policy_100', 99_999), met('policy_100', 100_000), met('call_cpu', 300), met('call_cpu', 301)],
      [false, true, true, false],
    );
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
  });
});

describe('results', () => {
  const machine = '2 × Any CPU';
  const date = new Date('2026-01-02T03:04:05Z');

  it('has a line for every goal, the one nobody measured too', () => {
    const measured = [{ goal: 'policy_100', got: 120_000, baseline, ratio: 4.5 }] as const;
    const also = [['loading', '3 ms']] as const;
    const text = resultsText([{ bench: 'policy', load: 0.5, report: { measured, also } }], { machine, date });
    for (const id of ids) assert.ok(text.includes(GOALS[id].says), id);
    assert.match(text, /2 × Any CPU; 2026-01-02/);
    assert.match(text, /\| at least 100,000\/s \| 120,000\/s \| bare: 1\.00\/s \| 4\.50 \| met \|/);
    assert.equal(text.match(/not measured/g)?.length, ids.length - 1);
    assert.match(text, new RegExp(`^${ids.length - 1} of ${ids.length} goals were not met`, 'm'));
  });

  it('says so when a goal is not met', () => {
    const measured = [{ goal: 'call_cpu', got: 301, baseline, ratio: 1 }] as const;
    const text = resultsText([{ bench: 'call', load: 0.5, report: { measured, also: [] } }], {
      machine,
      date,
    });
    assert.match(text, /\| 301 µs \| .* \| \*\*not met\*\* \|/);
  });
});
