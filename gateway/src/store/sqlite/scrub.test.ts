import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { command, entry, put } from '../contract.ts';
import type { Command } from '../store.ts';
import { scrubber } from './scrub.ts';
import { openSqliteStore } from './sqlite.ts';

const WORD = 'the-word-to-erase';

function placeOf(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-scrub-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'store.db');
}

const holds = (path: string): boolean =>
  [path, `${path}-wal`].some(
    (file) => statSync(file, { throwIfNoEntry: false }) !== undefined && readFileSync(file).includes(WORD),
  );

/** What stands in one row, short and over many pages. */
const text = `${WORD} ${'x'.repeat(20_000)} ${WORD}`;
const takeAway = (over: Partial<Command> = {}): Command => ({
  ...command([
    {
      name: 'take',
      sql: 'UPDATE meta SET value = $2 WHERE name LIKE $1',
      params: ['word%', 'gone'],
      rows: 2,
    },
  ]),
  ...over,
});

describe('sqlite: erasing', () => {
  it('leaves nothing of it in the file or beside it, before it is acknowledged', async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await store.commit(command([put('word-long', text), put('word', WORD)], [entry('one')]));
    assert.ok(holds(path));
    assert.ok((await store.commit(takeAway({ erases: true }))).ok);
    assert.ok(!holds(path));
    await store.commit(command([put('after', 'x')], [entry('two')]));
    assert.equal(await store.logSize(), 2);
  });

  it('leaves nothing in the index of a search table either', async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    const word = 'hippopotamus';
    const found = (): boolean =>
      [path, `${path}-wal`].some((file) => readFileSync(file, { flag: 'a+' }).includes(word.slice(2)));
    for (let from = 1; from <= 2_000; from += 500) {
      const steps = Array.from({ length: 500 }, (_, n) => ({
        name: 'put-words',
        sql: 'INSERT INTO search_history (rowid, terms, words) VALUES ($1, $2, $3)',
        params: [from + n, `t${(from + n) % 7}`, from + n === 777 ? `${word} plain` : `plain w${from + n}`],
        rows: 1,
      }));
      await store.commit(command(steps));
    }
    assert.ok(found());
    const sql = 'DELETE FROM search_history WHERE rowid = $1';
    await store.commit({ ...command([{ name: 'take', sql, params: [777], rows: 1 }]), erases: true });
    assert.ok(!found());
  });

  it('does so only for what asks for it, and only when it happened', async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await store.commit(command([put('word-long', text), put('word', WORD)]));
    assert.deepEqual(await store.commit(takeAway({ erases: true, steps: [put('word', 'taken')] })), {
      ok: false,
      guard: 'put',
    });
    assert.ok(statSync(`${path}-wal`).size > 0, 'the refused one moved the write-ahead log');
    assert.ok((await store.commit(takeAway())).ok);
    assert.ok(holds(path), 'so the test above looks where the words would be');
  });

  it('waits for nobody who reads an older state, and goes on when they have finished', {
    timeout: 30_000,
  }, async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await store.commit(command([put('word-long', text), put('word', WORD)]));
    const backup = new DatabaseSync(path, { readOnly: true });
    backup.exec('BEGIN');
    backup.prepare('SELECT COUNT(*) FROM meta').get();
    assert.ok((await store.commit(takeAway({ erases: true }))).ok);
    assert.ok((await store.commit(command([put('meanwhile', 'x')]))).ok, 'others go on');
    assert.ok(holds(path), 'the reader of the older state still needs it');
    backup.exec('COMMIT');
    backup.close();
    while (holds(path)) await turn();
  });

  it('is not kept from it by what nobody waits for', { timeout: 30_000 }, async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    t.after(() => store.close());
    await store.commit(command([put('word-long', text), put('word', WORD)]));
    const backup = new DatabaseSync(path, { readOnly: true });
    backup.exec('BEGIN');
    backup.prepare('SELECT COUNT(*) FROM meta').get();
    assert.ok((await store.commit(takeAway({ erases: true }))).ok);
    backup.exec('COMMIT');
    backup.close();
    for (let n = 0; holds(path); n += 1)
      assert.ok((await store.commit({ ...command([put(`later-${n}`, 'x')]), unhurried: true })).ok);
  });

  it('does at the next start what a crash kept it from', async (t) => {
    const path = placeOf(t);
    const store = await openSqliteStore({ path });
    await store.commit(command([put('word-long', text), put('word', WORD)]));
    await store.commit(takeAway()); // committed, not scrubbed: as if killed between the two
    const copy = `${path}.copy`;
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    await store.close();
    assert.ok(holds(copy));
    const restarted = await openSqliteStore({ path: copy });
    t.after(() => restarted.close());
    assert.ok(!holds(copy));
  });
});

describe('the scrubber', () => {
  const erasing = takeAway({ erases: true });

  it('scrubs for a committed erasure and for nothing else', () => {
    let scrubs = 0;
    const counting = (): boolean => {
      scrubs += 1;
      return true;
    };
    const scrub = scrubber({ scrub: counting }, (error) => assert.fail(String(error)));
    assert.equal(scrubs, 1, 'what an earlier process left');
    const none: readonly (readonly [readonly Command[], Parameters<typeof scrub.after>[1]])[] = [
      [[takeAway()], [-1]],
      [[erasing], [{ guard: 'take' }]],
      [[erasing], [{ unavailable: 'full', stored: 'no' }]],
      [[], []],
    ];
    for (const [commands, answers] of none) scrub.after(commands, answers);
    assert.equal(scrubs, 1);
    scrub.after([takeAway(), erasing], [-1, 7]);
    assert.equal(scrubs, 2);
    scrub.stop();
  });

  it('tries again while somebody reads, and says when the file can no longer be written', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const answers: (boolean | Error)[] = [false, false, true];
    const failures: unknown[] = [];
    const scrub = scrubber(
      {
        scrub: () => {
          const answer = answers.shift() ?? true;
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      (error) => failures.push(error),
    );
    t.mock.timers.tick(1000);
    assert.equal(answers.length, 1);
    t.mock.timers.tick(1000);
    assert.equal(answers.length, 0);
    answers.push(false, new Error('disk I/O error'));
    scrub.after([erasing], [0]);
    t.mock.timers.tick(5000);
    assert.deepEqual(failures.map(String), ['Error: disk I/O error']);
    scrub.stop();
  });
});
