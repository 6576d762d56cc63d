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

it('A21: one agent cannot have every stream: the next agent finds a place, and who ends one finds one again', async () => {
  const few = await startTestGateway({
    upstreams: { fixture: { url: fixture.url } },
    door: { agents: { 'key-a': 'a', 'key-b': 'b' } },
    limits: { streams_max: 3 },
  });
  const by = (token: string) => ({ url: few.url('fixture'), token });
  const listen = (token: string) =>
    modern(by(token), 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  const opens = (stream: ReturnType<typeof listen>): Promise<boolean> =>
    stream
      .first(({ method }) => method === 'notifications/subscriptions/acknowledged')
      .then(
        () => true,
        () => false,
      );
  const own = [listen('key-a'), listen('key-a')];
  for (const stream of own) assert.ok(await opens(stream));
  const session = await legacy(by('key-a'));
  for (const refused of [listen('key-a'), session.stream()]) assert.equal((await refused.done).status, 503);
  const others = listen('key-b');
  assert.ok(await opens(others));
  for (const stream of own) stream.hangUp();
  while (!(await opens(listen('key-a')))); // the gateway may not have heard of it yet
  await few.close();
});
