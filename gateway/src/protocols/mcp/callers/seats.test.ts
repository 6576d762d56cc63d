/** What a caller without a session finds open: only what it may, as it is configured now, and only so many. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { modern } from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { FakeDoor } from '../../../../testing/fake-door.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';
import { FairShare } from '../../../limits/share.ts';
import type { Upstream } from '../binding.ts';
import { mcpUpstreamSchema } from '../config.ts';
import type { McpDeps } from '../deps.ts';
import type { Eras } from '../era.ts';
import { Generation } from '../tools/catalog.ts';
import type { Link } from '../upstream/link.ts';
import type { Links } from './opening.ts';
import { Seats } from './seats.ts';

const fixture = await startFixture();
after(() => fixture.close());

it('an upstream configured anew is opened anew: nothing more goes where it went', async (t) => {
  const elsewhere = await startFixture();
  t.after(() => elsewhere.close());
  const gateway = await startTestGateway({ upstreams: { moving: { url: fixture.url } } });
  t.after(() => gateway.close());
  const call = (): Promise<unknown> =>
    modern({ url: gateway.url('moving'), token: 'agent-key' }, 'tools/call', {
      name: 'echo',
      arguments: { message: 'hi' },
    }).done;
  fixture.journal.reset();
  await call();
  gateway.configure('moving', { url: elsewhere.url });
  await call();
  assert.deepEqual(
    [fixture, elsewhere].map(({ journal }) => journal.count({ name: 'echo' })),
    [1, 1],
  );
  assert.deepEqual(gateway.door.unfinished(), []);
});

it('A21: so many seats, also for those who come at the same moment', async (t) => {
  const gateway = await startTestGateway({
    upstreams: { fixture: { url: fixture.url } },
    door: { agents: { 'key-a': 'a', 'key-b': 'b', 'key-c': 'c' } },
    limits: { seats_max: 1 },
  });
  t.after(() => gateway.close());
  const list = (token: string) => modern({ url: gateway.url('fixture'), token }, 'tools/list').done;
  const answers = await Promise.all(['key-a', 'key-b', 'key-c'].map(list));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 503, 503]);
  const seated = ['key-a', 'key-b', 'key-c'][answers.findIndex(({ status }) => status === 200)] ?? '';
  assert.equal((await list(seated)).status, 200);
});

/** The seats alone, on links that only remember whether they were closed. */
function seating() {
  const links: { closed: boolean }[] = [];
  const open = (): Link => {
    const link = {
      closed: false,
      onNotice: () => undefined,
      renew: () => true,
      close: () => {
        link.closed = true;
        return Promise.resolve();
      },
    };
    links.push(link);
    return link as unknown as Link;
  };
  const door = new FakeDoor();
  const admission = door.admit('agent-key');
  assert.ok(admission.admitted);
  const seats = new Seats({
    deps: { now: Date.now, limits: {}, pins: {}, holdWait: () => 0 } as unknown as McpDeps,
    held: new FairShare(() => 0),
    links: { open } as unknown as Links,
    eras: { known: () => 'modern' } as unknown as Eras,
    generation: () => new Generation(),
  });
  const caller = { left: false, onLeave: () => undefined };
  const config = mcpUpstreamSchema.parse({ url: 'http://127.0.0.1:1/' });
  const upstream: Upstream = { id: 'x', env: 'dev', config, digest: 'd' };
  return { door, links, seats, take: () => seats.take({ door: admission.session, upstream, id: 1, caller }) };
}

it('I8: what may no longer be opened does not stay open', async () => {
  const { door, links, seats, take } = seating();
  await take();
  door.epoch += 1;
  await take();
  assert.deepEqual(
    links.map(({ closed }) => closed),
    [false],
    'permitted again, it stays',
  );
  door.epoch += 1;
  door.decide = () => 'deny';
  await assert.rejects(take(), /not opened/);
  assert.deepEqual(
    links.map(({ closed }) => closed),
    [true],
  );
  door.decide = () => 'allow';
  await take();
  assert.deepEqual(
    links.map(({ closed }) => closed),
    [true, false],
  );
  await seats.close();
});
