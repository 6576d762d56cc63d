import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTESTATION_KINDS } from '@countersign/core';
import { KIND_WORDS, outcomeMark, type Said, sentenceOf } from './words.ts';

const said = (entry: Said): string =>
  sentenceOf(entry)
    .map((part) => (typeof part === 'string' ? part : `<${part.name}>`))
    .join('');

const refund = { agent: 'coder', action: 'tools/call', resource: 'refund', upstream: 'payments' };
const TABLE: readonly (readonly [entry: Said, want: string])[] = [
  [
    { kind: 'evaluation', outcome: 'held', ...refund },
    '<coder> asked for <refund> on <payments>: held for people to decide',
  ],
  [{ kind: 'evaluation', outcome: 'denied', ...refund }, '<coder> asked for <refund> on <payments>: refused'],
  [{ kind: 'review', outcome: 'denied', reviewer: 'bob', ...refund }, '<bob> denied <refund> on <payments>'],
  [
    { kind: 'review', outcome: 'not counted', reviewer: 'bob', ...refund },
    '<bob> answered about <refund> on <payments>; it did not count',
  ],
  [{ kind: 'resolution', outcome: 'expired', ...refund }, 'Nobody answered in time: <refund> on <payments>'],
  [
    { kind: 'execution', outcome: 'unknown', ...refund },
    'It may have run, no answer came: <refund> on <payments>',
  ],
  [
    {
      kind: 'execution',
      outcome: 'succeeded',
      agent: 'coder',
      action: 'session.open',
      resource: 'x',
      upstream: 'x',
    },
    'It opened: a session with <x>',
  ],
  [
    {
      kind: 'evaluation',
      outcome: 'held',
      agent: 'countersign:operations',
      action: 'countersign.tools.accept',
      resource: 'x/y',
      upstream: 'countersign',
    },
    'An operator asked for <countersign.tools.accept> for <x/y>: held for people to decide',
  ],
  [
    {
      kind: 'tool-change',
      change: 'tool accepted',
      resource: 'refund',
      upstream: 'payments',
      reviewer: 'alice',
    },
    '<Tool accepted>: <refund> on <payments>, by <alice>',
  ],
  [
    { kind: 'break-glass', outcome: 'broken', change: 'broken', reviewer: 'bob', ...refund },
    '<bob> broke the glass for <refund> on <payments>',
  ],
  [
    { kind: 'break-glass', outcome: 'justified', change: 'closed', reviewer: 'bob', ...refund },
    '<bob> judged the broken glass: <justified>',
  ],
  [{ kind: 'system', outcome: 'signed in', change: 'signed in', reviewer: 'bob' }, '<bob> signed in'],
  [{ kind: 'system', outcome: 'refused', change: 'sign-in refused' }, 'A sign-in was refused'],
  [{ kind: 'system', change: 'gateway started' }, '<Gateway started>'],
  [
    { kind: 'system', change: 'agent paused', agent: 'coder', reviewer: 'bob' },
    '<Agent paused>: <coder>, by <bob>',
  ],
  [
    { kind: 'config-change', change: 'people linked', agent: 'countersign:operations', reviewer: 'bob' },
    '<People linked>, by <bob>',
  ],
  [
    {
      kind: 'system',
      outcome: 'previewed',
      change: 'preview',
      resource: 'read_page',
      upstream: 'pages',
      agent: 'coder',
    },
    'The gateway looked at what would change, with <read_page> on <pages>',
  ],
  [{ kind: 'export', reviewer: 'ada' }, '<ada> exported the log'],
  // Words of a gateway newer than this page: said as they are, never as something else.
  [{ kind: 'tomorrow', reviewer: 'ada' }, 'tomorrow, by <ada>'],
  [{ kind: 'execution', outcome: 'paused', ...refund }, 'Run'],
  [{ kind: 'constructor', outcome: 'toString' }, 'constructor'],
];

test('an entry is said in one sentence, what came from elsewhere apart', () => {
  for (const [entry, want] of TABLE) assert.equal(said(entry), want);
});

test('every kind of entry has a word', () => {
  assert.deepEqual(Object.keys(KIND_WORDS).sort(), [...ATTESTATION_KINDS].sort());
});

test('an outcome nobody knows is shown as it is, never as good', () => {
  assert.deepEqual(outcomeMark({ kind: 'execution', outcome: 'paused-by-hand' }), {
    word: 'Paused by hand',
    tone: 'soft',
    shape: 'dash',
  });
  assert.equal(outcomeMark({ kind: 'execution', outcome: 'constructor' })?.word, 'Constructor');
  assert.equal(outcomeMark({ kind: 'resolution', outcome: 'cancelled' })?.word, 'Withdrawn');
  assert.equal(outcomeMark({ kind: 'system', outcome: 'signed in' }), undefined);
  assert.equal(outcomeMark({ kind: 'system', outcome: 'refused' })?.tone, 'red');
});
