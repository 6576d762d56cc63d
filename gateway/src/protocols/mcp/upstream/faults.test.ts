import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { legacy, modern } from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

const fixture = await startFixture();
const SECRET = ['sk', 'upstream', 'credential'].join('-');
const mask = (text: string): string => text.replaceAll(SECRET, '[masked]');
const gateway = await startTestGateway({
  upstreams: { fixture: { url: fixture.url, call_timeout_ms: 400 }, gone: { url: 'http://127.0.0.1:1/mcp' } },
  door: {
    mask: (value) => {
      const text = JSON.stringify(value);
      return text.includes(SECRET)
        ? { value: JSON.parse(mask(text)), changed: true }
        : { value, changed: false };
    },
  },
});
const { door } = gateway;
const to = { url: gateway.url('fixture'), token: 'agent-key' };
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => {
  fixture.journal.reset();
  fixture.faults.clear();
});

const told = (reply: { result?: Record<string, unknown> } | undefined): string =>
  JSON.stringify(reply?.result ?? {});

describe('an upstream that fails, lies or hangs: the caller is told, the outcome is what is known', () => {
  const cases = [
    ['die_before_run', 'unknown', /may have run/],
    ['die_in_answer', 'unknown', /may have run/],
    ['wrong_id', 'unknown', /a question that was not asked/],
    ['garbage', 'unknown', /may have run/],
    ['status_500', 'unknown', /HTTP error.*may have run/],
    ['hang', 'unknown', /did not answer in time/],
  ] as const;
  for (const [fault, outcome, says] of cases) {
    it(`2026-07-28: ${fault}`, async () => {
      fixture.faults.arm('test_simple_text', fault);
      const { reply } = await modern(to, 'tools/call', { name: 'test_simple_text', arguments: {} }).done;
      assert.equal(reply?.result?.['isError'], true, JSON.stringify(reply));
      assert.match(told(reply), says);
      assert.equal(door.actions.at(-1)?.outcome?.status, outcome);
    });

    it(`2025-11-25: ${fault}`, async () => {
      fixture.faults.arm('test_simple_text', fault);
      const session = await legacy(to);
      const { reply } = await session.request('tools/call', { name: 'test_simple_text', arguments: {} }).done;
      // A stream that broke off after it began can be resumed there: its end is then not known yet.
      if (reply !== undefined) assert.match(told(reply), says);
      await session.end();
      await door.until(() => door.actions.at(-1)?.outcome !== undefined, 'recorded');
      assert.equal(door.actions.at(-1)?.outcome?.status, outcome);
    });
  }

  it('nothing listens there: nothing ran, and the opening is recorded as failed', async () => {
    const { status } = await modern({ ...to, url: gateway.url('gone') }, 'tools/list').done;
    assert.equal(status, 502);
    assert.equal(door.runs.at(-1)?.outcome?.status, 'failed');
  });
});

describe('A26: a redirect is an answer, never followed', () => {
  it('even to a metadata address', async () => {
    let metadata = 0;
    const trap = createServer((http, response) => {
      if (http.url === '/latest/meta-data') metadata += 1;
      response.writeHead(307, { location: '/latest/meta-data' }).end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const { port } = trap.address() as AddressInfo;
    const trapped = await startTestGateway({ upstreams: { trap: { url: `http://127.0.0.1:${port}/mcp` } } });
    await assert.rejects(legacy({ url: trapped.url('trap'), token: 'agent-key' }));
    await modern({ url: trapped.url('trap'), token: 'agent-key' }, 'tools/list').done;
    assert.equal(metadata, 0);
    assert.deepEqual(trapped.door.unfinished(), []);
    await trapped.close();
    trap.close();
  });
});

describe('A23: secrets in what comes back', () => {
  const secret = { name: 'echo', arguments: { say: SECRET } };
  it('are masked in results, and only then is the text not the upstream’s own', async () => {
    const { reply } = await modern(to, 'tools/call', secret).done;
    assert.match(told(reply), /\[masked\]/);
    assert.doesNotMatch(told(reply), new RegExp(SECRET));
  });

  it('in what it says meanwhile', async () => {
    const { messages } = await modern(
      { ...to, meta: { 'io.modelcontextprotocol/logLevel': 'debug', progressToken: SECRET } },
      'tools/call',
      { name: 'test_tool_with_progress', arguments: {} },
    ).done;
    const progress = messages.filter(({ method }) => method === 'notifications/progress');
    assert.ok(progress.length > 0);
    assert.doesNotMatch(JSON.stringify(progress), new RegExp(SECRET));
  });

  it('in errors', async () => {
    const { reply } = await modern(to, 'resources/read', { uri: `test://${SECRET}` }).done;
    assert.ok(reply?.error);
    assert.doesNotMatch(JSON.stringify(reply), new RegExp(SECRET));
  });

  it('in what the gateway keeps for a lost reply', async () => {
    door.decide = ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow');
    const call = modern(to, 'tools/call', secret);
    await door.until(() => door.pending.length === 1, 'held');
    door.resolve(door.pending[0]?.id ?? '', 'approved');
    await call.done;
    const outcome = door.actions.at(-1)?.outcome;
    assert.ok(outcome !== undefined && 'result' in outcome && outcome.result !== undefined);
    assert.doesNotMatch(outcome.result.body, new RegExp(SECRET));
    door.decide = () => 'allow';
  });
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});
