/** The counterpart refuses what Teams refuses: one rule a row, each a card that differs from a sound one in that alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardProblems, messageProblems } from './card-rules.ts';
import type { Json } from './model.ts';

const execute: Json = { type: 'Action.Execute', title: 'Go', verb: 'go', data: { a: 1 } };
const sound: Json = {
  type: 'AdaptiveCard',
  version: '1.5',
  body: [
    { type: 'TextBlock', text: 'x', wrap: true },
    { type: 'Input.Text', id: 'reason' },
  ],
  actions: [execute, { type: 'Action.OpenUrl', title: 'Open', url: 'https://gate.example' }],
  refresh: { action: execute, userIds: ['29:1abc'] },
};

test('a sound card is taken', () => {
  assert.deepEqual(cardProblems(sound), []);
});

const unfolding = (inside: Json): Json => ({
  type: 'Action.ShowCard',
  title: 'More',
  card: { type: 'AdaptiveCard', ...inside },
});
const REFUSED: readonly (readonly [string, Json, RegExp])[] = [
  ['an older version', { version: '1.3' }, /version/],
  ['no version', { version: undefined }, /version/],
  ['another kind of thing', { type: 'HeroCard' }, /HeroCard/],
  ['an element that is not supported', { body: [{ type: 'Media', sources: [] }] }, /Media/],
  ['a key nobody knows', { body: [{ type: 'TextBlock', text: 'x', bold: true }] }, /bold/],
  ['a text that is none', { body: [{ type: 'TextBlock', text: 1 }] }, /text/],
  ['a size that is none', { body: [{ type: 'TextBlock', text: 'x', size: 'huge' }] }, /size/],
  ['a block without text', { body: [{ type: 'TextBlock' }] }, /missing/],
  ['a run outside a rich text', { body: [{ type: 'TextRun', text: 'x' }] }, /TextRun/],
  [
    'two inputs of one name',
    {
      body: [
        { type: 'Input.Text', id: 'a' },
        { type: 'Input.Text', id: 'a' },
      ],
    },
    /two inputs/,
  ],
  ['more than six buttons', { actions: Array.from({ length: 7 }, () => execute) }, /at most 6/],
  ['a button of old', { actions: [{ type: 'Action.Http', url: 'https://x.example' }] }, /Action\.Http/],
  ['a link that is none', { actions: [{ type: 'Action.OpenUrl', url: 'javascript:alert(1)' }] }, /URL/],
  [
    'a card unfolding in one that unfolds',
    { actions: [unfolding({ actions: [unfolding({ body: [] })] })] },
    /another/,
  ],
  [
    'refreshed for sixty-one people',
    { refresh: { action: execute, userIds: Array.from({ length: 61 }, (_, at) => `29:1${at}`) } },
    /at most 60/,
  ],
  [
    'refreshed for an object id',
    { refresh: { action: execute, userIds: ['8a1c2b3d-0000-4000-8000-000000000000'] } },
    /user’s id/,
  ],
  [
    'refreshed by a link',
    { refresh: { action: { type: 'Action.OpenUrl', url: 'https://x.example' } } },
    /OpenUrl/,
  ],
];
for (const [name, change, why] of REFUSED)
  test(`${name} is refused`, () => {
    assert.match(cardProblems({ ...sound, ...change }).join('\n'), why);
  });

test('a message is a message, with something in it that Teams shows', () => {
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', content: sound };
  assert.deepEqual(messageProblems({ type: 'message', attachments: [attachment] }), []);
  assert.notDeepEqual(messageProblems({ type: 'event', attachments: [attachment] }), []);
  assert.notDeepEqual(messageProblems({ type: 'message' }), []);
  assert.notDeepEqual(
    messageProblems({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.hero', content: {} }],
    }),
    [],
  );
});
