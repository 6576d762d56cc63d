import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, JsonObject, Principal } from '@countersign/core';
import type { AuditFact } from '../audit.ts';
import type { About } from '../facts/about.ts';
import { resolutionFact, reviewFact } from '../facts/answered.ts';
import { evaluationFact, overRateFact, requestOpenedFact } from '../facts/asked.ts';
import { changeFact } from '../facts/changed.ts';
import { executionResultFact, executionStartedFact } from '../facts/ran.ts';
import { outcomeOf } from './outcome.ts';

const at = 1_760_000_000_000;
const principal: Principal = {
  tenant: 'default',
  agent: 'coder',
  owner: null,
  team: null,
  subject: { type: 'agent', id: 'coder' },
};
const about: About = {
  principal,
  upstream: 'files',
  env: 'prod',
  action: 'tools/call',
  resource: 'write_file',
  action_digest: `sha256:${'ab'.repeat(32)}`,
  evaluation_id: 'eval_1',
};
const policy = { id: 'p', version: '1', digest: `sha256:${'cd'.repeat(32)}` };
const explanation = { policy, deciding: [], outranked: [], would_have: [] };
const asks: Decision & { effect: 'require' } = {
  effect: 'require',
  risk: 'medium',
  explanation,
  obligations: [],
  requirement: { seats: [], choices: [], exclude: [], within_ms: 1, valid_ms: 1, uses: 1 },
};
const evaluated = (outcome: string): AuditFact =>
  evaluationFact(about, asks, { at, outcome, task_id: 'req_1' });
const started = { at, execution_id: 'x', decision: asks, enforced_by: 'gateway' as const };
const approval = { id: 'apr_1', request_id: 'req_1', resolution_event: 'e' };
const reviewed = { at, request_id: 'req_1', reviewer: 'bob', channel: 'cli', proof: 'session' };
const ended = { at, execution_id: 'x', started_event: 'e' };

/** Facts as the gateway makes them, so that a renamed member cannot leave the list silent. */
const TABLE: readonly (readonly [name: string, fact: AuditFact, want: string | undefined])[] = [
  ['held', evaluated('held'), 'held'],
  ['refused by policy', evaluated('policy_denied'), 'denied'],
  ['refused for any other reason', evaluated('limit'), 'denied'],
  ['a caller told to ask', evaluated('approval_required'), 'approval_required'],
  ['calls over the rate', overRateFact({ principal, at, calls_per_minute: 1, refused_before: 0 }), 'denied'],
  ['a request', requestOpenedFact(about, asks, { at, request_id: 'req_1', expires_at: at }), 'pending'],
  ['a vote for', reviewFact(about, { ...reviewed, decision: 'approved' }), 'approved'],
  ['a vote against', reviewFact(about, { ...reviewed, decision: 'denied' }), 'denied'],
  [
    'I5: a vote that did not count',
    reviewFact(about, { ...reviewed, decision: 'approved', refused: 'late' }),
    'not counted',
  ],
  ['an end', resolutionFact(about, { at, request_id: 'req_1', status: 'expired' }), 'expired'],
  ['run on policy alone', executionStartedFact(about, started), 'allowed'],
  ['run on an approval', executionStartedFact(about, { ...started, approval }), 'started'],
  ['ran', executionResultFact(about, { ...ended, status: 'succeeded' }), 'succeeded'],
  ['did not', executionResultFact(about, { ...ended, status: 'failed' }), 'failed'],
  ['nobody knows', executionResultFact(about, { ...ended, status: 'unknown' }), 'unknown'],
  ['a change', changeFact({ kind: 'policy-change', at, task_id: 'policy', predicate: {} }), undefined],
];

test('an entry says what came of it', () => {
  for (const [name, { kind, predicate }, want] of TABLE) assert.equal(outcomeOf(kind, predicate), want, name);
});

test('what came of a sign-in is told apart', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['signed in', 'signed in'],
    ['sign-in refused', 'refused'],
    ['session expired', 'expired'],
    ['gateway started', undefined],
  ];
  for (const [change, want] of table) assert.equal(outcomeOf('system', { change }), want, change);
  const preview = (status?: string) =>
    outcomeOf('system', { change: 'preview', ...(status === undefined ? {} : { status }) });
  assert.deepEqual(
    [preview(), preview('shown'), preview('failed'), preview('unknown'), preview('constructor')],
    ['preview begun', 'previewed', 'preview failed', 'preview unknown', undefined],
  );
});

test('what ticket systems did is told apart', () => {
  const of = (change: string) => outcomeOf('system', { change, ticketing: 'jira' });
  assert.deepEqual(
    [of('ticket comment'), of('ticket refusal too late'), of('relayed answer refused'), of('constructor')],
    ['commented', 'too late', 'not taken', undefined],
  );
});

test('what hidden or erased text an entry is about is told apart', () => {
  const table: readonly (readonly [JsonObject, string])[] = [
    [{ revealed_to: 'bob' }, 'revealed'],
    [{ erased: { action: 1 }, by: 'alice' }, 'erased'],
  ];
  for (const [predicate, want] of table) assert.equal(outcomeOf('redaction', predicate), want);
});

test('what no entry of ours says is no outcome', () => {
  for (const [kind, predicate] of [
    ['execution', { phase: 'result', status: { a: 1 } }],
    ['toString', {}],
    ['constructor', { status: 'x' }],
  ] as const)
    assert.equal(outcomeOf(kind, predicate), undefined, kind);
});
