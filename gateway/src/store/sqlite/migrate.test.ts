import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { Migration } from '../schema/migration.ts';
import { MIGRATIONS } from '../schema/migrations.ts';
import { StoreRefused } from '../store.ts';
import { migrate } from './migrate.ts';
import { bind, statementCache, toSqlite } from './statements.ts';

const one: Migration = {
  version: 1,
  name: 'one',
  sql: ['CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY)', "INSERT INTO a (id) VALUES ('x')"],
};
const two: Migration = { version: 2, name: 'two', sql: ['ALTER TABLE a ADD COLUMN b BIGINT'] };
const versions = (db: DatabaseSync) =>
  db
    .prepare('SELECT version FROM migrations ORDER BY version')
    .all()
    .map((row) => row['version']);

describe('migrations', () => {
  it('are numbered without gaps', () => {
    assert.deepEqual(
      MIGRATIONS.map(({ version }) => version),
      MIGRATIONS.map((_, n) => n + 1),
    );
  });

  it('run once each, in order, onto whatever version is there', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, [one], 1);
    migrate(db, [one, two], 2);
    migrate(db, [one, two], 3);
    assert.deepEqual(versions(db), [1, 2]);
    assert.deepEqual({ ...db.prepare('SELECT * FROM a').get() }, { id: 'x', b: null });
  });

  it('leave the version before whole when one fails half way', () => {
    const db = new DatabaseSync(':memory:');
    const broken = { ...two, sql: [...two.sql, 'CREATE TABLE a (again TEXT)'] };
    assert.throws(() => migrate(db, [one, broken], 1), /migration 2 \(two\) failed/);
    assert.deepEqual(versions(db), [1]);
    assert.deepEqual(Object.keys(db.prepare('SELECT * FROM a').get() ?? {}), ['id']);
    migrate(db, [one, two], 2);
    assert.deepEqual(versions(db), [1, 2]);
  });

  it('refuse an edited text, but not its white space', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, [one], 1);
    migrate(db, [{ ...one, sql: one.sql.map((text) => text.replaceAll(' ', '\n  ')) }], 2);
    assert.throws(
      () => migrate(db, [{ ...one, sql: [...one.sql, 'SELECT 1'] }], 3),
      /migration 1 \(one\) is not the text/,
    );
    assert.throws(() => migrate(db, [], 3), /at version 1 \(one\), this build knows up to 0/);
  });
});

describe('portable SQL', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['SELECT $1', 'SELECT ?1', 1],
    ['SELECT $2, $1, $2', 'SELECT ?2, ?1, ?2', 2],
    ["SELECT '$1', $1", "SELECT '$1', ?1", 1],
    ["SELECT 'it''s $2; x', \"a$3;\"", "SELECT 'it''s $2; x', \"a$3;\"", 0],
    ['SELECT $12', 'SELECT ?12', 12],
    ['CREATE TABLE t (id BIGINT PRIMARY KEY)', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 0],
    [
      'CREATE TABLE entry_terms (a TEXT, PRIMARY KEY (a))',
      'CREATE TABLE entry_terms (a TEXT, PRIMARY KEY (a)) WITHOUT ROWID',
      0,
    ],
  ];
  for (const [sql, text, parameters] of cases) {
    it(`reads ${sql}`, () => assert.deepEqual(toSqlite(sql), { text, parameters, searches: [] }));
  }

  it('knows which parameters say what a search wants', () => {
    const { text, searches } = toSqlite(
      "SELECT 'search_a MATCHES', $1 FROM search_a WHERE search_a MATCHES $2",
    );
    assert.equal(text, "SELECT 'search_a MATCHES', ?1 FROM search_a WHERE search_a MATCH ?2");
    assert.deepEqual(searches, [2]);
  });

  it('the beginning of a word is found in an index of its own, not by gathering every word (I15)', () => {
    const { text } = toSqlite('CREATE TABLE search_a (rowid INTEGER PRIMARY KEY, words TEXT)');
    const db = new DatabaseSync(':memory:');
    db.exec(text);
    const put = db.prepare('INSERT INTO search_a (rowid, words) VALUES (?, ?)');
    for (let n = 1; n <= 50; n += 1) put.run(n, `abcd${n}`);
    assert.match(JSON.stringify(db.prepare('SELECT sql FROM sqlite_master').all()), /prefix = '1 2 3 4'/);
    for (const begins of ['a', 'ab', 'abc', 'abcd', 'abcd4']) {
      const found = db
        .prepare('SELECT COUNT(*) AS n FROM search_a WHERE search_a MATCH ?')
        .get(`words : "${begins}" *`);
      assert.equal(found?.['n'], begins === 'abcd4' ? 11 : 50, begins);
    }
  });

  it('refuses a second statement and a wrong number of parameters', () => {
    assert.throws(() => toSqlite('SELECT 1; DROP TABLE a'), StoreRefused);
    const prepared = statementCache(new DatabaseSync(':memory:'))('SELECT $1, $2');
    for (const params of [[], ['a'], ['a', 'b', 'c']])
      assert.throws(() => bind(prepared, params), StoreRefused);
    assert.deepEqual(bind(prepared, ['a', 5]), ['a', 5n]);
  });

  it('keeps statements, and a bounded number of them', () => {
    const statements = statementCache(new DatabaseSync(':memory:'));
    const first = statements('SELECT 0');
    assert.equal(statements('SELECT 0'), first);
    for (let n = 1; n <= 600; n += 1) statements(`SELECT ${n}`);
    assert.notEqual(statements('SELECT 0'), first);
  });
});
