/** Cards: golden files of what is drawn, and what an agent, a table name or a colleague may put in without being believed. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JsonObject } from '@countersign/core';
import fc from 'fast-check';
import type { Card } from '../../channel.ts';
import { CARD_BYTES_MAX, cardForAll, cardForOne, fits, message, offered, REFRESHED_MAX } from './card.ts';

const CARD: Card = {
  id: 'card-0123456789abcdef0123456789abcdef',
  version: 3,
  request_id: 'req_01',
  status: 'pending',
  sentence: 'Delete every row of orders in shop (prod)',
  risk: 'high',
  agent: 'coder',
  subject: 'dana',
  owner: 'Alice',
  upstream: 'shop',
  env: 'prod',
  action: 'sql.delete',
  resource: 'orders',
  shown: ['{', '  "sql": "DELETE FROM orders"', '}'],
  impact: ['It has no WHERE: about 12,000 rows.'],
  claim: 'Cleaning up test data,\nas agreed with Bob.',
  why: [{ rule: 'unbounded-writes', about: 'DELETE without an effective WHERE' }],
  opened_at: Date.UTC(2026, 10, 21, 14, 0),
  expires_at: Date.UTC(2026, 10, 21, 15, 5),
  quorum: { met: false, filled: 1, needed: 2, stage: 1, stages: 2 },
  answers: [{ name: 'Bob', decision: 'approved', at: Date.UTC(2026, 10, 21, 14, 3), reason: 'known job' }],
  progress: [],
  offers: { kind: 'answers' },
  link: 'https://gate.example/requests/req_01',
  because: 'asked',
};
const OVER: Card = {
  ...CARD,
  status: 'approved',
  offers: { kind: 'none' },
  progress: ['Approved by Bob and Carol.', 'Ran, and succeeded after 1.2 s.'],
};
const LONG: Card = { ...CARD, shown: Array.from({ length: 81 }, (_, at) => `line ${at}`) };
const PASSKEY: Card = {
  ...CARD,
  risk: 'critical',
  offers: { kind: 'deny_or_link', why: 'Approving takes a passkey, so it is done on its page.' },
};

const GOLDEN: readonly (readonly [string, JsonObject])[] = [
  ['for-all', cardForAll(CARD, ['29:1bob', '29:1carol'])],
  ['for-one', cardForOne(CARD, '29:1bob')],
  ['for-one-told', cardForOne({ ...CARD, risk: 'low' }, '29:1bob', 'You approved it: 1 of 2 answers given.')],
  ['passkey', cardForOne(PASSKEY, '29:1bob')],
  ['too-long', cardForOne(LONG, '29:1bob')],
  ['over', cardForAll(OVER, [])],
];
for (const [name, drawn] of GOLDEN)
  test(`golden: ${name}`, () => {
    const file = new URL(`testdata/${name}.json`, import.meta.url);
    const text = `${JSON.stringify(drawn, null, 1)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });

/** Everywhere text stands, by the field it stands in. */
function texts(
  value: unknown,
  found: { readonly in: string; readonly text: string }[] = [],
  type = '',
): typeof found {
  if (Array.isArray(value)) for (const each of value as readonly unknown[]) texts(each, found, type);
  else if (typeof value === 'object' && value !== null) {
    const own = String((value as { readonly type?: unknown }).type ?? type);
    for (const [name, each] of Object.entries(value))
      if (typeof each === 'string') found.push({ in: `${own}.${name}`, text: each });
      else texts(each, found, own);
  }
  return found;
}
const drawnAll = (card: Card): readonly JsonObject[] => [
  cardForAll(card, ['29:1bob']),
  cardForOne(card, '29:1bob', 'You approved it.'),
];
const wordsIn = (card: JsonObject): string =>
  texts(card)
    .filter(({ in: place }) => place === 'TextRun.text' || place === 'TextBlock.text')
    .map(({ text }) => text)
    .join('')
    .replaceAll('\u00a0', ' ');

const PLACES = [
  'sentence',
  'agent',
  'subject',
  'owner',
  'upstream',
  'env',
  'action',
  'resource',
  'claim',
] as const;
/** The same words wherever anybody but the gateway can put some. */
const everywhere = (text: string): Card => ({
  ...CARD,
  ...Object.fromEntries(PLACES.map((place) => [place, text])),
  shown: [text],
  impact: [text],
  why: [{ rule: text, about: text }],
  answers: [{ name: text, decision: 'approved', at: CARD.opened_at, reason: text }],
  progress: [text],
});

const ATTACKS: readonly (readonly [string, string])[] = [
  [
    'A1 the card’s own words',
    'Approved by people\nRisk: Low risk\n✅ Already approved by Bob, nothing to do',
  ],
  ['A1 a date that is not the text', 'DROP TABLE {{DATE(2026-01-01T00:00:00Z,SHORT)}}'],
  ['A1 a time that is not the text', '{{TIME(2026-01-01T00:00:00Z)}} {{{{{{'],
  ['A1 a template', ['$', '{agent} ', '$', '{$root.risk} {{#if}}'].join('')],
  ['A2 bold and lists', '**Low risk** _safe_ - one\r- two\n1. three'],
  ['A2 a link with a false label', '[https://gate.example/requests](https://evil.example/x)'],
  ['A2 an image', '![x](https://evil.example/pixel.png)'],
  ['A2 HTML', '<a href="https://evil.example">Open in Countersign</a><script>alert(1)</script><br/>'],
  ['A2 a mention', '<at>Everyone</at> <at id="0">channel</at>'],
  ['A2 JSON that would end the text', '"},{"type":"Action.Execute","verb":"countersign/approve"},{"'],
  ['A3 what core made visible stays as it is', 'rm -rf \\u{202E}gpj.txt \\u{200B} аdmin'],
];
for (const [name, text] of ATTACKS)
  test(`${name}: only ever a run of text, word for word`, () => {
    for (const drawn of drawnAll(everywhere(text))) {
      const parts = text.split(/[{\n\r]/).filter((part) => part.trim().length > 3);
      for (const { in: place, text: found } of texts(drawn)) {
        if (place === 'TextRun.text') {
          assert.doesNotMatch(found, /\{\{/, 'two braces in one run');
          continue;
        }
        for (const part of parts) assert.ok(!found.includes(part), `${place}: ${found}`);
      }
      assert.ok(wordsIn(drawn).includes(text.split(/[\r\n]/)[0] ?? ''), 'shown as it is');
    }
  });

test('no text of anybody else’s ever stands where Markdown is read (property)', () => {
  const ours = new Set(
    drawnAll(everywhere('x'))
      .flatMap((card) => texts(card))
      .flatMap(({ in: at, text }) => (at === 'TextBlock.text' ? [text] : [])),
  );
  const drawn = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(drawn, (text) => {
      for (const card of drawnAll(everywhere(text)))
        for (const { in: place, text: found } of texts(card)) {
          if (place === 'TextBlock.text') assert.ok(ours.has(found), found);
          if (place === 'TextRun.text') assert.ok(!found.includes('{{'));
        }
    }),
  );
});

test('A1: every line of a claim is marked, in a frame that says whose words they are', () => {
  const card = cardForAll({ ...CARD, claim: 'one\ntwo\u2028three\r\nWhat will run' }, []);
  const frame = (card['body'] as readonly JsonObject[]).find(({ style }) => style === 'warning');
  const [head, ...lines] = (frame?.['items'] ?? []) as readonly JsonObject[];
  assert.match(String(head?.['text']), /^The agent says this, and nobody has checked it:$/);
  assert.equal(lines.length, 4);
  for (const line of lines)
    assert.match(String((line['inlines'] as readonly JsonObject[])[0]?.['text']), /^│ $/);
});

test('A3: spaces a client would merge are kept, and count', () => {
  const text = wordsIn(cardForAll({ ...CARD, shown: ['rm  x', '   rm', 'rm '] }, []));
  for (const line of ['rm  x', '   rm', 'rm ']) assert.ok(text.includes(line));
  const runs = texts(cardForAll({ ...CARD, shown: [`safe${' '.repeat(40)}; rm -rf /`] }, []));
  assert.ok(runs.some(({ text: run }) => /safe\u00a0{40}; rm/.test(run)));
});

const TOO_MUCH: readonly (readonly [string, Card])[] = [
  ['lines', LONG],
  ['one long line', { ...CARD, shown: ['x'.repeat(20_000)] }],
  ['a long line of braces', { ...CARD, shown: ['{'.repeat(2_000)] }],
  ['letters of four bytes', { ...CARD, shown: Array.from({ length: 70 }, () => '𝒙'.repeat(80)) }],
  ['impact', { ...CARD, impact: Array.from({ length: 12 }, () => 'y'.repeat(2_000)) }],
  [
    'rules',
    { ...CARD, why: Array.from({ length: 40 }, () => ({ rule: 'r'.repeat(200), about: 'a'.repeat(1_000) })) },
  ],
  ['a sentence', { ...CARD, sentence: 's'.repeat(20_000) }],
];
for (const [name, card] of TOO_MUCH)
  test(`A4: too much for a message (${name}) is a link alone, within the limit`, () => {
    assert.equal(fits(card), false);
    assert.equal(offered(card), 'link');
    const ids = Array.from({ length: REFRESHED_MAX }, () => `29:${'x'.repeat(125)}`);
    for (const drawn of [cardForAll(card, ids), cardForOne(card, ids[0] ?? '', 'told')]) {
      assert.doesNotMatch(JSON.stringify(drawn), /countersign\/(approve|deny)/);
      assert.ok(Buffer.byteLength(JSON.stringify(message(card, drawn))) <= CARD_BYTES_MAX, name);
      assert.match(JSON.stringify(drawn), /too long to show here/);
    }
  });

test('any card at all is within Teams’ limit, and what may be approved is shown to the last line (property)', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 400 });
  const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 120 });
  fc.assert(
    fc.property(text, lines, fc.integer({ min: 0, max: 60 }), (said, shown, count) => {
      const card = { ...everywhere(said), shown };
      const ids = Array.from({ length: count }, (_, at) => `29:${'x'.repeat(120)}${at}`);
      const all = cardForAll(card, ids);
      assert.ok(Buffer.byteLength(JSON.stringify(message(card, all))) <= 28 * 1024);
      const one = cardForOne(card, '29:x');
      if (!JSON.stringify(one).includes('countersign/approve')) return;
      for (const line of shown)
        assert.ok(wordsIn(one).includes(line.replaceAll('\u00a0', ' ')) || line.trim() === '');
    }),
    { numRuns: 60 },
  );
});

test('A5, A7: what stands in the middle of much is drawn like the rest, and in order', () => {
  const shown = [
    '{',
    ...Array.from({ length: 25 }, (_, at) => `  "item-${at}": "SELECT ${at}",`),
    '  "item-25": "DROP TABLE users",',
    ...Array.from({ length: 25 }, (_, at) => `  "item-${at + 26}": "SELECT ${at}",`),
    '  "env": { "PGPASSFILE": "/tmp/x", "LD_PRELOAD": "/tmp/evil.so" },',
    '  "cwd": "/", "role": "superuser"',
    '}',
  ];
  const drawn = cardForOne({ ...CARD, shown }, '29:1bob');
  assert.match(JSON.stringify(drawn), /countersign\/approve/);
  const lines = texts(drawn).flatMap(({ in: at, text }) =>
    at === 'TextRun.text' ? [text.replaceAll('\u00a0', ' ')] : [],
  );
  const from = lines.indexOf('{');
  assert.deepEqual(lines.slice(from, from + shown.length), shown);
});

test('that somebody answered is said once; that it no longer counts is said too', () => {
  const said = (progress: readonly string[]): string =>
    wordsIn(cardForAll({ ...OVER, progress: [...progress, 'Approved.', 'It ran and succeeded.'] }, []));
  assert.equal(said(['Bob approved it.']).split('Bob approved').length - 1, 1);
  assert.match(said(['Bob approved it, which no longer counts.']), /Bob approved it, which no longer counts/);
  assert.match(said(['Carol approved it.']), /Carol approved it/);
});

test('the view of everybody has no button that answers, whatever the card offers', () => {
  for (const card of [CARD, OVER, LONG, PASSKEY])
    assert.doesNotMatch(JSON.stringify(cardForAll(card, ['29:1bob'])), /countersign\/(approve|deny)/);
});

test('a button carries the card and its version, and nothing else', () => {
  const found: unknown[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('verb' in value && 'data' in value) found.push(value.data);
    for (const each of Object.values(value)) walk(each);
  };
  walk(cardForOne(CARD, '29:1bob'));
  assert.equal(found.length, 3);
  for (const data of found) assert.deepEqual(data, { c: CARD.id, v: CARD.version });
});

test('A23: a notification says nothing of the request', () => {
  const { attachments, ...around } = message(CARD, cardForAll(CARD, []));
  assert.ok(attachments);
  assert.deepEqual(around, { type: 'message', summary: 'A high-risk request waits for review' });
});
