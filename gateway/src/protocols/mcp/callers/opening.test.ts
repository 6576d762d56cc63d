import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Endpoint,
  type Exchange,
  initialize,
  modern,
  send,
} from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { FakeDoor } from '../../../../testing/fake-door.ts';
import { startTestGateway, type TestGateway } from '../../../../testing/mcp.ts';
import { FairShare } from '../../../limits/share.ts';
import type { Held, RequestView } from '../../protocol.ts';
import { Openings } from './openings.ts';

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

const fixture = await startFixture();
after(() => fixture.close());

const asksPeople = (held_calls_max: number): Promise<TestGateway> =>
  startTestGateway({
    upstreams: { fixture: { url: fixture.url } },
    door: { decide: ({ action }) => (action.name === 'session.open' ? 'require' : 'allow') },
    limits: { held_calls_max },
  });
const toldOf = async (exchange: Exchange): Promise<string> => JSON.stringify((await exchange.done).messages);
const openers: readonly (readonly [string, (to: Endpoint) => Exchange])[] = [
  ['2026-07-28', (to) => modern(to, 'tools/list')],
  ['2025-11-25', initialize],
];

for (const [revision, open] of openers) {
  describe(`${revision}: an opening that people must agree to`, () => {
    it('A21: takes a place of held calls, and gives it back however it ends', async (t) => {
      const gateway = await asksPeople(1);
      t.after(() => gateway.close());
      const { door, settings } = gateway;
      const to = { url: gateway.url('fixture'), token: 'agent-key' };
      const endings: readonly (readonly [string, (waiting: Exchange) => unknown])[] = [
        ['hung up', (waiting) => waiting.hangUp()],
        ['denied', () => door.resolve(door.pending[0]?.id ?? '', 'denied')],
        ['approved', () => door.resolve(door.pending[0]?.id ?? '', 'approved')],
      ];
      settings.hold_wait_ms = 20;
      assert.match(await toldOf(open(to)), /is waiting/, 'until hold_wait');
      settings.hold_wait_ms = 50_000;
      for (const [how, end] of endings) {
        const waiting = open(to);
        waiting.done.catch(() => undefined);
        await door.until(() => door.waiting === 1, `waits, before it is ${how}`);
        assert.match(await toldOf(open(to)), /is waiting/, 'told at once: there is no place');
        end(waiting);
        await door.until(() => door.waiting === 0, `waits no longer, ${how}`);
      }
      await door.until(() => door.runs.length === 1 && door.unfinished().length === 0, 'opened once');
    });

    it('I1: opens nothing once its caller left, whatever people say then', async (t) => {
      const gateway = await asksPeople(1);
      t.after(() => gateway.close());
      const { door } = gateway;
      const to = { url: gateway.url('fixture'), token: 'agent-key' };
      const waiting = open(to);
      waiting.done.catch(() => undefined);
      await door.until(() => door.waiting === 1, 'waits');
      fixture.journal.reset();
      waiting.hangUp();
      await door.until(() => door.waiting === 0, 'waits no longer');
      door.resolve(door.pending[0]?.id ?? '', 'approved');
      assert.equal(door.runs.length, 0);
      assert.equal(fixture.journal.connections + fixture.journal.count(), 0);
      assert.equal((await open(to).done).status, 200, 'the next caller finds it approved');
      assert.equal(door.runs.length, 1);
    });
  });
}

it('A21: of callers that wait for one opening each takes a place; one that leaves takes it from no other', async (t) => {
  const gateway = await asksPeople(3);
  t.after(() => gateway.close());
  const { door } = gateway;
  const to = { url: gateway.url('fixture'), token: 'agent-key' };
  const list = (): Exchange => {
    const exchange = modern(to, 'tools/list');
    exchange.done.catch(() => undefined);
    return exchange;
  };
  const calls = [list(), list(), list()];
  const refused = await Promise.race(calls.map(async (call, at) => ({ at, told: await toldOf(call) })));
  assert.match(refused.told, /is waiting/);
  const [leaves, stays] = calls.filter((_, at) => at !== refused.at);
  leaves?.hangUp();
  await leaves?.done.catch(() => undefined);
  door.resolve(door.pending[0]?.id ?? '', 'approved');
  assert.equal((await stays?.done)?.status, 200);
  assert.equal(door.runs.length, 1);
});

describe('an opening that was agreed to elsewhere, announced to nobody here', () => {
  const admission = new FakeDoor().admit('agent-key');
  assert.ok(admission.admitted);
  const door = admission.session;
  const view = { id: 'req_1', status: 'approved' } as RequestView;
  const held: Held = {
    request: { ...view, status: 'pending' },
    onSettled: () => () => undefined,
    settled: (signal) =>
      new Promise((resolve) => {
        const look = (): unknown => setImmediate(() => resolve(view));
        if (signal.aborted) look();
        else signal.addEventListener('abort', look, { once: true });
      }),
  };
  const places = new FairShare(() => 1);
  const openings = new Openings<string>({ deps: { holdWait: () => 20 }, held: places });
  const found: string[] = [];
  const begin = (caller: { left: boolean; onLeave: (listener: () => void) => void }): Promise<string> =>
    openings.join('a', { door, caller }, async (wait) => {
      const { status } = await wait(held);
      found.push(status);
      return status;
    });

  it('is found when a caller would give up', async () => {
    assert.equal(await begin({ left: false, onLeave: () => undefined }), 'approved');
    assert.deepEqual([places.total, openings.size], [0, 0]);
  });

  it('is not gone on with for callers that all left; who comes then begins anew', async () => {
    await assert.rejects(begin({ left: true, onLeave: (leave) => leave() }), /is waiting/);
    assert.equal(await begin({ left: false, onLeave: () => undefined }), 'approved');
    assert.deepEqual(found, ['approved', 'pending', 'approved']);
  });
});
