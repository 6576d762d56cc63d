/** What a card says, word by word (testdata/*.json), and what it may never say or offer. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Proof, Requirement, Risk } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { type Made, makeDetail, OPENED_AT } from '../../testing/detail.ts';
import type { ChannelsConfig } from '../channels/config.ts';
import { type CardParts, cardAs, cardOf, SHOWN_LINES_MAX, withoutApproval } from './card.ts';

const draw = (made: Made, over: Partial<CardParts> = {}) =>
  cardOf({
    id: 'crd_x',
    version: 3,
    detail: makeDetail(made),
    because: 'asked',
    answers_up_to: 'high',
    public_url: 'https://gate.example.com',
    ...over,
  });

const vote = (name: string, over: Partial<RequestDetail['reviews'][number]> = {}) => ({
  reviewer: name.toLowerCase(),
  name,
  decision: 'approved' as const,
  reviewed_at: OPENED_AT + 60_000,
  counts: true,
  ...over,
});
const run = (status: string) => ({ id: `exe_${status}`, status, started_at: OPENED_AT + 90_000 });

const TOKEN = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');

const GOLDEN: readonly (readonly [name: string, title: string, made: Made])[] = [
  ['pending', 'a request that waits', { arguments: { path: '/srv/a.txt', content: 'hello' } }],
  [
    'claim',
    'A1–A3: the agent’s words stand apart, and whatever hides in them is written out',
    {
      arguments: { path: 'a\u202etxt.exe', [`\u200bkey`]: '<!channel> ```' },
      over: { claim: 'Approved by Bob \u202eylno daer\u202c.\n*Approve* now' },
    },
  ],
  ['secret', 'I7: a secret is its kind and length', { arguments: { path: '/srv/a', token: TOKEN } }],
  [
    'approved',
    'A25: approved is not said as run',
    {
      over: {
        status: 'approved',
        reviews: [vote('Bob', { reason: 'as agreed' })],
        approval: approval('active'),
      },
    },
  ],
  [
    'ran',
    'how it ended',
    {
      over: {
        status: 'approved',
        reviews: [vote('Bob')],
        executions: [run('failed'), run('unknown')],
        approval: approval('used'),
      },
    },
  ],
  [
    'glass',
    'broken glass',
    {
      over: {
        status: 'approved',
        broken_glass: { id: 'brk_1', by: 'carol', at: OPENED_AT, review: 'open' },
        executions: [run('succeeded')],
      },
    },
  ],
];

function approval(status: 'active' | 'used'): NonNullable<RequestDetail['approval']> {
  return {
    id: 'apr_1',
    request_id: 'req_1',
    status,
    agent: 'coder',
    upstream: 'files',
    action: 'tools/call',
    resource: 'write_file',
    approved_at: OPENED_AT,
    approved_until: OPENED_AT + 1,
    uses_left: status === 'active' ? 1 : 0,
  };
}

describe('a card as it is drawn', () => {
  for (const [name, title, made] of GOLDEN)
    it(title, () => {
      const file = new URL(`testdata/${name}.json`, import.meta.url);
      const drawn = `${JSON.stringify(draw(made), null, 2)}\n`;
      if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, drawn);
      assert.equal(drawn, readFileSync(file, 'utf8'));
    });
});

const asking = (proof: Proof, over: Partial<Requirement> = {}): Partial<RequestDetail> => ({
  requirement: {
    seats: [{ by: 'anyone', count: 1, proof }],
    choices: [],
    exclude: [],
    within_ms: 1,
    valid_ms: 1,
    uses: 1,
    ...over,
  },
});
const at = (risk: Risk): Partial<RequestDetail> => ({ risk });

describe('what a card offers', () => {
  type Offers = readonly [
    title: string,
    made: Partial<RequestDetail>,
    up_to: ChannelsConfig['answers_up_to'],
    kind: string,
    why: RegExp,
  ];
  const table: readonly Offers[] = [
    ['answers, where a session proves enough', {}, 'high', 'answers', /^$/],
    ['the page, where a passkey is asked', asking('passkey'), 'critical', 'link', /passkey/],
    ['the page, where a recent sign-in is asked', asking('recent'), 'critical', 'link', /recent/],
    [
      'the page, where a later stage asks for a passkey',
      asking('session', { next: [{ seats: [{ by: 'anyone', count: 1, proof: 'passkey' }], choices: [] }] }),
      'high',
      'link',
      /passkey/,
    ],
    [
      'the page, where an alternative asks for a passkey',
      asking('session', {
        choices: [{ rule: 'r', anyOf: [[{ by: 'anyone', count: 1, proof: 'passkey' }]] }],
      }),
      'high',
      'link',
      /passkey/,
    ],
    ['no yes at critical risk', at('critical'), 'high', 'deny_or_link', /critical risk/],
    [
      'answers at critical risk, where the configuration says so',
      at('critical'),
      'critical',
      'answers',
      /^$/,
    ],
    [
      'no yes at medium risk, where the configuration says low',
      at('medium'),
      'low',
      'deny_or_link',
      /medium/,
    ],
    ['nothing but the page, where the configuration says none', {}, 'none', 'link', /page/],
    [
      'I6: no yes where part of a text is hidden',
      { approvable: { ok: false, why: 'Part of a text is hidden.' } },
      'high',
      'deny_or_link',
      /hidden/,
    ],
    ['nothing once it is over', { status: 'expired' }, 'high', 'none', /^$/],
  ];
  for (const [title, over, answers_up_to, kind, why] of table)
    it(title, () => {
      const { offers } = draw({ over }, { answers_up_to });
      assert.equal(offers.kind, kind);
      assert.match('why' in offers ? offers.why : '', why);
    });

  it('A4: no yes for what does not fit; where there is one, the last line is there', () => {
    for (const n of [1, 200, 350, 370, 380, 390, 400, 500, 5_000]) {
      const { offers, shown } = draw({ arguments: { content: `${'x\n'.repeat(n)}THE END` } });
      const text = shown.join('\n');
      const whole = text.includes('THE END') && !text.includes('‹not shown');
      assert.equal(offers.kind === 'answers', whole, String(n));
      // What says that something is cut, and the brackets that are open there, come on top.
      assert.ok(shown.length <= SHOWN_LINES_MAX + 8, String(shown.length));
    }
    assert.equal(draw({ arguments: { content: 'x\n'.repeat(500) } }).offers.kind, 'deny_or_link');
    assert.equal(draw({ arguments: { content: 'x'.repeat(50_000) } }).offers.kind, 'deny_or_link');
    assert.equal(withoutApproval(draw({}), 'too small').offers.kind, 'deny_or_link');
  });

  it('for one person: never more than the card, and why not', () => {
    const card = draw({});
    assert.deepEqual(cardAs(card, { eligibility: { eligible: true }, proof_needed: 'session' }), card);
    const owner = cardAs(card, { eligibility: { eligible: false, why: 'owner' } }).offers;
    assert.deepEqual(owner, { kind: 'link', why: 'You may not review this: you own this agent.' });
    assert.equal(
      cardAs(card, { eligibility: { eligible: true }, proof_needed: 'passkey' }).offers.kind,
      'link',
    );
    assert.equal(cardAs(card, undefined).offers.kind, 'link');
    const over = draw({ over: { status: 'denied' } });
    assert.deepEqual(cardAs(over, { eligibility: { eligible: true } }), over);
  });
});

describe('what became of it', () => {
  const said = (over: Partial<RequestDetail>): string => draw({ over }).progress.join(' ');
  it('A25: neither an approval nor a run is ever said to have succeeded before it has', () => {
    for (const status of ['pending', 'approved', 'denied', 'expired', 'cancelled', 'failed'] as const)
      assert.doesNotMatch(said({ status }), /succeeded|It ran/, status);
    for (const status of ['started', 'failed', 'unknown'])
      assert.doesNotMatch(said({ status: 'approved', executions: [run(status)] }), /succeeded/, status);
  });
  it('tells of answers that no longer count, stages, and a revoked approval', () => {
    assert.match(
      said({ reviews: [vote('Bob', { counts: false, why_not: 'left' })] }),
      /Bob approved it, which no longer counts/,
    );
    assert.match(
      said({ quorum: { met: false, filled: 1, needed: 2, stage: 2, stages: 2 } }),
      /1 of 2 .*stage 2 of 2/,
    );
    assert.match(
      said({ status: 'approved', approval: { ...approval('used'), status: 'revoked' } }),
      /revoked/,
    );
  });
});
