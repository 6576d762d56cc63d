import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as aTurnLater } from 'node:timers/promises';
import type { JsonObject } from '@countersign/core';
import type { Permit } from '../../protocol.ts';
import type { Outgoing } from '../upstream/link.ts';
import type { Request } from '../wire/message.ts';
import type { Call, Prepared } from './call.ts';
import { runAndAnswer } from './run.ts';

const AS_SENT =
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"n":1.0}}}';
const prepared = { shape: { method: 'tools/call' }, rewritten: false, mirrored: [] } as unknown as Prepared;

/** Runs one call, and says in which order what happened, and what was sent. */
async function ran({ held, rewritten = false }: { held: boolean; rewritten?: boolean }) {
  const order: string[] = [];
  const sent: string[] = [];
  const permit = {
    held,
    action: {
      action: { name: 'tools/call' },
      resource: { id: 'echo' },
      context: { arguments: { n: 1 } },
    },
    mask: (value: unknown) => ({ value, changed: false }),
    maskApart: (value: unknown) => ({ value, changed: false }),
    async finish() {
      await aTurnLater();
      order.push('recorded');
    },
    delivered: () => order.push('delivered'),
  } as unknown as Permit;
  const caller = { left: false, hangup: { aborted: false } };
  const params: JsonObject = { name: 'echo', arguments: { n: 1 } };
  const call = {
    peer: {
      era: 'legacy',
      link: {
        request: (out: Outgoing<Request>) => {
          sent.push(String(out.text));
          const message = { kind: 'response', id: 1, result: { content: [] } };
          return Promise.resolve({
            kind: 'answered',
            status: 200,
            answer: { message },
            streamed: false,
            headers: {},
          });
        },
      },
    },
    request: { kind: 'request', id: 1, method: 'tools/call', params },
    bytes: Buffer.from(AS_SENT),
    talk: {},
    reply: { told: () => undefined, answer: () => order.push('answered'), stream: () => undefined },
    caller,
  } as unknown as Call;
  await runAndAnswer(call, { ...prepared, rewritten }, permit);
  return { order, sent };
}

describe('a call that runs', () => {
  it('I9: approved, is answered once its end is on record: a retry finds it; allowed, at once', async () => {
    assert.deepEqual((await ran({ held: true })).order, ['recorded', 'answered']);
    assert.deepEqual((await ran({ held: false })).order, ['answered', 'recorded']);
  });

  it('I3, A8: approved, is written from what was approved, whatever the call that redeems it looks like', async () => {
    assert.deepEqual((await ran({ held: false })).sent, [AS_SENT]);
    const written = AS_SENT.replace('1.0', '1');
    assert.deepEqual((await ran({ held: true })).sent, [written]);
    assert.deepEqual((await ran({ held: false, rewritten: true })).sent, [written]);
  });
});
