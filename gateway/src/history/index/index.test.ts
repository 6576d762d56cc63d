/** What calls are found by, while it is brought up, made again and thrown away: everything is found meanwhile, and nothing that is gone. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type HistoryRig, openHistoryRig } from '../../../testing/history.ts';
import { held, policyOf } from '../../../testing/rig.ts';
import { until } from '../../../testing/until.ts';
import { createKnownSecrets } from '../../masking/known/known.ts';
import { createMasking } from '../../masking/masking.ts';
import { MIGRATIONS } from '../../store/schema/migrations.ts';
import { migrate } from '../../store/sqlite/migrate.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite.ts';
import type { Command, Step, Store } from '../../store/store.ts';
import { createMover } from './move.ts';
import { createPace } from './pace.ts';
import { BEFORE, moveOf, TABLE } from './table.ts';

const POLICY = policyOf({ write: { then: 'require' } });

let house: HistoryRig;
beforeEach(async () => {
  house = await openHistoryRig(POLICY);
});
afterEach(() => house.close());

const ask = async (word: string): Promise<string> =>
  held(await house.rig.call('write', { word }, word === 'late' ? 'other' : 'coder')).id;
const deny = (id: string) => house.rig.answer(id, 'bob', { decision: 'denied' });
const found = async (q: string): Promise<number> =>
  (await house.history.calls({ q }, { limit: 200 })).items.length;
const count = async (table: string): Promise<number> =>
  Number((await house.rig.store.read({ sql: `SELECT COUNT(*) AS n FROM ${table}`, params: [] }))[0]?.['n']);
const run = (sql: string, params: Step['params'] = []) =>
  house.rig.store.commit({ name: 'test', steps: [{ name: 'test', sql, params, rows: 'any' }], entries: [] });
/** Another object of the same store: nothing is remembered of it. */
const again = (over: Partial<Store> = {}): Store => ({ ...house.rig.deps.store, ...over });

/** Commits of this name are refused while it says so. */
const holding = (name: string, refuses: (command: Command) => boolean): Partial<Store> => ({
  commit: (command) =>
    command.name === name && refuses(command)
      ? Promise.reject(new Error('not now'))
      : house.rig.deps.store.commit(command),
});

describe('a store whose words have no index of their beginnings', () => {
  /** As an older build left it. */
  async function makeOlder(): Promise<void> {
    await house.stop();
    await run(`INSERT INTO ${BEFORE} (rowid, terms, words) SELECT rowid, terms, words FROM ${TABLE}`);
    await run(`DELETE FROM ${TABLE}`);
    await run(
      "UPDATE meta SET value = (SELECT COALESCE(MAX(seq), -1) FROM calls) WHERE name = 'index_until'",
    );
    await run("UPDATE meta SET value = '-1' WHERE name = 'index_moved'");
  }

  it('is moved while everything is found, changes are taken up, and what is erased is found no more', async () => {
    for (let n = 0; n < 40; n += 1) await house.rig.call('nothing', { n });
    const [first, last] = [await ask('hippopotamus'), await ask('rhinoceros')];
    assert.deepEqual([await found('hippopotamus'), await found('rhinoceros')], [1, 1]);
    await makeOlder();
    await house.start({ store: again(holding('move-index', () => true)) });
    const move = createMover(again());
    await move();
    assert.ok((await count(TABLE)) < 42, 'half moved');
    assert.deepEqual([await found('hippop'), await found('rhinoceros')], [1, 1]);
    // Told while it moves: new ones, what becomes of older ones, and one that is erased before it was moved.
    await ask('late');
    assert.equal(await found('late'), 1);
    await deny(first);
    await deny(last);
    assert.equal(
      (await house.history.calls({ outcome: 'denied', q: 'write' }, { limit: 9 })).items.length,
      2,
    );
    assert.equal((await house.rig.requests.erase(last, 'dan', 'asked to')).kind, 'erased');
    assert.equal(await found('rhinoceros'), 0);
    while (await move());
    assert.deepEqual(await moveOf(again()), { kind: 'done' });
    assert.deepEqual([await count(BEFORE), await count(TABLE)], [0, 43]);
    assert.deepEqual([await found('hippop'), await found('late'), await found('rhinoceros')], [1, 1, 0]);
    assert.equal(
      (await house.history.calls({ outcome: 'denied', q: 'write' }, { limit: 9 })).items.length,
      2,
    );
    // Moved, and erased since: from both, and from the files.
    assert.equal((await house.rig.requests.erase(first, 'dan', 'asked to')).kind, 'erased');
    assert.equal(await found('hippopotamus'), 0);
    const files = readdirSync(house.rig.dir).map((file) => readFileSync(path.join(house.rig.dir, file)));
    assert.ok(!files.some((bytes) => bytes.includes('ippopotamus') || bytes.includes('hinoceros')));
  });

  it('goes on from wherever it stopped, stored or not', async () => {
    for (let n = 0; n < 100; n += 1) await house.rig.call('nothing', { n });
    assert.equal(await found('nothing'), 100);
    await makeOlder();
    let turn = 0;
    const { commit } = house.rig.deps.store;
    const faulty = again({
      async commit(command) {
        turn += 1;
        if (turn % 3 === 1) throw new Error('failed, and not stored');
        const outcome = await commit(command);
        if (turn % 3 === 2) throw new Error('failed, but stored');
        return outcome;
      },
    });
    for (let left = true; left; ) left = await createMover(faulty)().catch(() => true);
    assert.deepEqual([await count(BEFORE), await count(TABLE)], [0, 100]);
    await house.start({ store: again() });
    assert.equal(await found('noth'), 100);
  });

  it('made by an older build: the new table has the index, and has everything', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'countersign-older-'));
    const file = path.join(dir, 'store.db');
    const db = new DatabaseSync(file);
    migrate(db, MIGRATIONS.slice(0, 20), 1);
    db.exec(
      `DROP TABLE ${BEFORE}; CREATE VIRTUAL TABLE ${BEFORE} USING fts5(terms, words, columnsize = 0, tokenize = 'ascii')`,
    );
    const columns = db
      .prepare('SELECT name FROM pragma_table_info(\'calls\') WHERE "notnull" = 1')
      .all()
      .map((row) => String(row['name']));
    const texts = columns.filter((name) => !['seq', 'decision'].includes(name));
    const call = db.prepare(
      `INSERT INTO calls (seq, decision, ${texts.join(', ')}) VALUES (?, 'denied', ${texts.map(() => '?').join(', ')})`,
    );
    const words = db.prepare(`INSERT INTO ${BEFORE} (rowid, terms, words) VALUES (?, 'x', ?)`);
    db.exec('BEGIN');
    for (let n = 1; n <= 300; n += 1) {
      call.run(n, ...texts.map((name) => (name === 'rules' || name === 'reviews' ? '[]' : `${n}`)));
      words.run(n, `abcd${n} efgh`);
    }
    db.exec('COMMIT');
    db.close();
    const store = await openSqliteStore({ path: file });
    try {
      const move = createMover(store);
      while (await move());
      const [made] = await store.read({
        sql: 'SELECT sql FROM sqlite_master WHERE name = $1',
        params: [TABLE],
      });
      assert.match(String(made?.['sql']), /prefix = '1 2 3 4'/);
      const [kept] = await store.read({
        sql: `SELECT COUNT(*) AS n, MIN(words) AS first FROM ${TABLE}`,
        params: [],
      });
      assert.deepEqual({ ...kept }, { n: 300, first: 'abcd1 efgh' });
    } finally {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('secrets that are known since', () => {
  const SECRET = 'correcthorsebattery';
  const masking = createMasking(createKnownSecrets([{ value: SECRET, label: 'upstream-key' }]));
  const sentences = async () => JSON.stringify((await house.history.calls({}, { limit: 99 })).items);

  it('are taken out of the words and sentences there are, and of nothing else', async () => {
    await ask(SECRET);
    await ask('zebra');
    for (let n = 0; n < 30; n += 1) await house.rig.call('nothing', { n });
    assert.deepEqual([await found(SECRET), await found('zebra')], [1, 1]);
    await house.stop();
    await house.start({ masking, store: again() });
    await until('it is found no more', async () => (await found(SECRET)) === 0);
    assert.doesNotMatch(await sentences(), new RegExp(SECRET));
    assert.match(await sentences(), /upstream-key/);
    assert.deepEqual([await found('zebra'), await found('nothing')], [1, 30]);
    const rows = await house.rig.store.read({ sql: `SELECT words FROM ${TABLE}`, params: [] });
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(SECRET));
  });

  it('do not bring back what was erased meanwhile', async () => {
    const id = await ask(`${SECRET} quagga`);
    await deny(id);
    assert.equal(await found('quagga'), 1);
    await house.stop();
    let erased = false;
    const { commit } = house.rig.deps.store;
    // Read, and then, before it is written again, erased.
    const late = again({
      async commit(command) {
        if (command.name === 'index-again' && command.steps.length > 1 && !erased) {
          erased = true;
          assert.equal((await house.rig.requests.erase(id, 'dan', 'asked to')).kind, 'erased');
        }
        return commit(command);
      },
    });
    await house.start({ masking, store: late });
    await until('it was looked at', async () => erased);
    await until('it is done', async () => {
      const [row] = await house.rig.store.read({
        sql: "SELECT value FROM meta WHERE name = 'calls_masked'",
        params: [],
      });
      const { after, until: last } = JSON.parse(String(row?.['value'])) as { after: number; until: number };
      return after >= last;
    });
    assert.deepEqual([await found('quagga'), await found(SECRET)], [0, 0]);
    assert.match(await sentences(), /\(erased\)/);
  });

  it('are one state, whatever their order, and another where one is more', () => {
    const [a, b] = [
      { value: 'first-secret', label: 'a' },
      { value: 'second-secret', label: 'b' },
    ];
    const key = new Uint8Array(32).fill(1);
    const identity = (...secrets: readonly { value: string; label: string }[]) =>
      createMasking(createKnownSecrets(secrets)).identity(key);
    assert.equal(identity(a, b), identity(b, a));
    assert.notEqual(identity(a, b), identity(a));
    const known = createKnownSecrets([a]);
    const growing = createMasking(known);
    const before = growing.identity(key);
    known.add(b);
    assert.notEqual(growing.identity(key), before);
    assert.equal(growing.identity(key), identity(a, b));
    assert.notEqual(growing.identity(new Uint8Array(32)), identity(a, b), 'of one installation only');
  });
});

describe('what another build derived', () => {
  it('is thrown away in small commits, and derived again, once, whoever else does it too', async () => {
    for (let n = 0; n < 150; n += 1) await house.rig.call('nothing', { n });
    await ask('zebra');
    assert.equal(await found('nothing'), 150);
    await house.stop();
    await run("UPDATE meta SET value = '0' WHERE name = 'calls_version'");
    const sizes: number[] = [];
    const { commit } = house.rig.deps.store;
    const watched = again({
      async commit(command) {
        const before = command.name === 'history-anew' ? await count('calls') : 0;
        const outcome = await commit(command);
        if (command.name === 'history-anew') sizes.push(before - (await count('calls')));
        return outcome;
      },
    });
    await house.start({ store: watched });
    const others = await Promise.all(
      [1, 2].map(async () =>
        (await import('../history.ts')).openHistory({ ...house.rig.deps, store: again() }),
      ),
    );
    try {
      const { followed } = await house.history.calls({}, { limit: 1 });
      assert.ok(followed.behind >= 0);
      await until(
        'all is back',
        async () => (await house.history.calls({}, { limit: 1 })).followed.behind === 0,
      );
    } finally {
      for (const other of others) await other.close();
    }
    assert.deepEqual([await found('nothing'), await found('zebra')], [150, 1]);
    const [row] = await house.rig.store.read({
      sql: 'SELECT COUNT(*) AS calls, COUNT(DISTINCT id) AS ids, (SELECT SUM(calls) FROM trails) AS in_trails FROM calls',
      params: [],
    });
    assert.deepEqual({ ...row }, { calls: 151, ids: 151, in_trails: 151 });
    assert.equal(await count(TABLE), 151);
    assert.ok(sizes.length > 3, `${sizes.length} commits`);
  });
});

it('takes more while that is quick, fewer while it is slow, and never none', async () => {
  let clock = 0;
  const pace = createPace(64, () => clock);
  const take = (ms: number) =>
    pace.take(async () => {
      clock += ms;
    });
  const rows: number[] = [];
  for (const ms of [1, 1, 1, 1, 15, 30, 30, 30, 30, 30, 30, 30, 30, 1]) {
    await take(ms);
    rows.push(pace.rows);
  }
  assert.deepEqual(rows, [32, 64, 64, 64, 64, 32, 16, 8, 4, 2, 1, 1, 1, 2]);
});
