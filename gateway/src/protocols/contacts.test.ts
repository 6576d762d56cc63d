// What operators see of an upstream's health is what became of agents' calls, through the real protocol.
import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { modern } from '../../../conformance/mcp/client.ts';
import { startFixture } from '../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../testing/mcp.ts';
import { createContacts } from './contacts.ts';

let now = 1_000;
const contacts = createContacts(() => now);
const fixture = await startFixture();
const gateway = await startTestGateway({
  contacts,
  upstreams: {
    fixture: { url: fixture.url, call_timeout_ms: 400 },
    gone: { url: 'http://127.0.0.1:1/mcp' },
    nothing: { command: ['/nowhere/no-such-program'] },
  },
});
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => fixture.faults.clear());

const call = (upstream: string): Promise<unknown> =>
  modern({ url: gateway.url(upstream), token: 'agent-key' }, 'tools/call', {
    name: 'test_simple_text',
    arguments: {},
  }).done;

describe('contacts with upstreams', () => {
  it('nothing is known of one nobody asked', () => assert.deepEqual(contacts.of('fixture'), {}));

  it('an answer is one, and a failure after it is told apart', async () => {
    await call('fixture');
    assert.deepEqual(contacts.of('fixture'), { answered_at: 1_000 });
    now = 2_000;
    fixture.faults.arm('test_simple_text', 'status_500');
    await call('fixture');
    assert.deepEqual(contacts.of('fixture'), {
      answered_at: 1_000,
      failed_at: 2_000,
      why: 'the upstream answered with an HTTP error',
    });
  });

  for (const upstream of ['gone', 'nothing'])
    it(`${upstream}: why it could not be reached is said in our own words`, async () => {
      await call(upstream);
      const { answered_at, failed_at, why } = contacts.of(upstream);
      assert.deepEqual([answered_at, failed_at], [undefined, 2_000]);
      assert.match(why ?? '', /could not be reached|ended before it answered|could not be started/);
    });

  it('is bounded: the oldest name is forgotten', () => {
    const many = createContacts(() => 1);
    for (let n = 0; n <= 10_000; n++) many.answered(`upstream-${n}`);
    assert.deepEqual([many.of('upstream-0'), many.of('upstream-10000')], [{}, { answered_at: 1 }]);
  });
});
