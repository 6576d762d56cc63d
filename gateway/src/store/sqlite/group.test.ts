import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, it } from 'node:test';
import { command, entry, put } from '../contract.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { StoreRefused } from '../store.ts';
import { type Committer, committer } from './group.ts';
import { migrate } from './migrate.ts';
import { statementCache } from './statements.ts';

let db: DatabaseSync;
let group: Committer;
beforeEach(() => {
  db = new DatabaseSync(':memory:');
  migrate(db, MIGRATIONS, 1);
  const signed = (): never => {
    throw new StoreRefused('no key');
  };
  group = committer(db, { statements: statementCache(db), signed });
});

const names = (): readonly unknown[] =>
  db
    .prepare("SELECT name FROM meta WHERE name LIKE 'g-%' ORDER BY name")
    .all()
    .map(({ name }) => name);
const good = (name: string) => command([put(`g-${name}`, 'x')], [entry(name)]);
const missed = (name: string) =>
  command([put(`g-${name}`, 'x'), { name: 'guard', sql: 'SELECT 1', params: [], rows: 2 }]);
const wrong = (name: string) =>
  command([put(`g-${name}`, 'x'), { name: 'wrong', sql: 'SELECT nothing', params: [], rows: 'any' }]);

describe('a group that was begun', () => {
  it('is run but not stored, and ends with whoever comes, in order', () => {
    group.begin([good('a')]);
    group.begin([good('b')]);
    assert.ok(db.isTransaction);
    assert.equal(group.size(), 0);
    assert.deepEqual(group.commit([good('c')]), { answers: [0, 1, 2] });
    assert.ok(!db.isTransaction);
    assert.deepEqual([names(), group.size()], [['g-a', 'g-b', 'g-c'], 3]);
    assert.deepEqual(group.commit([good('d')]), { answers: [3] });
  });

  it('ends though nobody comes', () => {
    group.begin([good('a')]);
    assert.deepEqual(group.commit([]), { answers: [0] });
    assert.deepEqual([names(), db.isTransaction], [['g-a'], false]);
  });

  it('is stored for nobody where the disk failed it, and those after it are', () => {
    const pages = (count: number) => db.exec(`PRAGMA max_page_count = ${count}`);
    pages(Number(db.prepare('PRAGMA page_count').get()?.['page_count']));
    group.begin([command([put('g-a', 'x'.repeat(100_000))])]);
    pages(1_000_000);
    group.begin([good('b')]);
    const { answers, stopped } = group.commit([good('c')]);
    assert.deepEqual(
      answers.map((answer) => Object(answer).stored),
      ['no', 'no', 'no'],
    );
    assert.equal(stopped, undefined, 'a full disk is over when there is room again');
    assert.deepEqual(group.commit([good('d')]), { answers: [0] });
    assert.deepEqual([names(), db.isTransaction], [['g-d'], false]);
  });

  for (const [what, early, late] of [
    ['first', ['bad', 'a'], ['b']],
    ['last of those that began it', ['a', 'bad'], ['b']],
    ['among those that come', ['a', 'b'], ['bad']],
  ] as const)
    for (const [fault, made, told] of [
      ['a guard', missed, { guard: 'guard' }],
      ['a wrong statement', wrong, { refused: /nothing/ }],
    ] as const)
      it(`falls apart where ${fault} does not hold, ${what}, and nowhere else`, () => {
        const of = (name: string) => (name === 'bad' ? made(name) : good(name));
        for (const name of early) group.begin([of(name)]);
        const { answers } = group.commit(late.map(of));
        const all = [...early, ...late];
        const bad = answers[all.indexOf('bad')];
        if ('guard' in told) assert.deepEqual(bad, told);
        else assert.match(Object(bad).refused, told.refused);
        assert.deepEqual(
          answers.filter((answer) => answer !== bad),
          [0, 1],
        );
        assert.deepEqual([names(), db.isTransaction], [['g-a', 'g-b'], false]);
        assert.deepEqual(group.commit([good('z')]), { answers: [2] });
      });
});
