/** What is made again is what was asked: for every binding, from the bytes that were kept. And what is missing is said. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionBytes, type Evaluation, type JsonObject, type Principal } from '@countersign/core';
import fc from 'fast-check';
import { understand } from '../../api/access/binding.ts';
import { asked } from '../../operations/operation.ts';
import { toEvaluation } from '../../protocols/mcp/binding.ts';
import { Schemas } from '../../protocols/mcp/tools/schema.ts';
import type { AcceptedOnce, StoredBody } from './questions.ts';
import { isToolCall, type Kept, rebuild } from './rebuild.ts';
import type { Recorded } from './recorded.ts';

const AT = 1_800_000_000_000;
const PRINCIPAL: Principal = {
  tenant: 'default',
  agent: 'coder',
  owner: 'alice',
  team: 'platform',
  subject: { type: 'agent', id: 'coder' },
};
const DEFINITION = {
  name: 'pay',
  inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  annotations: { readOnlyHint: true },
};
const ACCEPTED: AcceptedOnce = {
  pin: 'sha256:1',
  class: 'write',
  accepted_at: AT - 1,
  definition: JSON.stringify(DEFINITION),
};

function recordedOf({ action, resource, facts }: Evaluation, over: Partial<Recorded> = {}): Recorded {
  return {
    event_id: 'E',
    occurred_at: AT,
    request_id: undefined,
    execution_id: undefined,
    evaluation_id: 'eval_1',
    who: { agent: 'coder', team: 'platform', subject: { type: 'agent', id: 'coder' }, act: undefined },
    what: {
      upstream: facts.scope.upstream,
      env: facts.scope.env,
      action: action.name,
      resource: resource.id,
    },
    effect: 'allow',
    rules: [],
    policy_digest: 'sha256:0',
    outcome: 'allowed',
    ...over,
  };
}
const kept = (evaluation: Evaluation): StoredBody => ({
  kind: 'kept',
  body: Buffer.from(actionBytes(evaluation)).toString('utf8'),
});
const rebuilt = (evaluation: Evaluation, over: Partial<Kept> = {}, recorded = recordedOf(evaluation)) =>
  rebuild(recorded, { body: kept(evaluation), accepted: [ACCEPTED], schemas: new Schemas(), ...over });

const call = (params: JsonObject, fits: boolean): Evaluation =>
  toEvaluation({
    principal: PRINCIPAL,
    upstream: { id: 'bank', env: 'prod', digest: 'sha256:c' },
    method: 'tools/call',
    params: { name: 'pay', ...params },
    tool: { accepted: { pin: 'sha256:1', class: 'write', definition: DEFINITION }, fits },
  });
const sameFacts = (evaluation: Evaluation): void => {
  const again = rebuilt(evaluation);
  assert.ok(again.kind === 'whole', again.kind);
  assert.deepEqual(again.evaluation.facts, evaluation.facts);
  assert.deepEqual(actionBytes(again.evaluation), actionBytes(evaluation));
};

describe('an evaluation made again', () => {
  it('of a tool’s call has the facts it had, whatever the arguments', () => {
    const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: true } as object);
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), json),
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
        (args, amount) => {
          const given = JSON.parse(
            JSON.stringify({ ...args, ...(amount === undefined ? {} : { amount }) }),
          ) as JsonObject;
          const fits = typeof given['amount'] === 'number';
          sameFacts(call({ arguments: given }, fits));
        },
      ),
      { numRuns: 200 },
    );
    sameFacts(call({}, false));
    sameFacts(call({ arguments: { amount: 1 }, inputResponses: {}, _meta: { 'x/y': 1 } }, true));
  });

  const others: readonly (readonly [string, JsonObject])[] = [
    ['session.open', {}],
    ['resources/read', { uri: 'file:///a' }],
    ['prompts/get', { name: 'p', arguments: { a: 'b' } }],
    ['elicitation/answer', { action: 'accept', content: { a: 1 } }],
  ];
  for (const [method, params] of others)
    it(`of ${method} has the facts it had`, () =>
      sameFacts(
        toEvaluation({
          principal: PRINCIPAL,
          upstream: { id: 'bank', env: 'prod', digest: 'x' },
          method,
          params,
        }),
      ));

  it('of a caller that enforces by itself has the facts it had', () => {
    const understood = understand(
      {
        subject: { type: 'agent', id: 'coder' },
        action: { name: 'deploy', properties: { fast: true } },
        resource: { type: 'service', id: 'shop', properties: { tier: 1 } },
        context: { region: 'eu' },
      },
      PRINCIPAL,
    );
    assert.ok('evaluation' in understood);
    sameFacts(understood.evaluation);
  });

  it('of a change of the gateway’s own has the facts it had', () => {
    for (const by of [{ by: 'alice' }, {}])
      sameFacts(
        asked(
          { name: 'countersign.policy.change', ...by, resource: 'policy', arguments: { a: 1 } },
          'default',
        ).evaluation,
      );
  });

  const evaluation = call({ arguments: { amount: 5 } }, true);
  const not: readonly (readonly [string, Partial<Kept>, string])[] = [
    [
      'a tool accepted anew since',
      { accepted: [{ ...ACCEPTED, accepted_at: AT + 1 }] },
      'tool_accepted_since',
    ],
    ['a definition nobody has any more', { accepted: [{ ...ACCEPTED, pin: 'sha256:2' }] }, 'tool_unknown'],
    ['bytes that are no action', { body: { kind: 'kept', body: '{}' } }, 'unreadable'],
  ];
  for (const [what, over, why] of not)
    it(`is not made of ${what}`, () => assert.deepEqual(rebuilt(evaluation, over), { kind: 'not', why }));

  const parts: readonly (readonly [string, StoredBody | undefined, string])[] = [
    ['refused', undefined, 'not_kept'],
    ['erased', { kind: 'erased' }, 'erased'],
    ['too large', { kind: 'too_large' }, 'too_large'],
  ];
  for (const [what, body, why] of parts)
    it(`${what}, is known but for what stood in the arguments`, () => {
      const part = rebuilt(evaluation, { body });
      assert.ok(part.kind === 'partly');
      assert.equal(part.why, why);
      const { unknown, evaluation: known } = part.partly;
      assert.deepEqual(unknown, {
        scope: [],
        facts: [
          ['mcp', 'args'],
          ['mcp', 'arg_bytes'],
          ['mcp', 'answers'],
        ],
        confidence: true,
      });
      assert.deepEqual(known.facts.scope, evaluation.facts.scope);
      const { args: _, arg_bytes: __, answers: ___, ...rest } = evaluation.facts.values;
      assert.deepEqual(
        Object.fromEntries(Object.entries(known.facts.values).filter(([name]) => name in rest)),
        rest,
      );
    });

  it('refused, of a tool accepted anew since: its class is not known either', () => {
    const part = rebuilt(evaluation, { body: undefined, accepted: [{ ...ACCEPTED, accepted_at: AT + 1 }] });
    assert.ok(part.kind === 'partly');
    assert.deepEqual(part.partly.unknown.scope, ['class']);
    assert.ok(part.partly.unknown.facts.some(([, name]) => name === 'pinned'));
  });

  it('refused, of a tool whose name the log had to mask: nor its name', () => {
    const recorded = recordedOf(evaluation);
    const part = rebuilt(
      evaluation,
      { body: undefined },
      { ...recorded, what: { ...recorded.what, resource: 'x[masked: secret]' } },
    );
    assert.ok(part.kind === 'partly');
    assert.ok(part.partly.unknown.scope.includes('resource'));
    assert.ok(part.partly.unknown.facts.some(([, name]) => name === 'tool'));
  });

  it('is a tool’s call where it is one', () => {
    assert.equal(isToolCall(recordedOf(evaluation)), true);
    assert.equal(
      isToolCall(
        recordedOf(
          asked({ name: 'countersign.policy.change', resource: 'policy', arguments: {} }, 't').evaluation,
        ),
      ),
      false,
    );
  });
});
