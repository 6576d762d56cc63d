import assert from 'node:assert/strict';
import { it } from 'node:test';
import { canonicalize, type Json, type JsonObject, parseJson } from '@countersign/core';
import fc from 'fast-check';
import { toEvaluation } from '../binding.ts';
import { putAway, takeOut } from './away.ts';
import type { Call } from './call.ts';

const principal = {
  tenant: 't',
  team: null,
  agent: 'bot',
  owner: 'olaf',
  subject: { type: 'agent', id: 'bot' },
} as const;
const upstream = { id: 'files', env: 'dev', digest: 'sha256:00' };
/** What a call is made of here, as far as it is put away. */
const callOf = (params: JsonObject): Call =>
  ({
    request: { kind: 'request', id: 7, method: 'prompts/get', params },
    bytes: Buffer.from('as it came'),
    talk: { traceparent: 'x' },
    capabilities: { tools: {} },
  }) as unknown as Call;
const asked = (params: JsonObject) => ({
  call: callOf(params),
  prepared: {
    evaluation: toEvaluation({
      principal,
      upstream,
      method: 'prompts/get',
      params,
      claim: { reason: 'why' },
    }),
    shape: { method: 'prompts/get', modern: true, has_output_schema: false },
    rewritten: false,
    mirrored: [],
  },
});

it('is the same question when it is taken out, whatever it asks', () => {
  const names = fc.constantFrom('arguments', '_meta', 'name', 'args', 'x', '__proto__', 'toJSON', '1', '“”');
  const json = fc.letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      tie('object'),
    ),
    object: fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  })).object;
  fc.assert(
    fc.property(json, (made) => {
      // As the wire gives it: parsed.
      const params = parseJson(JSON.stringify({ name: 'p', ...made })) as JsonObject;
      const before = asked(params);
      const { call, prepared } = takeOut(putAway(before));
      const text = (value: object): string => canonicalize(value as Json);
      assert.equal(text(prepared.evaluation), text(before.prepared.evaluation));
      assert.deepEqual([call.talk, call.capabilities], [before.call.talk, before.call.capabilities]);
      assert.deepEqual(call.request.params['name'], params['name']);
    }),
  );
});

it('holds what is asked once, as text, and nothing that came over the wire', () => {
  const text = 'a large text'.repeat(1_000);
  const away = putAway(asked({ name: 'p', arguments: { text } }));
  assert.ok(JSON.stringify(away).length < text.length + 1_500);
  assert.ok(away.question.includes(text));
  assert.deepEqual(
    [away.call.bytes.length, away.call.request.params, away.prepared.rewritten],
    [0, {}, true],
  );
});
