/**
 * Pages of long lists: requests, and the history of calls with its filters and its search, among 100,000 and among 1,000 of
 * the same. And what it costs the main thread to have a call in the history. Real store, real views; rows are copies of
 * real ones under other names and words. Run: npm run bench lists/pages
 */
import type { CallFilter } from '@countersign/sdk';
import { createKnownSecrets } from '../../gateway/src/masking/known/known.ts';
import { createMasking } from '../../gateway/src/masking/masking.ts';
import type { RequestFilter } from '../../gateway/src/requests/requests.ts';
import { type HistoryRig, openHistoryRig } from '../../gateway/testing/history.ts';
import { held, permitted, policyOf } from '../../gateway/testing/rig.ts';
import { type Bench, median, runAlone, shown } from '../goals.ts';
import { fillLists } from './fill.ts';

const PAGE = { limit: 50 };
const TIMES = 15;

const REQUESTS: readonly (readonly [string, RequestFilter])[] = [
  ['all', {}],
  ['denied ones', { status: 'denied' }],
  ['of a rare agent', { agent: 'agent-7' }],
  ['of an upstream', { upstream: 'upstream-3' }],
  ['cancelled, of an agent', { status: 'cancelled', agent: 'agent-7' }],
  ['at high risk', { risk: 'high' }],
];
const CALLS: readonly (readonly [string, CallFilter])[] = [
  ['all', {}],
  ['of a rare agent', { agent: 'agent-7' }],
  ['failed', { outcome: 'failed' }],
  ['failed, of an agent, at an upstream', { outcome: 'failed', agent: 'agent-7', upstream: 'upstream-3' }],
  ['one word of few', { q: 'rare7' }],
  ['a word of all', { q: 'report' }],
  ['two words next to each other', { q: 'srv/data' }],
  ['a beginning', { q: 'rar' }],
  ['a word and a filter', { q: 'report', outcome: 'failed' }],
  ['of some minutes', { from: 1_800_000_400_000, to: 1_800_000_490_000 }],
];

type Times = ReadonlyMap<string, number>;

/** Both houses turn about, so that what else the machine does falls on both. The first page, then one far down. */
async function timeBoth(
  houses: readonly [HistoryRig, HistoryRig],
  names: readonly string[],
  ask: (house: HistoryRig, name: string) => Promise<unknown>,
): Promise<readonly [Times, Times]> {
  const all = houses.map(() => new Map<string, number>());
  for (const name of names) {
    const taken: number[][] = houses.map(() => []);
    for (let n = 0; n < TIMES; n += 1)
      for (const [at, house] of houses.entries()) {
        const began = performance.now();
        await ask(house, name);
        taken[at]?.push(performance.now() - began);
      }
    for (const [at, times] of taken.entries()) all[at]?.set(name, median(times));
  }
  const [small = new Map(), large = new Map()] = all;
  return [small, large];
}

const pageOf = <F>(
  list: readonly (readonly [string, F])[],
  page: (house: HistoryRig, filter: F) => Promise<{ readonly items: readonly unknown[] }>,
) => ({
  names: list.map(([name]) => name),
  ask: async (house: HistoryRig, wanted: string): Promise<void> => {
    const found = list.find(([name]) => name === wanted);
    if (found === undefined) throw new Error(`no list is called ${wanted}`);
    const { items } = await page(house, found[1]);
    if (items.length === 0) throw new Error(`${wanted}: nothing was found`);
  },
});

const worst = (small: Times, large: Times) =>
  [...large]
    .map(([name, ms]) => ({ name, ms, before: small.get(name) ?? Number.NaN }))
    .map((each) => ({ ...each, ratio: each.ms / each.before }))
    .sort((a, b) => b.ms - a.ms);

/** Calls policy allows, ended; then the log followed, alone. */
async function follow(house: HistoryRig, calls: number): Promise<number> {
  await house.stop();
  for (let n = 0; n < calls; n += 1) {
    const args = { n, path: `/srv/data/reports/${n}.txt`, text: `The quick brown fox, ${n}` };
    await permitted(await house.rig.call('read', args)).finish({ status: 'succeeded' });
  }
  await house.start();
  const began = process.threadCpuUsage();
  for (let asked = 0; ; asked += 1) {
    const { followed } = await house.history.calls({}, { limit: 1 });
    if (followed.behind === 0) break;
    if (asked > calls) throw new Error(`the history does not follow: ${followed.behind} entries behind`);
  }
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / calls;
}

async function open(requests: number): Promise<HistoryRig> {
  const house = await openHistoryRig(policyOf({ read: { then: 'allow' }, write: { then: 'require' } }));
  const args = { path: '/srv/data/report.txt', text: 'the original of all' };
  await house.rig.requests.cancel(held(await house.rig.call('write', args)).id, 'alice');
  await house.history.calls({}, PAGE);
  await upkept(house);
  await fillLists(house.rig.store, requests);
  return house;
}

/** Until what stands there has been made again as masking is now; the copies' words are not what their text says. */
async function upkept({ rig: { store } }: HistoryRig): Promise<void> {
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    const [row] = await store.read({ sql: "SELECT value FROM meta WHERE name = 'calls_masked'", params: [] });
    const state = JSON.parse(String(row?.['value'] ?? '{}')) as { after?: number; until?: number };
    if (state.after !== undefined && state.after >= (state.until ?? Number.POSITIVE_INFINITY)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the index was never made again');
}

export const bench: Bench = async ({ quick }) => {
  const [few, many, calls] = quick ? [400, 800, 20] : [1_000, 100_000, 3_000];
  createMasking(createKnownSecrets()); // loaded before anything is timed
  const houses = [await open(few), await open(many)] as const;
  const [small] = houses;
  try {
    const requests = pageOf(REQUESTS, ({ rig }, filter) => rig.requests.list(filter, PAGE));
    const history = pageOf(CALLS, (house, filter) => house.history.calls(filter, PAGE));
    const asked = worst(...(await timeBoth(houses, requests.names, requests.ask)));
    const done = worst(...(await timeBoth(houses, history.names, history.ask)));
    const us = await follow(small, calls);
    const measured = (
      [
        ['lists_requests', asked],
        ['lists_calls', done],
      ] as const
    ).map(([goal, [slowest]]) => ({
      goal,
      got: slowest?.ms ?? Number.NaN,
      baseline: {
        name: `the same (${slowest?.name}) among 1,000`,
        value: slowest?.before ?? Number.NaN,
        unit: ' ms',
      },
      ratio: slowest?.ratio ?? Number.NaN,
    }));
    return {
      measured: [
        ...measured,
        {
          goal: 'lists_follow',
          got: us,
          baseline: { name: 'a page of all calls', value: (done.at(-1)?.before ?? 0) * 1000, unit: ' µs' },
          ratio: us / ((done.at(-1)?.before ?? 0) * 1000),
        },
      ],
      also: [
        ...asked.map((each) => ['requests', each] as const),
        ...done.map((each) => ['calls', each] as const),
      ].map(([what, { name, ms, before }]) => [
        `${what}, ${name}`,
        `${shown(ms, ' ms')} among ${many.toLocaleString('en-US')}, ${shown(before, ' ms')} among ${few.toLocaleString('en-US')}`,
      ]),
    };
  } finally {
    for (const house of houses) await house.close();
  }
};

await runAlone(import.meta.url, bench);
