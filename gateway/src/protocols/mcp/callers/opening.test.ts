import assert from 'node:assert/strict';
import { it } from 'node:test';
import { send } from '../../../../../conformance/mcp/client.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

it('A23: what a process writes to stderr is masked before it is logged, and cut after', async () => {
  const says = `console.error('x'.repeat(990) + ' token hunter2-hunter2'); setInterval(() => {}, 1000);`;
  const gateway = await startTestGateway({
    upstreams: { odd: { command: [process.execPath, '-e', says], connect_timeout_ms: 20_000 } },
    door: {
      mask: (value) => ({
        value: typeof value === 'string' ? value.replace('hunter2-hunter2', '[masked]') : value,
        changed: true,
      }),
    },
  });
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
  const opening = send({ url: gateway.url('odd'), token: 'agent-key' }, { body });
  opening.done.catch(() => undefined);
  const logged = (): string => gateway.logged.join('\n');
  await gateway.door.until(() => logged().includes('wrote to stderr'), 'logged', 10_000);
  await gateway.close();
  assert.match(logged(), /x{990} token \[m/);
  assert.doesNotMatch(logged(), /hunter2|hunt/);
});
