/** What a reviewer sees, letter by letter, for harmless and for hostile requests. `UPDATE_GOLDEN=1` rewrites the goldens. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import type { JsonObject } from '@countersign/core';
import fc from 'fast-check';
import { type Made, makeDetail, OPENED_AT } from '../../../testing/detail.ts';
import { renderRequest } from './request.ts';
import { columns } from './text.ts';

const NOW = OPENED_AT + 2 * 60_000;
const draw = (made: Made, width = 80): string =>
  renderRequest(makeDetail(made), { width, color: false, now: NOW });
const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');

const IMITATION = [
  'Needed for the release.',
  '',
  '── What would run ──────────────',
  '  │ {',
  '  │   "arguments": { "path": "harmless.txt" }',
  'Approved by Bob Brown just now',
  'MEDIUM RISK · approved 1 min ago',
  '[a]pprove   [d]eny   [s]kip  › a',
].join('\n');

const PREVIEW = {
  state: 'shown',
  id: 'prv_01',
  at: OPENED_AT + 1_000,
  tool: 'read_text_file',
  dry_run: false,
  hidden: 0,
  labels: [],
  hidden_differs: false,
  again: true,
} as const;

const GOLDEN: readonly (readonly [name: string, title: string, made: Made])[] = [
  [
    'tickets',
    'what ticket systems say, an imitation of the view among it, and that one refused (A1, A2, A3)',
    {
      arguments: { path: '/srv/notes/release.md' },
      over: {
        status: 'denied',
        resolved_at: OPENED_AT + 60_000,
        refused_by: 'jira',
        ticket_notes: [
          {
            system: 'jira',
            kind: 'comment',
            at: OPENED_AT,
            author: 'Bob “the gateway” \u202eBrown',
            text: IMITATION,
          },
          {
            system: 'jira',
            kind: 'refusal',
            at: OPENED_AT + 60_000,
            author: 'Dana\nApproved by Bob',
            text: 'not in the freeze \x1b[2K',
            ticket: { key: 'OPS-12', url: 'https://jira.example.com/browse/OPS-12' },
          },
        ],
      },
    },
  ],
  [
    'plain',
    'a write, with all there is to know',
    { arguments: { path: '/srv/notes/release.md', content: '# Release 2.4\n\n- ships on Monday\n' } },
  ],
  [
    'preview',
    'what would change: the lines that do, the rest counted, and hostile ones made visible behind the gutter',
    {
      arguments: { path: '/srv/notes/release.md', content: 'new' },
      over: {
        preview: {
          ...PREVIEW,
          show: 'diff',
          before: `${'same\n'.repeat(20)}old \u202e and ${'long '.repeat(30)}\n── What would run ──\n`,
          after: `${'same\n'.repeat(20)}new \x1b[2K\n── What would run ──\n`,
          added: 1,
          removed: 1,
        },
      },
    },
  ],
  [
    'dry-run',
    'a dry run of the tool itself is said to be one, and what is hidden in it too',
    {
      arguments: { path: '/srv/notes/release.md' },
      over: {
        preview: {
          ...PREVIEW,
          tool: 'edit_file',
          dry_run: true,
          hidden: 1,
          labels: ['GitHub token'],
          show: 'patch',
          text: '--- a\n+++ b\n@@ -1 +1 @@\n-key ███\n+key new\n',
          added: 1,
          removed: 1,
        },
      },
    },
  ],
  [
    'imitation',
    'A1: a claim and arguments that imitate our labels, hairlines and prompt stay behind their gutters',
    {
      arguments: { path: `/srv/x\n${IMITATION}`, note: `${'.'.repeat(57)}Approved by Bob Brown just now` },
      over: { claim: IMITATION },
    },
  ],
  [
    'terminal',
    'A2: terminal commands and false links are written out, not obeyed',
    {
      arguments: {
        path: '/srv/\x1b[2K\x1b[1A\rsafe.txt',
        note: '\x1b]8;;https://evil.example\x07the docs\x1b]8;;\x07 \x9b2J',
      },
      over: { claim: '\x1b[32mAlready approved\x1b[0m \x1b]0;title\x07', resource: 'write_file\x1b[2K' },
    },
  ],
  [
    'invisible',
    'A3: reordering, invisible and look-alike characters are written out and flagged',
    {
      arguments: {
        path: '/srv/invoice\u202efdp.exe',
        to: 'p\u0430ypal.com',
        zero: 'rm\u200b -rf',
        far: `ok${' '.repeat(40)}&& rm -rf /`,
      },
    },
  ],
  [
    'hidden',
    'I6: a secret inside a text is a mark of ours, and blocks approval',
    { tool: 'run', arguments: { script: `curl -H "Authorization: Bearer ${token}" x`, password: 'hunter2' } },
  ],
  [
    'erased',
    'what is left of a request whose text was taken away',
    {
      over: {
        status: 'denied',
        resolved_at: OPENED_AT + 60_000,
        sentence: 'tools/call write_file on files (erased)',
        shown_action: {},
        redactions: [],
        rendered_digest: '',
        approvable: { ok: false, why: 'The action of this request has been erased.' },
        erased: { at: OPENED_AT + 90_000, by: 'dan\x1b[2K', reason: 'asked to\nErased   by nobody' },
        timeline: [
          {
            at: OPENED_AT + 90_000,
            event_id: '01JD0000000000000000000001',
            kind: 'redaction',
            leaf_index: 9,
            summary: 'clear text erased by dan',
          },
        ],
      },
    },
  ],
  [
    'settled',
    'answers, approval, run and record',
    {
      arguments: { path: '/srv/a' },
      over: {
        status: 'approved',
        risk: 'critical',
        resolved_at: OPENED_AT + 60_000,
        claim: 'The build needs it.',
        principal: {
          tenant: 'default',
          agent: 'coder',
          owner: null,
          team: null,
          subject: { type: 'identity', id: 'dana' },
        },
        owner: null,
        team: null,
        reviews: [
          {
            reviewer: 'bob',
            name: 'Bob Brown',
            decision: 'approved',
            reason: 'read it\nand\x1b[2K again',
            reviewed_at: OPENED_AT + 60_000,
            counts: false,
            why_not: 'owner',
          },
        ],
        approval: {
          id: 'apr_1',
          request_id: 'req_1',
          status: 'active',
          agent: 'coder',
          upstream: 'files',
          action: 'tools/call',
          resource: 'write_file',
          approved_at: OPENED_AT + 60_000,
          approved_until: OPENED_AT + 660_000,
          uses_left: 1,
        },
        executions: [{ id: 'exe_1', status: 'unknown', started_at: OPENED_AT + 90_000 }],
        timeline: [
          {
            at: OPENED_AT,
            event_id: 'e',
            kind: 'evaluation',
            leaf_index: 41,
            summary: 'policy held the action',
          },
        ],
      },
    },
  ],
];

describe('a request as it is shown', () => {
  for (const [name, title, made] of GOLDEN)
    it(title, () => {
      const file = new URL(`testdata/${name}.txt`, import.meta.url);
      const drawn = draw(made);
      if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, drawn);
      assert.equal(drawn, readFileSync(file, 'utf8'));
    });
});

test('A4: what cannot be shown whole says so and does not offer approval', () => {
  const drawn = draw({ arguments: { content: 'x\n'.repeat(60_000) } });
  assert.match(drawn, /‹not shown: \d+ more lines of text›/);
  assert.match(drawn, /^Blocked {2}No approval from this view\./m);
});

test('A5: every parameter is on the page, however deep and however it is called', () => {
  const context: JsonObject = {
    arguments: {
      command: 'make',
      env: { LD_PRELOAD: '/tmp/x.so' },
      cwd: '/srv/prod',
      headers: { 'x-as': 'root' },
    },
    meta: { 'vendor/role': 'admin', deep: [[{ bind: ['$1', 'DROP'] }]] },
  };
  const drawn = draw({ context });
  for (const word of ['LD_PRELOAD', '/tmp/x.so', '/srv/prod', 'x-as', 'root', 'vendor/role', 'admin', 'DROP'])
    assert.ok(drawn.includes(`"${word}"`), word);
});

test('what does not match its digest is not approvable, and says so', () => {
  const detail = makeDetail({ arguments: { path: '/srv/a' } });
  const forged = { ...detail, shown_action: { ...detail.shown_action, tenant: 'other' } };
  assert.match(
    renderRequest(forged, { width: 80, color: false }),
    /^Blocked {2}No approval from this view\. What was received is not what its digest/m,
  );
});

/** How a row may begin. What comes from outside never decides it. */
const ROWS = [
  /^$/,
  /^─+$/,
  /^── (?:Why it waits|Since then|On the record|The agent says|What would run) ─+$/,
  /^(?:LOW|MEDIUM|HIGH|CRITICAL) RISK · waits for people · \d+ min left$/,
  /^▎ /,
  /^(?:Agent|For|Owner|Where|What|Needs|Look|Blocked|Request|Digest|Shown as) +\S/,
  /^ {9}/, // under a label
  /^writes-ask {2}policy\/files\.yaml:12$/,
  /^ {2}[EN]\S/, // the rule's own words, and ours under a claim
  /^ {2}\d+ more characters of it are not shown\.$/,
  /^(?: {2}|! )│( |$)/,
  /^ {2}┆( |$)/,
];

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    IMITATION,
    '\x1b[2K',
    '‹secret: x›',
    '\u202e\u2066',
    '─'.repeat(90),
    'é漢字👩‍👩‍👧'.repeat(30),
  ),
  fc.integer({ min: 0, max: 160 }).map((at) => `${' .'.repeat(at)}Approved by Bob Brown just now`),
);
const wellFormed = hostile.map((text) => text.toWellFormed());

test('A1–A3: no text from outside begins a row, leaves its row, is obeyed, or overflows', () => {
  fc.assert(
    fc.property(wellFormed, wellFormed, fc.dictionary(wellFormed, wellFormed), (text, claim, args) => {
      const made = { agent: text || 'a', tool: text || 't', arguments: args, over: { claim, subject: text } };
      for (const row of draw(made).split('\n')) {
        assert.ok(
          ROWS.some((allowed) => allowed.test(row)),
          JSON.stringify(row),
        );
        assert.ok(columns(row) <= 80, `${columns(row)}: ${row}`);
        assert.doesNotMatch(row, /\p{C}|\p{Zl}|\p{Zp}/u);
      }
    }),
    { numRuns: 300 },
  );
});

test('rows put together again are the lines core drew: nothing is lost by breaking them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 400 }), (text) => {
      const whole = draw({ arguments: { text } }, 10_000);
      const broken = draw({ arguments: { text } });
      assert.equal(actionText(broken), actionText(whole));
    }),
    { numRuns: 100 },
  );
});

const actionText = (drawn: string): string =>
  drawn
    .slice(drawn.indexOf('── What would run'))
    .split('\n')
    .filter((row) => /^(?: {2}|! )│/.test(row))
    .map((row) => row.slice(4).trim().replace(/^↪ /, ''))
    .join('')
    .replaceAll(/[ ,]/g, '');
