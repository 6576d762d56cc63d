/** The part of the contract about search tables. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Wanted, wanted } from './search.ts';
import { type Command, type Step, type Store, StoreRefused } from './store.ts';

const command = (steps: readonly Step[]): Command => ({ name: 'test', steps, entries: [] });
const putWords = (rowid: number, terms: string, words: string): Step => ({
  name: 'put-words',
  sql: 'INSERT INTO search_history (rowid, terms, words) VALUES ($1, $2, $3)',
  params: [rowid, terms, words],
  rows: 1,
});

export function searching(store: () => Store): void {
  const find = async (all: readonly Wanted[], below = 1_000): Promise<readonly unknown[]> => {
    const sql =
      'SELECT rowid AS id FROM search_history WHERE search_history MATCHES $2 AND rowid < $1 ORDER BY rowid DESC LIMIT 2';
    return (await store().read({ sql, params: [below, wanted(all)] })).map((row) => row['id']);
  };

  it('finds rows by all the words wanted of them, newest first, a page at a time', async () => {
    await store().commit(
      command([
        putWords(901, 'agenta', 'drop table users'),
        putWords(902, 'agentb', 'drop the users table naïve 東 京'),
        putWords(903, 'agenta', 'create table orders AND or NOT near'),
        putWords(904, 'agenta', 'select from userspace'),
      ]),
    );
    const table: readonly [readonly Wanted[], readonly number[]][] = [
      [[{ column: 'terms', words: ['agenta'] }], [904, 903]],
      [[{ column: 'words', words: ['table'] }], [903, 902]],
      [[{ column: 'words', words: ['drop', 'table'] }], [901]],
      [[{ column: 'words', words: ['users'] }], [902, 901]],
      [[{ column: 'words', words: ['users'], begins: true }], [904, 902]],
      [[{ column: 'words', words: ['東', '京'] }], [902]],
      [[{ column: 'words', words: ['naïve'] }], [902]],
      [[{ column: 'words', words: ['AND'] }], [903]],
      [[{ column: 'words', words: ['agenta'] }], []],
      [
        [
          { column: 'terms', words: ['agenta'] },
          { column: 'words', words: ['drop'] },
        ],
        [901],
      ],
    ];
    for (const [all, want] of table) assert.deepEqual(await find(all), want, JSON.stringify(all));
    assert.deepEqual(await find([{ column: 'terms', words: ['agenta'] }], 903), [901]);
  });

  it('finds a row no more by words that were taken away or changed', async () => {
    await store().commit(command([putWords(910, 'x', 'before other'), putWords(911, 'x', 'before')]));
    const gone: Step = {
      name: 'gone',
      sql: 'DELETE FROM search_history WHERE rowid = $1',
      params: [910],
      rows: 1,
    };
    await store().commit(command([gone, putWords(910, 'x', 'after')]));
    assert.deepEqual(await find([{ column: 'words', words: ['before'] }]), [911]);
    assert.deepEqual(await find([{ column: 'words', words: ['other'] }]), []);
    assert.deepEqual(await find([{ column: 'words', words: ['after'] }]), [910]);
  });

  it('refuses what `wanted` did not make: nothing a caller sends is search language', async () => {
    for (const words of [[], ['a b'], ['"'], ['a*'], ['']])
      assert.throws(() => wanted([{ column: 'words', words }]), RangeError, String(words));
    assert.throws(() => wanted([]), RangeError);
    assert.throws(() => wanted([{ column: 'words" OR 1', words: ['a'] }]), RangeError);
    const sql = 'SELECT rowid FROM search_history WHERE search_history MATCHES $1';
    for (const parameter of ['drop', '[]', '[{"column":"words","words":["a b"]}]', 7, null])
      await assert.rejects(store().read({ sql, params: [parameter] }), StoreRefused, String(parameter));
  });
}
