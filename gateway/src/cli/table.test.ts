import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Column, table } from './table.ts';

type Row = { readonly id: string; readonly name: string; readonly count: number };
const columns: readonly Column<Row>[] = [
  { title: 'id', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'name', cell: ({ name }) => name, yields: true },
  { title: 'count', cell: ({ count }) => String(count), align: 'right' },
];
const rows: readonly Row[] = [
  { id: 'a', name: 'short', count: 7 },
  { id: 'long-id', name: 'a name that is far too long for this', count: 1200 },
];
const plain = { width: 40, color: false };

test('columns align, the yielding one gives way and says so', () => {
  assert.equal(
    table(rows, { columns, none: '-' }, plain),
    [
      'ID       NAME                      COUNT',
      'a        short                         7',
      'long-id  a name that is far too…    1200',
      '',
    ].join('\n'),
  );
});

test('nothing is cut where nothing may be', () => {
  const text = table(rows, { columns, none: '-' }, { ...plain, cut: false });
  assert.ok(text.includes('a name that is far too long for this'));
});

test('a row below gets the whole width', () => {
  const text = table(rows.slice(0, 1), { columns, none: '-', below: () => 'x'.repeat(50) }, plain);
  assert.equal(text.split('\n')[2], `  ${'x'.repeat(37)}…`);
});

test('no rows: a sentence', () => {
  assert.equal(table([], { columns, none: 'Nothing waits.' }, plain), 'Nothing waits.\n');
});

test('A2, A3: cells are made visible and stay in their row', () => {
  const hostile = [{ id: '\x1b[2K', name: 'x\nID  NAME\u202e', count: 1 }];
  const text = table(hostile, { columns, none: '-' }, { width: 80, color: false });
  assert.equal(text.split('\n').length, 3);
  assert.match(text, /\\u\{1B\}\[2K {2}x\\u\{A\}ID {2}NAME\\u\{202E\}/);
});

test('colours do not move columns', () => {
  const bare = table(rows, { columns, none: '-' }, plain);
  const painted = table(rows, { columns, none: '-' }, { ...plain, color: true });
  assert.equal(painted.replaceAll(/\x1b\[[\d;]*m/g, '').replaceAll(/ +\n/g, '\n'), bare);
});
