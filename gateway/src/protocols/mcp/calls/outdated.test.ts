import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { legacy, modern } from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({ upstreams: { fixture: { url: fixture.url } } });
const to = { url: gateway.url('fixture'), token: 'agent-key' };
after(async () => {
  await gateway.close();
  await fixture.close();
});

it('I8: a stream of an older session ends when the authority changes, and opens again for who still may', async () => {
  const session = await legacy(to);
  const stream = session.stream();
  let over = false;
  void stream.done.finally(() => (over = true));
  // The stream has no acknowledgement: change until it is heard.
  await gateway.door.until(() => {
    gateway.door.epoch += 1;
    return over;
  }, 'the stream ended');
  assert.equal((await stream.done).status, 200);
  gateway.door.decide = () => 'deny';
  assert.match(JSON.stringify((await session.stream().done).messages), /not opened/);
  gateway.door.decide = () => 'allow';
});

it('I8: so does a subscription', async () => {
  const listening = modern(to, 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  await listening.first(({ method }) => method === 'notifications/subscriptions/acknowledged');
  gateway.door.epoch += 1;
  const { status, reply } = await listening.done;
  assert.deepEqual([status, reply], [200, undefined]);
});
