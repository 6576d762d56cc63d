import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Card } from '../../channel.ts';
import type { Block } from './blocks.ts';
import { drawCard, drawProgress } from './card.ts';
import { denyView, drawSaid, drawWaiting, linkView } from './views.ts';

const AT = Date.UTC(2026, 10, 21, 9, 0, 0);
const card: Card = {
  id: 'k3J9xQ2mT7vB1nZ8rW5y_A',
  version: 3,
  request_id: 'req_1',
  status: 'pending',
  sentence: 'Delete 1,204 rows from customers in billing',
  risk: 'high',
  agent: 'coder',
  subject: 'dana',
  owner: 'alice',
  upstream: 'billing',
  env: 'prod',
  action: 'sql.delete',
  resource: 'customers',
  shown: ['sql: "DELETE FROM customers WHERE plan = \'free\'"', 'params: []', 'role: "app_rw"'],
  impact: ['About 1,204 rows, by the database’s own estimate.'],
  claim: 'Cleaning up test accounts, as agreed.',
  why: [{ rule: 'deletes-ask', about: 'deleting rows asks' }],
  opened_at: AT,
  expires_at: AT + 3_600_000,
  quorum: { met: false, filled: 0, needed: 2 },
  answers: [],
  progress: [],
  offers: { kind: 'answers' },
  link: 'https://gate.example.com/requests/req_1',
  because: 'asked',
};

const GOLDEN: readonly (readonly [string, unknown])[] = [
  ['pending', drawCard(card)],
  ['low-risk', drawCard({ ...card, risk: 'low' })],
  ['mentioned', drawCard({ ...card, because: 'escalated' }, 'S0ONCALL')],
  ['link-only', drawCard({ ...card, offers: { kind: 'link', why: 'This asks for your passkey.' } })],
  [
    'deny-or-link',
    drawCard({ ...card, offers: { kind: 'deny_or_link', why: 'Approving asks for your passkey.' } }),
  ],
  ['too-long', drawCard({ ...card, shown: Array.from({ length: 61 }, (_, at) => `line ${at}`) })],
  [
    'executed',
    drawCard({
      ...card,
      status: 'approved',
      offers: { kind: 'none' },
      quorum: { met: true, filled: 1, needed: 1 },
      answers: [{ name: 'Bob', decision: 'approved', at: AT + 60_000 }],
      progress: ['Bob approved it.', 'Approved.', 'It ran and succeeded.'],
    }),
  ],
  [
    'denied',
    drawCard({
      ...card,
      status: 'denied',
      offers: { kind: 'none' },
      answers: [{ name: 'Bob', decision: 'denied', at: AT + 60_000, reason: 'not on a *Friday* <!channel>' }],
      progress: ['Bob denied it.', 'Denied. Nothing was run.'],
    }),
  ],
  ['progress', drawProgress(['Approved by Bob.', 'It ran and succeeded.'])],
  [
    'said',
    drawSaid({
      id: 'digest-1',
      title: 'What waits this morning <!channel>',
      lines: ['3 requests wait, the oldest for 2 hours.', '*Bob* decided 4.'],
      link: 'https://gate.example.com/inbox',
    }),
  ],
  ['deny-view', denyView('{"card":"k3J9xQ2mT7vB1nZ8rW5y_A","version":3,"channel":"C0APPROVE"}')],
  ['link-view', linkView('https://gate.example.com/link/x')],
  [
    'waiting',
    drawWaiting(
      [
        {
          request_id: 'req_1',
          sentence: card.sentence,
          risk: 'high',
          agent: 'coder',
          upstream: 'billing',
          env: 'prod',
          opened_at: AT,
          expires_at: AT + 3_600_000,
          link: card.link,
          eligibility: { eligible: true },
          proof_needed: 'passkey',
        },
      ],
      'https://gate.example.com',
    ),
  ],
];

for (const [name, drawn] of GOLDEN)
  it(`draws ${name} as its golden file says`, () => {
    const file = new URL(`./testdata/${name}.json`, import.meta.url);
    const text = `${JSON.stringify(drawn, null, 2)}\n`;
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });

const actionsOf = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map(({ action_id }) => action_id) : [],
  );

/** What an agent can write, in every place of a card where it ends up (A1, A2, A3). */
const PAYLOADS = [
  '```\n*Approved by @security* <!channel>',
  '<https://evil.example|https://gate.example.com/requests/req_1>',
  '<@U0BOB0001> <!here> <!subteam^S0ONCALL> <#C0APPROVE>',
  ':white_check_mark: *Already approved*, nothing to do',
  '&lt;!channel&gt; &amp;',
  '@channel @here @everyone',
  '\\u{202E}txt.exe',
  '"}]},{"type":"actions","elements":[]}',
];

const typesIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(typesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { type } = value as { type?: unknown };
  return [...(typeof type === 'string' ? [type] : []), ...Object.values(value).flatMap(typesIn)];
};

for (const payload of PAYLOADS)
  it(`keeps ${JSON.stringify(payload)} letters wherever it stands (A1, A2)`, () => {
    const calm = drawCard({ ...card, claim: 'x', owner: 'x', subject: 'x' });
    const drawn = drawCard({
      ...card,
      sentence: payload,
      agent: payload,
      subject: payload,
      owner: payload,
      resource: payload,
      shown: [payload],
      impact: [payload],
      claim: payload,
      why: [{ rule: 'deletes-ask', about: payload }],
    });
    // The same elements in the same order, whatever was written into them.
    assert.deepEqual(typesIn(drawn.blocks), typesIn(calm.blocks));
    // Nothing in it is read for markup, and the one text that is has every control character written out.
    assert.doesNotMatch(JSON.stringify(drawn.blocks), /mrkdwn/);
    assert.doesNotMatch(drawn.text, /[<>]/);
    assert.equal(JSON.stringify(drawn.blocks).includes('"emoji":true'), false);
  });

it('offers approval only when all of it is there (A4, A7)', () => {
  const table: readonly (readonly [string, Partial<Card>, readonly string[]])[] = [
    ['as it is', {}, ['approve', 'deny', 'open']],
    ['60 lines', { shown: Array.from({ length: 60 }, (_, at) => `line ${at}`) }, ['approve', 'deny', 'open']],
    ['the 61st line', { shown: Array.from({ length: 61 }, (_, at) => `line ${at}`) }, ['deny', 'open']],
    [
      'a bad item among a thousand',
      { shown: [...Array(999).fill('delete: tmp'), 'delete: customers'] },
      ['deny', 'open'],
    ],
    ['6,000 characters', { shown: ['x'.repeat(6_000)] }, ['approve', 'deny', 'open']],
    ['one more', { shown: ['x'.repeat(6_001)] }, ['deny', 'open']],
    ['a long sentence', { sentence: 'x'.repeat(1_001) }, ['deny', 'open']],
    ['a long name of what it acts on', { resource: 'x'.repeat(601) }, ['deny', 'open']],
    ['much impact', { impact: Array(21).fill('a row') }, ['deny', 'open']],
    ['many rules', { why: Array(21).fill({ rule: 'r', about: 'a' }) }, ['deny', 'open']],
    ['a long claim, which decides nothing', { claim: 'x'.repeat(5_000) }, ['approve', 'deny', 'open']],
  ];
  for (const [name, over, want] of table)
    assert.deepEqual(actionsOf(drawCard({ ...card, ...over }).blocks), want, name);
});

it('asks twice at high and critical risk, and a button carries card and version alone', () => {
  for (const [risk, want] of [
    ['low', false],
    ['medium', false],
    ['high', true],
    ['critical', true],
  ] as const) {
    const [approve, deny] = drawCard({ ...card, risk }).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements : [],
    );
    assert.equal(approve?.confirm !== undefined, want, risk);
    assert.deepEqual([approve?.value, deny?.value], ['k3J9xQ2mT7vB1nZ8rW5y_A.3', 'k3J9xQ2mT7vB1nZ8rW5y_A.3']);
  }
});

it('stays within its own limits whatever is asked', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.string({ minLength: 900, maxLength: 9_000 }),
    fc.constantFrom(...PAYLOADS),
  );
  fc.assert(
    fc.property(
      text,
      fc.array(text, { maxLength: 80 }),
      fc.array(text, { maxLength: 30 }),
      (one, shown, lines) => {
        const drawn = drawCard({
          ...card,
          sentence: one,
          resource: one,
          claim: one,
          shown,
          impact: lines,
          progress: lines,
        });
        const whole =
          shown.length <= 60 && shown.join('\n').length <= 6_000 && one.length <= 600 && lines.length <= 20;
        if (!whole || lines.some((each) => each.length > 600)) assert.equal(drawn.complete, false);
        assert.equal(actionsOf(drawn.blocks).includes('approve'), drawn.complete);
        const code = drawn.blocks
          .flatMap((block) => (block.type === 'rich_text' ? block.elements : []))
          .filter(({ type }) => type === 'rich_text_preformatted');
        const kept = code
          .map(({ elements }) => elements.map((each) => ('text' in each ? each.text : '')).join(''))
          .join('\n');
        if (drawn.complete && shown.join('').trim() !== '')
          assert.equal(kept.replaceAll('\n', ''), shown.join('\n').replaceAll('\n', ''));
      },
    ),
    { numRuns: 60 },
  );
});
