import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { legacy } from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({ upstreams: { fixture: { url: fixture.url } } });
after(async () => {
  await gateway.close();
  await fixture.close();
});

const NAMED: readonly (readonly [string, string])[] = [
  ['tools/call', 'name'],
  ['resources/read', 'uri'],
  ['resources/subscribe', 'uri'],
  ['prompts/get', 'name'],
];
for (const [method, key] of NAMED) {
  it(`A6: ${method} about something that is no string is not asked about something else`, async () => {
    const session = await legacy({ url: gateway.url('fixture'), token: 'agent-key' });
    for (const value of [['file:///secret'], { toString: 'file:///secret' }, 7, null, undefined]) {
      const before = gateway.door.asked.length;
      const { reply } = await session.request(method, value === undefined ? {} : { [key]: value }).done;
      assert.match(String(reply?.error?.message), new RegExp(`params\\.${key}: must be a string`));
      assert.equal(gateway.door.asked.length, before);
      assert.equal(fixture.journal.count({ method }), 0);
    }
  });
}

it('I15: a name longer than the log could hold is refused before anything is asked', async () => {
  const session = await legacy({ url: gateway.url('fixture'), token: 'agent-key' });
  const before = gateway.door.asked.length;
  const { reply } = await session.request('resources/read', { uri: `test://${'x'.repeat(9_000)}` }).done;
  assert.match(String(reply?.error?.message), /params\.uri: longer than 8192 characters/);
  assert.equal(gateway.door.asked.length, before);
});
