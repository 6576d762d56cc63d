import { legacy, modern } from '../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../conformance/mcp/fixture/fixture.ts';
import type { FakeDoor } from '../../../testing/fake-door.ts';
import { startTestGateway, type TestGateway } from '../../../testing/mcp.ts';
import { protocolContract, type Running } from '../contract.ts';

const CALL = { name: 'echo', arguments: { say: 'hello' } };

async function over(
  door: FakeDoor,
  call: (gateway: TestGateway) => Promise<{ done: Promise<{ messages: unknown[] }>; hangUp(): void }>,
): Promise<Running> {
  const fixture = await startFixture();
  const gateway = await startTestGateway({ upstreams: { fixture: { url: fixture.url } }, door });
  return {
    act: async () => {
      try {
        return JSON.stringify((await (await call(gateway)).done).messages);
      } catch (error) {
        return String(error);
      }
    },
    actAndLeave: () => {
      const started = call(gateway);
      return {
        done: started.then(({ done }) => done),
        leave: () => void started.then(({ hangUp }) => hangUp()),
      };
    },
    reached: () => fixture.journal.count({ method: 'tools/call' }),
    close: async () => {
      await gateway.close();
      await fixture.close();
    },
  };
}

protocolContract('mcp 2026-07-28', (door) =>
  over(door, async (gateway) =>
    modern({ url: gateway.url('fixture'), token: 'agent-key' }, 'tools/call', CALL),
  ),
);

protocolContract('mcp 2025-11-25', (door) =>
  over(door, async (gateway) =>
    (await legacy({ url: gateway.url('fixture'), token: 'agent-key' })).request('tools/call', CALL),
  ),
);
