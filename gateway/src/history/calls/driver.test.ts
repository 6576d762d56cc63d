import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CallFilter } from '@countersign/sdk';
import { type HistoryRig, openHistoryRig } from '../../../testing/history.ts';
import { held, permitted, policyOf } from '../../../testing/rig.ts';
import { changing } from '../../store/schema/history/0024-changing.ts';
import type { Query, Store } from '../../store/store.ts';
import { listCalls } from './list.ts';

let house: HistoryRig;
before(async () => {
  house = await openHistoryRig(policyOf({ read: { then: 'allow' }, write: { then: 'require' } }));
  for (const [n, word] of ['zebra', 'okapi', 'zebra', 'gnu'].entries()) {
    const run = permitted(await house.rig.call('read', { word, n }));
    await run.finish({ status: n % 2 === 0 ? 'succeeded' : 'failed' });
    const { id } = held(await house.rig.call('write', { word, n }));
    if (n > 0) await house.rig.answer(id, n === 1 ? 'carol' : 'bob', { decision: 'denied' });
    await house.rig.call('nothing', { word, n });
  }
  while ((await house.history.calls({}, { limit: 1 })).followed.behind > 0);
});
after(() => house.close());

/** Says that few, or many, calls have what is counted; keeps what is asked last. */
function counting(n: number): { readonly store: Store; last(): Query } {
  const { store } = house.rig.deps;
  let last: Query = { sql: '', params: [] };
  const read: Store['read'] = (query) => {
    if (query.sql.endsWith('AS few')) return Promise.resolve([{ n }]) as ReturnType<Store['read']> as never;
    last = query;
    return store.read(query);
  };
  return { store: { ...store, read }, last: () => last };
}

const FILTERS: readonly CallFilter[] = [
  {},
  { outcome: 'failed' },
  { permitted_by: 'policy' },
  { reviewer: 'bob' },
  { reviewer: 'carol', outcome: 'denied' },
  { reviewer: 'carol', outcome: 'failed' },
  { outcome: 'succeeded', permitted_by: 'policy' },
  { q: 'zebra' },
  { q: 'zebra', outcome: 'denied' },
  { q: 'zeb', reviewer: 'bob' },
  { agent: 'coder', outcome: 'succeeded' },
  { resource: 'read', permitted_by: 'policy', q: 'okapi' },
];

describe('a page of calls is the same whatever leads, and in order', () => {
  for (const filter of FILTERS)
    it(JSON.stringify(filter), async () => {
      const { items: all } = await listCalls(house.rig.deps.store, {}, { limit: 99 });
      const { items: found } =
        filter.q === undefined
          ? { items: all }
          : await listCalls(house.rig.deps.store, { q: filter.q }, { limit: 99 });
      const want = found.filter(
        (call) =>
          (filter.outcome ?? call.outcome) === call.outcome &&
          (filter.permitted_by ?? call.permitted_by) === call.permitted_by &&
          (filter.agent ?? call.agent) === call.agent &&
          (filter.resource ?? call.resource) === call.resource &&
          (filter.reviewer === undefined ||
            call.reviews.some(({ reviewer }) => reviewer === filter.reviewer)),
      );
      for (const n of [0, 1_000_000]) {
        const { store, last } = counting(n);
        const paged = [];
        for (let cursor: string | undefined; ; ) {
          const page = await listCalls(store, filter, {
            limit: 2,
            ...(cursor === undefined ? {} : { cursor }),
          });
          paged.push(...page.items);
          cursor = page.next_cursor;
          if (cursor === undefined) break;
        }
        assert.deepEqual(
          paged.map(({ id }) => id),
          want.map(({ id }) => id),
        );
        const { sql, params } = last();
        const plan = await store.read({ sql: `EXPLAIN QUERY PLAN ${sql}`, params });
        assert.doesNotMatch(plan.map(({ detail }) => detail).join('; '), /SCAN r\b|TEMP B-TREE|AUTOMATIC/);
      }
    });
});

it('who answered is known of what an older build told', async () => {
  const asked = async () => (await house.history.calls({ reviewer: 'bob' }, { limit: 9 })).items.length;
  const were = await asked();
  const run = (sql: string) =>
    house.rig.store.commit({
      name: 'test',
      steps: [{ name: 'test', sql, params: [], rows: 'any' }],
      entries: [],
    });
  await run('DELETE FROM call_reviewers');
  assert.equal(await asked(), 0);
  await run(changing.sql.at(-1) ?? '');
  assert.deepEqual([await asked(), were], [2, 2]);
});

it('what becomes of a call changes nothing it is found by', async () => {
  const steps: string[] = [];
  const { store } = house.rig.deps;
  const { id } = held(await house.rig.call('write', { word: 'quagga' }));
  assert.equal(
    (await house.history.calls({ q: 'quagga', outcome: 'waiting' }, { limit: 9 })).items.length,
    1,
  );
  await house.stop();
  const commit: Store['commit'] = (command) => {
    steps.push(...command.steps.map(({ sql }) => sql));
    return store.commit(command);
  };
  await house.start({ store: { ...store, commit } });
  await house.rig.answer(id, 'bob', { decision: 'denied' });
  const { items } = await house.history.calls(
    { q: 'quagga', outcome: 'denied', reviewer: 'bob' },
    { limit: 9 },
  );
  assert.equal(items.length, 1);
  assert.deepEqual(
    steps.filter((sql) => sql.includes('search_')),
    [],
  );
});
