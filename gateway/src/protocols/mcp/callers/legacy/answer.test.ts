import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '@countersign/core';
import { FakeDoor } from '../../../../../testing/fake-door.ts';
import { configDigest } from '../../binding.ts';
import { mcpUpstreamSchema } from '../../config.ts';
import type { McpDeps } from '../../deps.ts';
import { toMessage } from '../../wire/message.ts';
import { passAnswer } from './answer.ts';
import { LegacySession } from './session.ts';

const refusing = (): never => {
  throw new Error('not used here');
};

/** A session whose upstream asked `methods`, each under the id `1`; and what the upstream then hears. */
function started(methods: readonly string[]) {
  const door = new FakeDoor({ decide: () => 'deny' });
  const admission = door.admit('agent-key');
  assert.ok(admission.admitted);
  const heard: string[] = [];
  const link = {
    request: refusing,
    listen: refusing,
    session: () => undefined,
    renew: () => true,
    closed: false,
    onClose: () => undefined,
    close: () => Promise.resolve(),
    post: ({ text }: { text: string | Buffer }) => {
      heard.push(String(text));
      return Promise.resolve(true);
    },
  };
  const config = mcpUpstreamSchema.parse({ url: 'http://127.0.0.1:1/' });
  const upstream = { id: 'x', env: 'dev', config, digest: configDigest({}) };
  const peer = { upstream, era: 'legacy', link, catalog: {}, permit: {} } as unknown as LegacySession['peer'];
  const session = new LegacySession({
    agent: 'agent',
    peer,
    version: '2025-11-25',
    now: 0,
    leave: () => undefined,
  });
  const passed = methods.map((method) => session.ask({ kind: 'request', id: 1, method, params: {} }));
  const answer = async (said: { result: Json } | { error: Json }): Promise<void> => {
    const message = toMessage({ jsonrpc: '2.0', id: 1, ...said });
    assert.equal(message.kind, 'response');
    if (message.kind === 'response')
      await passAnswer({} as McpDeps, { session, door: admission.session, answer: message });
  };
  return { door, heard, passed, answer };
}

describe('I1: no answer to elicitation or sampling goes on unasked, whatever its shape', () => {
  for (const method of ['elicitation/create', 'sampling/createMessage']) {
    for (const result of [{ action: 'accept' }, ['secret'], 'secret', 7, null] as readonly Json[]) {
      it(`${method}: ${JSON.stringify(result)}`, async () => {
        const { door, heard, answer } = started([method]);
        await answer({ result });
        assert.equal(door.asked.length, 1);
        assert.equal(heard.length, 1);
        assert.match(heard[0] ?? '', /did not pass this answer on/);
      });
    }
  }

  it('an error says that the caller declined, and nothing else of the caller’s', async () => {
    const { heard, answer } = started(['elicitation/create']);
    await answer({ error: { code: -1, message: 'secret', data: { more: 'secret' } } });
    assert.deepEqual(JSON.parse(heard[0] ?? ''), {
      jsonrpc: '2.0',
      id: 1,
      error: { code: -1, message: 'The caller declined' },
    });
  });

  it('an upstream cannot ask again under the id of an open question, to take its answer past the door', async () => {
    const { door, heard, passed, answer } = started(['elicitation/create', 'roots/list']);
    assert.deepEqual(passed, [true, false]);
    await answer({ result: { action: 'accept', content: 'secret' } });
    assert.equal(door.asked.length, 1);
    assert.doesNotMatch(heard.join(), /secret/);
  });

  it('roots pass as they are: they are what the caller says it may see', async () => {
    const { door, heard, answer } = started(['roots/list']);
    await answer({ result: { roots: [] } });
    assert.equal(door.asked.length, 0);
    assert.deepEqual(JSON.parse(heard[0] ?? ''), { jsonrpc: '2.0', id: 1, result: { roots: [] } });
  });
});
