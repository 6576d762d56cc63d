/** The suite every adapter of {@link Store} runs. It only uses the port, two tables of the schema, and the log. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { searching } from './search-contract.ts';
import {
  type Command,
  type NewEntry,
  type Step,
  type Store,
  StoreRefused,
  StoreUnavailable,
} from './store.ts';

export type Place = {
  /** Opens the store of this place; closed and opened again it holds the same rows. */
  open(limits?: { readonly commands_max?: number }): Promise<Store>;
  remove(): Promise<void>;
};
export type Adapter = { readonly name: string; place(): Promise<Place> };

export const entry = (id: string, terms: NewEntry['terms'] = {}): NewEntry => ({
  event_id: id,
  kind: 'system',
  occurred_at: 1_700_000_000_000,
  envelope: `{"envelope":"${id}"}`,
  leaf: `{"leaf":"${id}"}`,
  terms,
});
export const put = (name: string, value: string): Step => ({
  name: 'put',
  sql: 'INSERT INTO meta (name, value) VALUES ($1, $2)',
  params: [name, value],
  rows: 1,
});
/** Compare-and-set of one row, as every state change in the gateway is. */
export const swap = (name: string, from: string, to: string): Step => ({
  name: 'swap',
  sql: 'UPDATE meta SET value = $3 WHERE name = $1 AND value = $2',
  params: [name, from, to],
  rows: 1,
});
export const command = (steps: readonly Step[], entries: readonly NewEntry[] = []): Command => ({
  name: 'test',
  steps,
  entries,
});

const metaValue = async (store: Store, name: string): Promise<unknown> =>
  (await store.read({ sql: 'SELECT value FROM meta WHERE name = $1', params: [name] }))[0]?.['value'];
const leaves = (store: Store) =>
  store.read({
    sql: 'SELECT leaf_index, event_id FROM entries ORDER BY leaf_index',
    params: [],
    rows_max: 100_000,
  });

export function storeContract(adapter: Adapter): void {
  describe(`${adapter.name}: the store's contract`, () => {
    let place: Place;
    let store: Store;
    before(async () => {
      place = await adapter.place();
      store = await place.open();
    });
    after(async () => {
      await store.close();
      await place.remove();
    });

    guards(() => store);
    theLog(() => store);
    reads(() => store);
    searching(() => store);
    bounds(adapter);
  });
}

function guards(store: () => Store): void {
  it('names the first step whose guard does not hold, and does nothing of the command', async () => {
    await store().commit(command([put('guard', 'a')]));
    const steps = [put('guard-other', 'x'), swap('guard', 'not-a', 'b'), swap('guard', 'a', 'c')];
    const outcome = await store().commit(command(steps, [entry('guard-entry')]));
    assert.deepEqual(outcome, { ok: false, guard: 'swap' });
    assert.equal(await metaValue(store(), 'guard-other'), undefined);
    assert.equal(await metaValue(store(), 'guard'), 'a');
    assert.deepEqual(
      (await leaves(store())).filter((row) => row['event_id'] === 'guard-entry'),
      [],
    );
  });

  it('counts rows of SELECT and RETURNING as guards', async () => {
    const look = (rows: number): Step => ({
      name: 'look',
      sql: 'SELECT epoch FROM authority WHERE epoch = $1',
      params: [1],
      rows,
    });
    assert.deepEqual(await store().commit(command([look(1), put('seen', 'a')])), {
      ok: true,
      first_leaf: -1,
    });
    assert.deepEqual(await store().commit(command([look(0), put('unseen', 'a')])), {
      ok: false,
      guard: 'look',
    });
    const returning: Step = {
      ...put('returned', 'a'),
      sql: 'INSERT INTO meta (name, value) VALUES ($1, $2) RETURNING name',
    };
    assert.deepEqual(await store().commit(command([returning])), { ok: true, first_leaf: -1 });
    assert.equal(await metaValue(store(), 'unseen'), undefined);
  });

  it('answers a taken unique key as a guard, so that racing inserts have one winner', async () => {
    const outcomes = await Promise.all(
      [1, 2, 3].map((n) => store().commit(command([put('taken', String(n))]))),
    );
    assert.deepEqual(
      outcomes.map((outcome) => outcome.ok),
      [true, false, false],
    );
  });

  it('lets exactly one of many concurrent compare-and-sets win (A8)', async () => {
    await store().commit(command([put('race', 'free')]));
    const racers = Array.from({ length: 100 }, (_, n) =>
      store().commit(command([swap('race', 'free', `won-by-${n}`)], [entry(`race-${n}`)])),
    );
    const outcomes = await Promise.all(racers);
    const winners = outcomes.flatMap((outcome, n) => (outcome.ok ? [n] : []));
    assert.equal(winners.length, 1);
    assert.equal(await metaValue(store(), 'race'), `won-by-${winners[0]}`);
    const logged = (await leaves(store())).filter((row) => String(row['event_id']).startsWith('race-'));
    assert.deepEqual(
      logged.map((row) => row['event_id']),
      [`race-${winners[0]}`],
    );
  });

  it('refuses a broken statement as the caller’s mistake and stays open', async () => {
    const broken: readonly (readonly [string, Step])[] = [
      ['syntax', { name: 'bad', sql: 'INSRT INTO meta', params: [], rows: 'any' }],
      ['too few parameters', { ...put('p', 'v'), params: ['p'] }],
      ['too many parameters', { ...put('p', 'v'), params: ['p', 'v', 'w'] }],
      [
        'two statements',
        { ...put('p', 'v'), sql: 'INSERT INTO meta (name, value) VALUES ($1, $2); DELETE FROM meta' },
      ],
      [
        'another constraint',
        { name: 'null', sql: 'INSERT INTO meta (name, value) VALUES ($1, $2)', params: ['n', null], rows: 1 },
      ],
    ];
    for (const [what, step] of broken) {
      await assert.rejects(store().commit(command([put(`before-${what}`, 'x'), step])), StoreRefused, what);
      assert.equal(await metaValue(store(), `before-${what}`), undefined, what);
    }
    assert.equal((await store().commit(command([put('still-open', 'x')]))).ok, true);
  });

  it('lets a failed neighbour of the same group fail alone', async () => {
    const steps = ['g1', 'g2', 'g3'].map((name) => put(name, 'x'));
    const [first, second, third] = steps.map((step, n) =>
      store().commit(command([n === 1 ? { ...step, sql: 'nonsense' } : step], [entry(`neighbour-${n}`)])),
    );
    assert.ok((await first)?.ok);
    await assert.rejects(second ?? Promise.resolve(), StoreRefused);
    assert.ok((await third)?.ok);
    assert.equal(await metaValue(store(), 'g2'), undefined);
  });
}

function theLog(store: () => Store): void {
  it('gives dense leaf indexes in commit order, whatever failed between (I10)', async () => {
    const start = await store().logSize();
    const commits = Array.from({ length: 60 }, (_, n) => {
      const entries = Array.from({ length: n % 4 }, (_none, k) => entry(`dense-${n}-${k}`));
      return store().commit(
        command([n % 5 === 0 ? swap('nothing', 'a', 'b') : put(`dense-${n}`, 'x')], entries),
      );
    });
    const outcomes = await Promise.all(commits);
    const want = outcomes.flatMap((outcome, n) =>
      outcome.ok ? Array.from({ length: n % 4 }, (_, k) => `dense-${n}-${k}`) : [],
    );
    const rows = (await leaves(store())).slice(start);
    assert.deepEqual(
      rows.map((row) => row['event_id']),
      want,
    );
    assert.deepEqual(
      rows.map((row) => row['leaf_index']),
      want.map((_, k) => start + k),
    );
    assert.equal(await store().logSize(), start + want.length);
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome.ok && n % 4 > 0)
        assert.equal(rows[outcome.first_leaf - start]?.['event_id'], `dense-${n}-0`);
      if (outcome.ok && n % 4 === 0) assert.equal(outcome.first_leaf, -1);
    }
  });

  it('refuses an event id that is already in the log, with the state it came with', async () => {
    await store().commit(command([], [entry('twice')]));
    await assert.rejects(store().commit(command([put('with-twice', 'x')], [entry('twice')])), StoreRefused);
    assert.equal(await metaValue(store(), 'with-twice'), undefined);
  });

  it('keeps the terms an entry is looked up by', async () => {
    const terms = {
      request_id: 'r',
      execution_id: 'e',
      agent: 'a',
      reviewer: 'p',
      action: 'c',
      resource: 's',
      upstream: 'u',
    };
    await store().commit(command([], [entry('terms', { ...terms, rules: ['two', 'one', 'two'] })]));
    const [row] = await store().read({ sql: 'SELECT * FROM entries WHERE event_id = $1', params: ['terms'] });
    for (const [term, value] of Object.entries(terms)) assert.equal(row?.[term], value);
    assert.equal(row?.['rules'], '["one","two"]');
  });

  it('tells listeners the size after a commit that appended, until they leave', async () => {
    const told: number[] = [];
    const leave = store().onAppend((size) => told.push(size));
    await store().commit(command([put('quiet', 'x')]));
    assert.deepEqual(told, []);
    await store().commit(command([], [entry('loud')]));
    assert.deepEqual(told, [await store().logSize()]);
    leave();
    await store().commit(command([], [entry('unheard')]));
    assert.equal(told.length, 1);
  });
}

function reads(store: () => Store): void {
  it('reads every commit acknowledged before the read was asked', async () => {
    await store().commit(command([put('counter', '0')]));
    for (let n = 0; n < 200; n += 1) {
      await store().commit(command([swap('counter', String(n), String(n + 1))]));
      assert.equal(await metaValue(store(), 'counter'), String(n + 1));
    }
  });

  it('keeps whole numbers, text, bytes and null as they are', async () => {
    const cases = [
      0,
      -1,
      2 ** 53 - 1,
      1_700_000_000_000,
      'a\u0000b',
      '',
      '…🙂',
      null,
      new Uint8Array([0, 255]),
    ];
    for (const value of cases) {
      const [row] = await store().read({ sql: 'SELECT $1 AS v', params: [value] });
      assert.deepEqual(row?.['v'], value);
    }
    const [row] = await store().read({
      sql: "SELECT $2 AS b, $1 AS a, '$1' AS text",
      params: ['one', 'two'],
    });
    assert.deepEqual({ ...row }, { b: 'two', a: 'one', text: '$1' });
  });

  it('refuses more rows than the caller allows, and a read that writes', async () => {
    for (const n of [1, 2, 3]) await store().commit(command([put(`many-${n}`, 'x')]));
    const many = { sql: "SELECT name FROM meta WHERE name LIKE 'many-%'", params: [] };
    assert.equal((await store().read({ ...many, rows_max: 3 })).length, 3);
    await assert.rejects(store().read({ ...many, rows_max: 2 }), StoreRefused);
    await assert.rejects(store().read({ sql: 'SELECT nonsense FROM nowhere', params: [] }), StoreRefused);
    await assert.rejects(store().read({ sql: 'DELETE FROM meta RETURNING name', params: [] }));
    assert.equal((await store().read(many)).length, 3);
  });
}

function bounds(adapter: Adapter): void {
  it('refuses commands over the bound at once, certainly not stored, and keeps the rest (A21)', async () => {
    const place = await adapter.place();
    const store = await place.open({ commands_max: 10 });
    const settled = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) => store.commit(command([put(`b${n}`, 'x')]))),
    );
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(refused.length, 20);
    assert.ok(
      refused.every(
        (error) =>
          error instanceof StoreUnavailable && error.stored === 'no' && /overloaded/.test(error.message),
      ),
    );
    const [row] = await store.read({
      sql: "SELECT COUNT(*) AS n FROM meta WHERE name LIKE 'b%'",
      params: [],
    });
    assert.equal(row?.['n'], 10);
    assert.equal((await store.commit(command([put('after', 'x')]))).ok, true);
    await store.close();
    await place.remove();
  });

  it('finishes what it accepted before it closes, refuses afterwards, and is all there when opened again', async () => {
    const place = await adapter.place();
    const store = await place.open();
    const accepted = Array.from({ length: 50 }, (_, n) =>
      store.commit(command([put(`c${n}`, 'x')], [entry(`close-${n}`)])),
    );
    assert.equal(store.trouble(), undefined);
    const closed = store.close();
    assert.match(store.trouble() ?? '', /closed/);
    assert.ok((await Promise.all(accepted)).every((outcome) => outcome.ok));
    await closed;
    await assert.rejects(
      store.commit(command([put('late', 'x')])),
      (error) => error instanceof StoreUnavailable && error.stored === 'no',
    );
    await assert.rejects(store.read({ sql: 'SELECT 1 AS one', params: [] }), StoreUnavailable);
    await store.close();
    const again = await place.open();
    assert.equal(await again.logSize(), 50);
    assert.deepEqual(await again.commit(command([], [entry('next')])), { ok: true, first_leaf: 50 });
    await again.close();
    await place.remove();
  });
}
