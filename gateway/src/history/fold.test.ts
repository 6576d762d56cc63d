import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Calls, fold } from './fold.ts';
import { type Question, type Told, toldBy } from './told.ts';

const question = (id: string): Question => ({
  id,
  agent: 'coder',
  subject: 'coder',
  owner: 'alice',
  team: null,
  upstream: 'files',
  env: 'dev',
  action: 'tools/call',
  resource: 'write',
  class: 'write',
  risk: 'low',
  rules: ['r'],
  session: null,
  trace: null,
});

type Plain = Told extends infer T ? (T extends Told ? Omit<T, 'seq' | 'at'> : never) : never;
const held: Plain = { kind: 'held', question: question('q1'), request_id: 'req_1' };
const resolved = (status: string): Plain => ({ kind: 'resolved', request_id: 'req_1', status, by: 'bob' });
const reviewed: Plain = { kind: 'reviewed', request_id: 'req_1', reviewer: 'bob', decision: 'approved' };
const started = (over: object = {}): Plain =>
  ({
    kind: 'started',
    question: question('q2'),
    execution_id: 'exe_1',
    by: 'approval',
    request_id: 'req_1',
    caller_enforced: false,
    ...over,
  }) as Plain;
const ended = (status: string): Plain => ({ kind: 'ended', execution_id: 'exe_1', status, cause: undefined });
const refused = (request_id?: string): Plain => ({
  kind: 'refused',
  question: question('q3'),
  reason: 'denied',
  request_id,
});

function outcomes(told: readonly Plain[], known = new Calls([])): readonly string[] {
  for (const [at, each] of told.entries()) fold(known, { ...each, seq: at, at: 1_000 + at } as Told);
  return known
    .changed()
    .map(({ call }) => `${call.decision} ${call.outcome} ${call.permitted_by ?? '-'} ${call.asked_again}`);
}

describe('what entries make of calls', () => {
  const cases: readonly [string, readonly Plain[], readonly string[]][] = [
    ['nothing of entries about calls it does not know', [resolved('denied'), ended('failed'), reviewed], []],
    ['held', [held], ['held waiting - 0']],
    [
      'approved and run',
      [held, reviewed, resolved('approved'), started(), ended('succeeded')],
      ['held succeeded approval 0'],
    ],
    [
      'let through in an emergency',
      [held, resolved('approved'), started({ by: 'break-glass' }), ended('failed')],
      ['held failed break-glass 0'],
    ],
    [
      'approved and taken back',
      [held, resolved('approved'), resolved('approval-revoked')],
      ['held revoked - 0'],
    ],
    [
      'used, and the approval over later',
      [held, resolved('approved'), started(), ended('succeeded'), resolved('approval-expired')],
      ['held succeeded approval 0'],
    ],
    [
      'a resolution told twice: the first stands',
      [held, resolved('denied'), resolved('approved')],
      ['held denied - 0'],
    ],
    [
      'an end nobody knows',
      [held, resolved('approved'), started(), ended('odd')],
      ['held unknown approval 0'],
    ],
    [
      'denied, and told so twice',
      [held, resolved('denied'), refused('req_1'), refused('req_1')],
      ['held denied - 2'],
    ],
    ['refused by policy', [refused()], ['denied refused - 0']],
    [
      'allowed',
      [started({ by: 'policy', request_id: undefined }), ended('succeeded')],
      ['allowed succeeded policy 0'],
    ],
    [
      'enforced by the caller',
      [started({ by: 'policy', request_id: undefined, caller_enforced: true })],
      ['allowed permitted policy 0'],
    ],
    [
      'on a grant: its own call, whatever its request became',
      [held, resolved('approved'), started({ by: 'grant' })],
      ['held approved - 0', 'allowed running grant 0'],
    ],
  ];
  for (const [name, told, want] of cases) it(name, () => assert.deepEqual(outcomes(told), want));

  it('told again from the start, nothing changes', () => {
    const told = [held, reviewed, resolved('approved'), started(), ended('succeeded')];
    const once = new Calls([]);
    outcomes(told, once);
    const rows = once.changed().map(({ call }) => call);
    assert.deepEqual(outcomes(told, new Calls(rows)), []);
  });
});

describe('what an entry tells', () => {
  const row = (kind: string, predicate: object, over: object = {}) => ({
    leaf_index: 7,
    occurred_at: 9,
    kind,
    rules: null,
    request_id: null,
    envelope: JSON.stringify({ payload: Buffer.from(JSON.stringify({ predicate })).toString('base64') }),
    ...over,
  });
  const who = { agent: 'a', subject: { type: 'agent', id: 'a' } };
  const what = { upstream: 'u', env: 'e', action: 'x', resource: 'r' };
  const nothing: readonly [string, string, object][] = [
    ['a flood', 'evaluation', { outcome: 'too_many_calls', who }],
    ['a review that did not count', 'review', { decision: 'approved', reviewer: 'bob', counted: false }],
    ['an export', 'export', { by: 'ines' }],
    ['an execution without an id', 'execution', { phase: 'started', who, what }],
  ];
  for (const [name, kind, predicate] of nothing)
    it(`${name}: nothing`, () =>
      assert.equal(toldBy(row(kind, predicate, { request_id: 'req_1' })), undefined));

  it('on what a run was permitted', () => {
    const run = { phase: 'started', evaluation_id: 'evl', execution_id: 'exe', who, what };
    const by = (over: object): unknown => {
      const told = toldBy(row('execution', { ...run, ...over }));
      return told?.kind === 'started' ? told.by : told;
    };
    assert.deepEqual(
      [{}, { approval_id: 'apr' }, { grant_id: 'grt' }, { approval_id: 'apr', broken_glass: 'gls' }].map(by),
      ['policy', 'approval', 'grant', 'break-glass'],
    );
  });

  it('of a trace only what names it', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const told = toldBy(
      row('evaluation', { outcome: 'policy_denied', evaluation_id: 'evl', who, what, traceparent }),
    );
    assert.ok(told?.kind === 'refused');
    assert.deepEqual([told.question.trace, told.seq, told.at], ['a'.repeat(32), 7, 9]);
  });
});
