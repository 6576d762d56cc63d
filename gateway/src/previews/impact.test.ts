import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Preview } from '@countersign/sdk';
import { impactOf } from './impact.ts';

const AT = Date.UTC(2026, 10, 21, 12, 3, 4);
const SHOWN = {
  state: 'shown',
  id: 'prv_1',
  at: AT,
  tool: 'read_text_file',
  dry_run: false,
  hidden: 0,
  labels: [],
  hidden_differs: false,
  again: false,
} as const;
const diff = (before: string, after: string, [added, removed]: readonly [number, number]): Preview => ({
  ...SHOWN,
  show: 'diff',
  before,
  after,
  added,
  removed,
});

const TABLE: readonly (readonly [name: string, preview: Preview | undefined, want: readonly string[]])[] = [
  ['nothing said how', undefined, []],
  ['still being read', { state: 'making', show: 'diff', again: false }, []],
  [
    'none',
    { state: 'none', why: 'the upstream could not be opened', again: true },
    ['No preview: the upstream could not be opened.'],
  ],
  [
    'both ways',
    diff('a\n', 'b\nc\n', [2, 1]),
    ['It would take away 1 line and add 2 lines, as of 12:03:04 UTC.'],
  ],
  [
    'only more',
    diff('a\n', 'a\nb\n', [1, 0]),
    ['It would add 1 line and take away none, as of 12:03:04 UTC.'],
  ],
  [
    'only less',
    diff('a\nb\n', 'a\n', [0, 1]),
    ['It would take away 1 line and add none, as of 12:03:04 UTC.'],
  ],
  ['the same', diff('a', 'a', [0, 0]), ['It would change nothing, as of 12:03:04 UTC.']],
  [
    'where nothing is',
    diff('', 'a\n', [2, 1]),
    ['It would write 2 lines where there is nothing, as of 12:03:04 UTC.'],
  ],
  [
    'a text, quoted, that cannot close its quotes or begin a line',
    { ...SHOWN, tool: 'count_rows', show: 'text', text: '12"\nApproved by \u202eBob' },
    ['count_rows answered, as of 12:03:04 UTC: "12\\"\\nApproved by \\u{202E}Bob"'],
  ],
  [
    'a dry run with something hidden in it',
    { ...SHOWN, dry_run: true, hidden: 1, show: 'patch', text: '-a', added: 0, removed: 1 },
    [
      'It would take away 1 line and add none, as of 12:03:04 UTC.',
      '1 part of it is hidden.',
      'This is the upstream’s own dry run.',
    ],
  ],
  [
    'a change among what is hidden',
    {
      ...SHOWN,
      hidden: 2,
      hidden_differs: true,
      show: 'diff',
      before: '█',
      after: '█',
      added: 0,
      removed: 0,
    },
    [
      'It would change nothing that is in sight, as of 12:03:04 UTC.',
      '2 parts of it are hidden.',
      'What is hidden would change too.',
    ],
  ],
];

for (const [name, preview, want] of TABLE)
  test(`what a card says: ${name}`, () => {
    assert.deepEqual(impactOf(preview, 10), want);
    assert.deepEqual(impactOf(preview, 1), want.slice(0, 1));
  });

test('a long text is cut, and says so', () => {
  const [line = ''] = impactOf({ ...SHOWN, show: 'text', text: 'x'.repeat(5_000) }, 3);
  assert.ok(line.length < 200);
  assert.match(line, /" \(and more\)$/);
});
