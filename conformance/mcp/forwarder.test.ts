import assert from 'node:assert/strict';
import { it } from 'node:test';
import { modern, send } from './client.ts';
import { startFixture } from './fixture/fixture.ts';
import { startForwarder } from './forwarder.ts';

it('adds the key and nothing else: status, a foreign Host, streams and a closed connection pass through', async () => {
  await using open = new AsyncDisposableStack();
  const fixture = open.adopt(await startFixture({ bearer: 'key' }), (it) => it.close());
  const forwarder = open.adopt(await startForwarder(fixture.url, 'key'), (it) => it.close());

  assert.equal((await modern(fixture, 'tools/list').done).status, 401);
  assert.equal((await modern(forwarder, 'tools/list').done).status, 200);
  assert.equal((await modern(forwarder, 'no/such').done).status, 404);
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
  assert.equal((await send(forwarder, { body, headers: { host: 'evil.example' } }).done).status, 403);

  const progress = { ...forwarder, meta: { progressToken: 'p' } };
  const { messages } = await modern(progress, 'tools/call', {
    name: 'test_tool_with_progress',
    arguments: {},
  }).done;
  assert.equal(messages.filter(({ method }) => method === 'notifications/progress').length, 3);

  const sleep = { name: 'slow_compute', arguments: { seconds: 60 } };
  const call = modern(forwarder, 'tools/call', sleep);
  call.done.catch(() => undefined);
  await fixture.journal.until({ name: 'slow_compute', state: 'running' });
  call.hangUp();
  await fixture.journal.until({ name: 'slow_compute', state: 'cancelled' });
});
