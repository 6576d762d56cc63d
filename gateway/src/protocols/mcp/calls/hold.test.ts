import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { legacy, modern } from '../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../conformance/mcp/fixture/fixture.ts';
import { startTestGateway } from '../../../../testing/mcp.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({
  upstreams: { fixture: { url: fixture.url } },
  asksReason: ({ resource }) => resource === 'echo',
});
const { door, settings } = gateway;
const to = { url: gateway.url('fixture'), token: 'agent-key' };
after(async () => {
  await gateway.close();
  await fixture.close();
});
let n = 0;
/** A call never made before, so that no earlier request stands for it. */
const fresh = (more: object = {}): { name: string; arguments: { n: number } } => {
  n += 1;
  return { name: 'echo', arguments: { n, ...more } };
};
beforeEach(() => {
  fixture.journal.reset();
  settings.hold_wait_ms = 60_000;
  door.decide = ({ action }) => (action.name === 'session.open' ? 'allow' : 'require');
});

const held = async (): Promise<string> => {
  await door.until(() => door.waiting > 0, 'held');
  return door.pending.at(-1)?.id ?? '';
};
type Result = Record<string, unknown>;
const textOf = (result: Result | undefined): string =>
  (result?.['content'] as { text: string }[] | undefined)?.[0]?.text ?? '';
type RequestMeta = { id: string; status: string; url: string };
const requestOf = (result: Result | undefined): RequestMeta | undefined =>
  (result?.['_meta'] as { 'countersign/request'?: RequestMeta } | undefined)?.['countersign/request'];

describe('a call that waits on its connection', () => {
  it('is told at once that it waits, with progress for a token, and runs when approved', async () => {
    const params = { ...fresh(), _meta: {} };
    const call = modern({ ...to, meta: { progressToken: 'p' } }, 'tools/call', params);
    const progress = await call.first(({ method }) => method === 'notifications/progress');
    assert.equal(progress.params?.['progressToken'], 'p');
    door.resolve(await held(), 'approved');
    const { reply, headers } = await call.done;
    assert.equal(headers['x-accel-buffering'], 'no');
    assert.equal(textOf(reply?.result), JSON.stringify(params.arguments));
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  const endings = [
    ['denied', /denied this action\. Nothing was run.*too risky/],
    ['expired', /in time\. Nothing was run/],
    ['cancelled', /withdrawn\. Nothing was run/],
    ['failed', /Nothing was run/],
  ] as const;
  for (const [status, says] of endings) {
    it(`${status} is a tool result a model can act on, never an error`, async () => {
      const call = modern(to, 'tools/call', fresh());
      door.resolve(await held(), status, 'too risky');
      const { result } = (await call.done).reply ?? {};
      assert.equal(result?.['isError'], true);
      assert.equal(result?.['resultType'], 'complete');
      assert.match(textOf(result), says);
      assert.equal(requestOf(result)?.status, status);
    });
  }

  it('a policy’s refusal too', async () => {
    door.decide = ({ action }) => (action.name === 'session.open' ? 'allow' : 'deny');
    const { result } = (await modern(to, 'tools/call', fresh()).done).reply ?? {};
    assert.equal(result?.['isError'], true);
    const read = await modern(to, 'resources/read', { uri: 'test://static-text' }).done;
    assert.equal(read.reply?.error?.code, -32000);
  });

  it('identical calls wait for one request, and run once each only as approved', async () => {
    const params = fresh();
    const [one, two] = [modern(to, 'tools/call', params), modern(to, 'tools/call', params)];
    await door.until(() => door.waiting === 2, 'both held');
    door.resolve(await held(), 'approved');
    await Promise.all([one.done, two.done.catch(() => undefined)].map(async (done) => done));
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  it('I8: policy that became stricter meanwhile wins', async () => {
    const call = modern(to, 'tools/call', fresh());
    const id = await held();
    door.decide = ({ action }) => (action.name === 'session.open' ? 'allow' : 'deny');
    door.resolve(id, 'approved');
    assert.match(textOf((await call.done).reply?.result), /policy_denied/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
  });

  it('allowed outright meanwhile, it runs as it was asked, not as it came over the wire', async () => {
    const params = fresh({ text: 'as asked' });
    const call = modern(to, 'tools/call', params);
    const id = await held();
    door.decide = () => 'allow';
    door.resolve(id, 'approved');
    assert.equal(textOf((await call.done).reply?.result), JSON.stringify(params.arguments));
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
    assert.deepEqual(door.unfinished(), []);
  });

  it('is told when what comes after the wait fails, and it is logged', async () => {
    const call = modern(to, 'tools/call', fresh());
    const id = await held();
    door.decide = ({ action }) => {
      if (action.name === 'session.open') return 'allow';
      throw new Error('a fault after the wait');
    };
    door.resolve(id, 'approved');
    const { error } = (await call.done).reply ?? {};
    assert.match(String(error?.message), /could not do this; nothing more is known/);
    assert.match(gateway.logged.join(), /a fault after the wait/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
  });

  it('I8: a tool classed anew while the call waited is asked about as what it is now', async () => {
    const call = modern(to, 'tools/call', fresh());
    const id = await held();
    const echo = gateway.pins.seen.find(({ tool }) => tool === 'echo');
    assert.ok(echo);
    gateway.pins.accept('fixture', echo, 'destructive');
    door.decide = ({ facts }) => (facts.scope.class === 'destructive' ? 'deny' : 'require');
    door.resolve(id, 'approved');
    assert.match(textOf((await call.done).reply?.result), /policy_denied/);
    gateway.pins.accept('fixture', echo);
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
  });

  it('A9: a tool that changed while the call waited does not run', async () => {
    const call = modern(to, 'tools/call', fresh());
    const id = await held();
    const was = fixture.catalog.list();
    await fetch(fixture.url.replace('/mcp', '/control/redefine'), {
      method: 'POST',
      body: JSON.stringify({ tool: 'echo', description: 'now evil', announce: false }),
    });
    await modern(to, 'tools/list').done;
    door.resolve(id, 'approved');
    assert.match(textOf((await call.done).reply?.result), /changed since an operator accepted it/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    const described = (was as { tools: { name: string; description: string }[] }).tools.find(
      ({ name }) => name === 'echo',
    )?.description;
    await fetch(fixture.url.replace('/mcp', '/control/redefine'), {
      method: 'POST',
      body: JSON.stringify({ tool: 'echo', description: described, announce: false }),
    });
    await modern(to, 'tools/list').done;
  });
});

describe('at the soft deadline', () => {
  it('the answer is pending, with id and link; the same call after approval redeems it, once', async () => {
    settings.hold_wait_ms = 1;
    const params = fresh();
    const first = (await modern(to, 'tools/call', params).done).reply?.result;
    assert.match(textOf(first), /has not run.*Call again with exactly the same arguments/);
    const { id, status, url } = requestOf(first) ?? {};
    assert.equal(status, 'pending');
    assert.match(String(url), /^http:/);
    assert.deepEqual((first?.['structuredContent'] as Result | undefined)?.['approval_id'], id);
    const [, tool, args] = /call the tool (\S+) with (\{[^}]*\})/.exec(textOf(first)) ?? [];
    const waiting = { name: String(tool), arguments: { ...JSON.parse(String(args)), wait_s: 0 } };
    const looked = (await modern(to, 'tools/call', waiting).done).reply?.result;
    assert.match(textOf(looked), new RegExp(`^Request ${String(id)} is waiting`));
    door.resolve(String(id), 'approved');
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    const second = await modern(to, 'tools/call', params).done;
    assert.equal(textOf(second.reply?.result), JSON.stringify(params.arguments));
    const third = await modern(to, 'tools/call', params).done;
    assert.match(textOf(third.reply?.result), /has not run/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  it('other arguments are another request (A8)', async () => {
    settings.hold_wait_ms = 1;
    await modern(to, 'tools/call', fresh()).done;
    door.resolve(door.pending.at(-1)?.id ?? '', 'approved');
    const { reply } = await modern(to, 'tools/call', fresh()).done;
    assert.match(textOf(reply?.result), /has not run/);
  });

  it('an older session is told alike', async () => {
    settings.hold_wait_ms = 1;
    const session = await legacy(to);
    const params = fresh();
    const { result } = (await session.request('tools/call', params).done).reply ?? {};
    assert.equal(result?.['isError'], true);
    assert.equal(result?.['resultType'], undefined);
    door.resolve(door.pending.at(-1)?.id ?? '', 'approved');
    assert.equal(
      textOf((await session.request('tools/call', params).done).reply?.result),
      JSON.stringify(params.arguments),
    );
  });
});

describe('more held calls than the gateway holds', () => {
  it('are told to call again at once', async () => {
    const full = await startTestGateway({
      upstreams: { fixture: { url: fixture.url } },
      door: { decide: ({ action }) => (action.name === 'session.open' ? 'allow' : 'require') },
      limits: { held_calls_max: 1 },
    });
    const there = { url: full.url('fixture'), token: 'agent-key' };
    const first = modern(there, 'tools/call', fresh());
    first.done.catch(() => undefined);
    await full.door.until(() => full.door.waiting === 1, 'held');
    assert.match(textOf((await modern(there, 'tools/call', fresh()).done).reply?.result), /has not run/);
    first.hangUp();
    await full.close();
  });
});

it('A21: one agent cannot hold every place: the next agent finds one', async () => {
  const shared = await startTestGateway({
    upstreams: { fixture: { url: fixture.url } },
    door: {
      agents: { 'key-a': 'a', 'key-b': 'b' },
      decide: ({ action }) => (action.name === 'session.open' ? 'allow' : 'require'),
    },
    limits: { held_calls_max: 3 },
  });
  const by = (token: string) => modern({ url: shared.url('fixture'), token }, 'tools/call', fresh());
  const holding: ReturnType<typeof modern>[] = [];
  const holds = async (token: string): Promise<void> => {
    const call = by(token);
    call.done.catch(() => undefined);
    holding.push(call);
    await shared.door.until(() => shared.door.waiting === holding.length, 'held');
  };
  await holds('key-a');
  await holds('key-a');
  assert.match(textOf((await by('key-a').done).reply?.result), /has not run/);
  await holds('key-b');
  for (const call of holding) call.hangUp();
  await shared.close();
});

it('A21: waiting for an answer by the gateway’s own tool takes a place too', async () => {
  const full = await startTestGateway({
    upstreams: { fixture: { url: fixture.url } },
    door: { decide: ({ action }) => (action.name === 'session.open' ? 'allow' : 'require') },
    limits: { held_calls_max: 1 },
    hold_wait_ms: 1,
  });
  const there = { url: full.url('fixture'), token: 'agent-key' };
  await modern(there, 'tools/call', fresh()).done;
  const approval_id = full.door.pending[0]?.id ?? '';
  const wait = () =>
    modern(there, 'tools/call', { name: 'approval_wait', arguments: { approval_id, wait_s: 45 } });
  const first = wait();
  const other = wait();
  const told = await Promise.race([first.done, other.done]);
  assert.match(textOf(told.reply?.result), /is waiting/);
  for (const call of [first, other]) call.hangUp();
  await Promise.allSettled([first.done, other.done]);
  await full.close();
});

describe('a lost reply', () => {
  it('is given again to the identical call, marked, and nothing runs twice (I9)', async () => {
    const params = { name: 'slow_compute', arguments: { seconds: 0.3, label: 'lost' } };
    const session = await legacy(to);
    const call = session.request('tools/call', params);
    call.done.catch(() => undefined);
    door.resolve(await held(), 'approved');
    await fixture.journal.until({ name: 'slow_compute', state: 'running' });
    call.hangUp();
    await fixture.journal.until({ name: 'slow_compute', state: 'succeeded' });
    await door.until(() => door.actions.at(-1)?.outcome !== undefined, 'recorded');
    const { result } = (await session.request('tools/call', params).done).reply ?? {};
    assert.match(textOf(result), /Computed lost/);
    assert.ok((result?.['_meta'] as Result | undefined)?.['countersign/replayed']);
    assert.equal(fixture.journal.count({ name: 'slow_compute' }), 1);
  });
});

describe('approval_wait', () => {
  const wait = (approval_id: string, wait_s: number) =>
    modern(to, 'tools/call', { name: 'approval_wait', arguments: { approval_id, wait_s } });

  it('waits for an answer and says how it stands; it asks nobody and runs nothing', async () => {
    settings.hold_wait_ms = 1;
    await modern(to, 'tools/call', fresh()).done;
    const id = door.pending.at(-1)?.id ?? '';
    const asked = door.asked.length;
    assert.match(textOf((await wait(id, 0).done).reply?.result), /is waiting/);
    const waiting = wait(id, 30);
    door.resolve(id, 'approved');
    assert.match(textOf((await waiting.done).reply?.result), /is approved\. Call the tool again/);
    assert.match(textOf((await wait('req_nope', 0).done).reply?.result), /no approval request/);
    assert.equal((await wait(id, 99).done).reply?.error?.code, -32602);
    assert.equal(door.asked.length, asked);
  });
});

describe('a stated reason', () => {
  it('is asked for, taken off before the digest, and shown as the agent’s claim', async () => {
    const listed = (await modern(to, 'tools/list').done).reply?.result?.['tools'];
    const tools = listed as { name: string; inputSchema: { properties?: object } }[];
    assert.ok(
      Object.hasOwn(tools.find(({ name }) => name === 'echo')?.inputSchema.properties ?? {}, 'reason'),
    );
    const params = fresh();
    const call = modern(to, 'tools/call', {
      ...params,
      arguments: { ...params.arguments, reason: 'to tidy up' },
    });
    const id = await held();
    assert.deepEqual(door.asked.at(-1)?.claim, { reason: 'to tidy up' });
    door.resolve(id, 'approved');
    await call.done;
    assert.deepEqual(fixture.journal.list({ name: 'echo' })[0]?.params['arguments'], params.arguments);
  });
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});
