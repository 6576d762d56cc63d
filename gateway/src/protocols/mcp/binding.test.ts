import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionBytes, type JsonObject, type Principal, readAction } from '@countersign/core';
import {
  type Asking,
  configDigest,
  mcpBinding,
  originOf,
  paramsOf,
  splitMeta,
  toEvaluation,
} from './binding.ts';
import { mcpUpstreamSchema } from './config.ts';

const principal: Principal = {
  tenant: 'default',
  agent: 'coder',
  owner: 'olga',
  team: 'web',
  subject: { type: 'agent', id: 'coder' },
};
const upstream = {
  id: 'files',
  env: 'prod',
  config: mcpUpstreamSchema.parse({ url: 'http://localhost:1/mcp' }),
  digest: configDigest({ url: 'x' }),
};
const accepted = {
  pin: 'sha256:aa',
  class: 'write',
  definition: { name: 'write_file', inputSchema: {}, annotations: { destructiveHint: true } },
} as const;
const ask = (over: Partial<Asking>): ReturnType<typeof toEvaluation> =>
  toEvaluation({
    principal,
    upstream,
    method: 'tools/call',
    params: { name: 'write_file', arguments: { path: '/x' } },
    tool: { accepted, fits: true },
    ...over,
  });

describe('where a question comes from', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const sound = `00-${trace}-00f067aa0ba902b7-01`;
  const cases: readonly [JsonObject, string | undefined, object | undefined][] = [
    [{}, undefined, undefined],
    [{}, 'abc', { session: 'abc' }],
    [{ traceparent: sound }, undefined, { traceparent: sound }],
    [{ traceparent: sound }, 'abc', { session: 'abc', traceparent: sound }],
    [{ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, undefined, undefined],
    [{ traceparent: sound.toUpperCase() }, undefined, undefined],
    [{ traceparent: `${sound}-more` }, undefined, undefined],
    [{ traceparent: 7 }, undefined, undefined],
  ];
  for (const [talk, session, want] of cases)
    it(`${JSON.stringify(talk)} in ${session}`, () => assert.deepEqual(originOf(talk, session), want));

  it('is in no byte of the action', () => {
    const origin = { session: 'abc', traceparent: sound };
    assert.deepEqual(actionBytes(ask({ origin })), actionBytes(ask({})));
  });
});

describe('a message as a question', () => {
  it('a call: the tool is the resource; arguments, pin and upstream are the context', () => {
    const evaluation = ask({});
    assert.deepEqual(evaluation.resource, {
      type: 'tool',
      id: 'write_file',
      properties: { upstream: 'files' },
    });
    assert.deepEqual(evaluation.context, {
      upstream: { id: 'files', config_digest: upstream.digest },
      tool_pin: 'sha256:aa',
      arguments: { path: '/x' },
    });
    assert.deepEqual(evaluation.facts.scope, {
      env: 'prod',
      class: 'write',
      agent: 'coder',
      team: 'web',
      resource: 'write_file',
      upstream: 'files',
    });
    assert.equal(evaluation.facts.confidence, 'exact');
  });

  const cases: readonly [string, Partial<Asking>, string, string, string][] = [
    ['arguments that do not fit', { tool: { accepted, fits: false } }, 'partial', 'write', 'write_file'],
    ['a resource', { method: 'resources/read', params: { uri: 'file:///x' } }, 'exact', 'read', 'file:///x'],
    ['a prompt', { method: 'prompts/get', params: { name: 'p' } }, 'exact', 'read', 'p'],
    [
      'a completion',
      { method: 'completion/complete', params: { ref: { type: 'ref/prompt', name: 'p' } } },
      'exact',
      'read',
      'files',
    ],
    [
      'an answer',
      { method: 'elicitation/answer', params: { answer: { action: 'accept' } } },
      'exact',
      'answer',
      'files',
    ],
    ['opening', { method: 'session.open', params: {} }, 'exact', 'session', 'files'],
  ];
  for (const [name, over, confidence, as, resource] of cases) {
    it(name, () => {
      const { tool: _tool, ...bare } = { tool: undefined, ...over };
      const evaluation =
        over.tool === undefined
          ? toEvaluation({ principal, upstream, method: '', params: {}, ...bare })
          : ask(over);
      assert.equal(evaluation.facts.confidence, confidence);
      assert.equal(evaluation.facts.scope.class, as);
      assert.equal(evaluation.facts.scope.resource, resource);
    });
  }

  it('A5: every parameter and every unknown _meta key is in the digest; words of conversation are not', () => {
    const bytes = (params: JsonObject): string =>
      Buffer.from(
        actionBytes(ask({ params: { name: 'write_file', arguments: { path: '/x' }, ...params } })),
      ).toString();
    const plain = bytes({});
    for (const talk of [
      'progressToken',
      'traceparent',
      'tracestate',
      'baggage',
      'countersign/reason',
      'io.modelcontextprotocol/clientInfo',
      'io.modelcontextprotocol/logLevel',
    ])
      assert.equal(bytes({ _meta: { [talk]: 'x' } }), plain, talk);
    for (const params of [
      { _meta: 'x' },
      { _meta: ['x'] },
      { inputResponses: { a: 1 } },
      { requestState: 's' },
      { dry_run: false },
      { _meta: { 'example.com/as-user': 'root' } },
      { _meta: { 'io.modelcontextprotocol/other': 1 } },
    ])
      assert.notEqual(bytes(params), plain, JSON.stringify(params));
  });

  it('I3: what runs is read back from the canonical bytes, whatever method', () => {
    const params = {
      name: 'write_file',
      arguments: { path: '/x', __proto__: null },
      inputResponses: { a: 1 },
      requestState: 's',
      _meta: { 'example.com/x': 1, progressToken: 5 },
    } as unknown as JsonObject;
    const action = readAction(actionBytes(ask({ params })));
    assert.deepEqual(paramsOf(action, splitMeta(params['_meta']).talk), JSON.parse(JSON.stringify(params)));
    const read = toEvaluation({
      principal,
      upstream,
      method: 'resources/read',
      params: { uri: 'file:///x' },
    });
    assert.deepEqual(paramsOf(readAction(actionBytes(read)), {}), { uri: 'file:///x' });
  });

  it('I11: a tool that says nothing of itself is the worst it could be', () => {
    const silent = { accepted: { ...accepted, definition: { name: 'write_file' } }, fits: true };
    assert.deepEqual(ask({ tool: silent }).facts.values['annotations'], {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    });
  });

  it('a method without a meaning has no question', () => {
    assert.throws(() => ask({ method: 'tools/run' }), TypeError);
  });

  it('the facts are those declared to policy', () => {
    const { properties } = mcpBinding.facts;
    assert.deepEqual(Object.keys(ask({}).facts.values).sort(), Object.keys(properties).sort());
    const pinned = ask({}).facts.values['pinned'] as JsonObject;
    assert.deepEqual(Object.keys(pinned).sort(), Object.keys(properties.pinned.properties).sort());
  });
});
