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

test('none is cut to a stump while another keeps its length; what names the row yields last', () => {
  const three: readonly Column<string>[] = [
    { title: 'id', cell: () => 'i'.repeat(20), yields: 'last' },
    { title: 'one', cell: () => 'a'.repeat(30), yields: true },
    { title: 'two', cell: () => 'b'.repeat(26), yields: true },
  ];
  const widthsAt = (width: number): readonly number[] =>
    (table(['row'], { columns: three, none: '-' }, { width, color: false }).split('\n')[1] ?? '')
      .split('  ')
      .map((cell) => cell.length);
  assert.deepEqual(widthsAt(80), [20, 30, 26]);
  assert.deepEqual(widthsAt(70), [20, 23, 23]);
  assert.deepEqual(widthsAt(48), [20, 12, 12]);
  assert.deepEqual(widthsAt(44), [16, 12, 12]);
});

test('nothing is cut where nothing may be', () => {
  const text = table(rows, { columns, none: '-' }, { ...plain, cut: false });
  assert.ok(text.includes('a name that is far too long for this'));
});

test('a row below gets the whole width', () => {
  const text = table(rows.slice(0, 1), { columns, none: '-', below: () => 'x'.repeat(50) }, plain);
  assert.equal(text.split('\n')[2], `  ${'x'.repeat(37)}…`);
});

test('only rows that have one get a row below', () => {
  const below = ({ id }: Row): string | undefined => (id === 'a' ? 'more' : undefined);
  assert.equal(table(rows, { columns, none: '-', below }, plain).split('\n').length, 5);
});

test('an id is never cut: below its row on a terminal, the first cell for whatever reads lines', () => {
  const id: Column<Row> = { title: 'long', cell: () => 'x'.repeat(36) };
  const shape = { id, columns: columns.slice(1), none: '-' };
  const shown = table(rows.slice(0, 1), shape, { ...plain, cut: true });
  assert.deepEqual(shown.split('\n'), ['NAME   COUNT', 'short      7', `  ${'x'.repeat(36)}`, '']);
  const piped = table(rows.slice(0, 1), shape, { ...plain, cut: false });
  assert.equal(piped.split('\n')[1], `${'x'.repeat(36)}  short      7`);
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
