import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { modern } from '../../../../../../conformance/mcp/client.ts';
import { startFixture } from '../../../../../../conformance/mcp/fixture/fixture.ts';
import { FakeDoor } from '../../../../../testing/fake-door.ts';
import { startTestGateway } from '../../../../../testing/mcp.ts';
import type { Session } from '../../../protocol.ts';

const fixture = await startFixture();
const gateway = await startTestGateway({
  upstreams: { fixture: { url: fixture.url }, other: { url: fixture.url } },
  door: { agents: { 'key-a': 'a', 'key-b': 'b' } },
});
const { door } = gateway;
const capabilities = { elicitation: {}, sampling: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
const to = { url: gateway.url('fixture'), token: 'key-a', capabilities };
after(async () => {
  await gateway.close();
  await fixture.close();
});
beforeEach(() => {
  fixture.journal.reset();
  fixture.faults.clear();
  door.decide = ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow');
});

/** `meanwhile` happens between a call's permit and whoever asked for it. */
function lapsing(meanwhile: () => Promise<void>): FakeDoor {
  const late = new FakeDoor({ decide: ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow') });
  const { admit } = late;
  const slow: typeof admit = (credential) => {
    const admission = admit(credential);
    if (!admission.admitted) return admission;
    const enforce: Session['enforce'] = async (evaluation) => {
      const verdict = await admission.session.enforce(evaluation);
      if (verdict.kind === 'permitted' && evaluation.action.name === 'tools/call') await meanwhile();
      return verdict;
    };
    return { admitted: true, session: { ...admission.session, enforce } };
  };
  return Object.assign(late, { admit: slow });
}

type Result = Record<string, unknown>;
let n = 0;
async function open(name = 'echo', args?: object, as = to): Promise<{ id: string; created: Result }> {
  n += 1;
  const { reply } = await modern(as, 'tools/call', { name, arguments: args ?? { n } }).done;
  assert.equal(reply?.result?.['resultType'], 'task', JSON.stringify(reply));
  return { id: String(reply?.result?.['taskId']), created: reply?.result ?? {} };
}
const ask = async (
  method: string,
  params: object,
  as = to,
): Promise<{ result?: Result; error?: { code: number } }> =>
  (await modern(as, method, { ...params }).done).reply ?? {};
const get = async (id: string, as = to): Promise<Result> =>
  (await ask('tasks/get', { taskId: id }, as)).result ?? {};
async function until(id: string, status: string, as = to): Promise<Result> {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; ) {
    const result = await get(id, as);
    if (result['status'] === status) return result;
  }
  assert.fail(`task ${id} is not ${status}: ${JSON.stringify(await get(id, as))}`);
}

describe('more tasks than may be under way', () => {
  it('A21: one more call waits on its connection, another agent finds a place, and one that is over makes room', async () => {
    const few = await startTestGateway({
      upstreams: { fixture: { url: fixture.url } },
      door: {
        agents: { 'key-a': 'a', 'key-b': 'b' },
        decide: ({ action }) => (action.name === 'tools/call' ? 'require' : 'allow'),
      },
      limits: { tasks_max: 2 },
    });
    const as = (token: string) => ({ ...to, url: few.url('fixture'), token });
    const { id } = await open('echo', undefined, as('key-a'));
    n += 1;
    const waits = modern(as('key-a'), 'tools/call', { name: 'echo', arguments: { n } });
    waits.done.catch(() => undefined);
    await few.door.until(() => few.door.waiting === 2, 'held without a task');
    waits.hangUp();
    await open('echo', undefined, as('key-b'));
    await ask('tasks/cancel', { taskId: id }, as('key-a'));
    await open('echo', undefined, as('key-a'));
    await few.close();
  });

  it('A21: a task of the upstream’s that cannot be followed is recorded as unknown, and the caller told', async () => {
    const few = await startTestGateway({
      upstreams: { fixture: { url: fixture.url } },
      limits: { tasks_max: 1 },
    });
    const as = { ...to, url: few.url('fixture'), token: 'agent-key' };
    const first = await open('slow_compute', { seconds: 60, label: 'first' }, as);
    const call = { name: 'slow_compute', arguments: { seconds: 60, label: 'second' } };
    const { reply } = await modern(as, 'tools/call', call).done;
    assert.match(JSON.stringify(reply?.result), /follows as many as it may\. It may have run/);
    await few.door.until(() => few.door.actions.at(-1)?.outcome?.status === 'unknown', 'recorded');
    await ask('tasks/cancel', { taskId: first.id }, as);
    await few.close();
  });
});

describe('a held call of a caller that knows tasks', () => {
  it('is a task at once, and runs when approved without being asked after', async () => {
    const { id, created } = await open();
    assert.deepEqual(
      [created['status'], typeof created['ttlMs'], typeof created['pollIntervalMs']],
      ['working', 'number', 'number'],
    );
    assert.match(String(created['statusMessage']), /Waiting for a person/);
    assert.equal((await get(id))['status'], 'working');
    door.resolve(id, 'approved');
    await fixture.journal.until({ name: 'echo', state: 'succeeded' });
    const done = await until(id, 'completed');
    assert.equal(done['resultType'], 'complete');
    assert.match(JSON.stringify(done['result']), /content/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  it('outlives the credential it was made with, and runs nothing for it: only once somebody comes with a live one', async () => {
    const { id } = await open();
    door.welcoming = false;
    door.resolve(id, 'approved');
    assert.equal((await get(id))['status'], 'working');
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    door.welcoming = true;
    await until(id, 'completed');
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  it('denied is completed, with a result a model can read; withdrawn is cancelled', async () => {
    const denied = await open();
    door.resolve(denied.id, 'denied', 'no');
    const { result } = await until(denied.id, 'completed');
    assert.equal((result as Result)['isError'], true);
    const withdrawn = await open();
    assert.deepEqual(await ask('tasks/cancel', { taskId: withdrawn.id }).then(({ result: ack }) => ack), {
      resultType: 'complete',
    });
    await until(withdrawn.id, 'cancelled');
    assert.equal(
      door.pending.some(({ id }) => id === withdrawn.id),
      false,
    );
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
  });

  it('I5: a task that is over stays as it is', async () => {
    const { id } = await open();
    door.resolve(id, 'approved');
    await until(id, 'completed');
    await ask('tasks/cancel', { taskId: id });
    assert.equal((await get(id))['status'], 'completed');
  });

  it('cancelled while it runs, it is cancelled at the upstream and recorded as it may be', async () => {
    fixture.faults.arm('echo', 'hang');
    const { id } = await open();
    door.resolve(id, 'approved');
    await fixture.journal.until({ name: 'echo', state: 'running' });
    await ask('tasks/cancel', { taskId: id });
    await until(id, 'cancelled');
    await fixture.journal.until({ name: 'echo', state: 'cancelled' });
    await door.until(() => door.actions.at(-1)?.outcome?.status === 'unknown', 'recorded as unknown');
  });

  it('I1: cancelled after it was permitted and before it was sent, it runs nothing, and is recorded so', async () => {
    let taken: () => Promise<unknown> = () => assert.fail('permitted too early');
    const late = await startTestGateway({
      upstreams: { fixture: { url: fixture.url } },
      door: lapsing(async () => void (await taken())),
    });
    const there = { ...to, url: late.url('fixture'), token: 'agent-key' };
    const { id } = await open('echo', { taken: 'back' }, there);
    taken = () => ask('tasks/cancel', { taskId: id }, there);
    late.door.resolve(id, 'approved');
    const run = (): (typeof late.door.actions)[number] | undefined => late.door.actions[0];
    await late.door.until(() => run()?.outcome !== undefined, 'recorded');
    assert.deepEqual(run()?.outcome, { status: 'failed', summary: 'withdrawn before it was sent' });
    assert.equal((await get(id, there))['status'], 'cancelled');
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);
    await late.close();
  });

  it('belongs to its agent and upstream: to anyone else it does not exist', async () => {
    const { id } = await open();
    for (const thief of [
      { ...to, token: 'key-b' },
      { ...to, url: gateway.url('other') },
    ]) {
      for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update']) {
        assert.equal(
          (await ask(method, { taskId: id, inputResponses: {} }, thief)).error?.code,
          -32602,
          method,
        );
      }
    }
    assert.equal((await get(id))['status'], 'working');
  });

  it('identical calls are one task', async () => {
    const one = await open('echo', { same: true });
    const two = await open('echo', { same: true });
    assert.equal(one.id, two.id);
    door.resolve(one.id, 'approved');
    await until(one.id, 'completed');
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
  });

  it('an error of the upstream is failed; its own isError is completed', async () => {
    fixture.faults.arm('echo', 'die_before_run');
    const { id } = await open();
    door.resolve(id, 'approved');
    assert.match(JSON.stringify(await until(id, 'completed')), /may have run|did not run/);
    const broken = await open('protocol_error_job', {});
    door.resolve(broken.id, 'approved');
    assert.equal(typeof ((await until(broken.id, 'failed'))['error'] as Result)['code'], 'number');
    const failing = await open('failing_job', {});
    door.resolve(failing.id, 'approved');
    assert.equal(((await until(failing.id, 'completed'))['result'] as Result)['isError'], true);
  });
});

describe('after a restart', () => {
  /** A process of the gateway: the same door, and no memory of the tasks of the one before. */
  const start = async (): Promise<{ there: typeof to; stop(): Promise<void> }> => {
    const process = await startTestGateway({ upstreams: { fixture: { url: fixture.url } }, door });
    return { there: { ...to, url: process.url('fixture') }, stop: () => process.close() };
  };

  it('a task that waits goes on waiting; one that was approved runs when asked after; each once', async () => {
    const before = await start();
    const waiting = await open('echo', { waits: 1 }, before.there);
    const approved = await open('echo', { approved: 1 }, before.there);
    await before.stop();
    door.resolve(approved.id, 'approved');
    assert.equal(fixture.journal.count({ name: 'echo' }), 0);

    const { there, stop } = await start();
    const polls = [get(approved.id, there), get(approved.id, there)];
    assert.deepEqual(new Set((await Promise.all(polls)).map(({ taskId }) => taskId)), new Set([approved.id]));
    await fixture.journal.until({ name: 'echo', state: 'succeeded' });
    assert.equal(
      (await ask('tasks/get', { taskId: waiting.id }, { ...there, token: 'key-b' })).error?.code,
      -32602,
    );
    assert.equal((await get(waiting.id, there))['status'], 'working');
    door.resolve(waiting.id, 'approved');
    await fixture.journal.until({ name: 'echo', state: 'succeeded' }, { count: 2 });
    for (const { id } of [waiting, approved])
      assert.match(JSON.stringify(await until(id, 'completed', there)), /content/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 2);
    await stop();
  });

  it('what has run is told from what was kept, and never run again', async () => {
    const before = await start();
    const { id } = await open('echo', { kept: 1 }, before.there);
    door.resolve(id, 'approved');
    await until(id, 'completed', before.there);
    await before.stop();
    const { there, stop } = await start();
    assert.match(JSON.stringify(await until(id, 'completed', there)), /kept/);
    assert.equal(fixture.journal.count({ name: 'echo' }), 1);
    await stop();
  });
});

describe('what the upstream asks before it goes on', () => {
  it('is asked through the task; the answers are a new question to the door', async () => {
    const { id } = await open('test_input_required_result_elicitation', {});
    door.resolve(id, 'approved');
    const asking = await until(id, 'input_required');
    const [key = ''] = Object.keys(asking['inputRequests'] as object);
    const answer = { action: 'accept', content: { name: 'Ann' } };
    const before = door.pending.length;
    await ask('tasks/update', { taskId: id, inputResponses: { [key]: answer, stray: 1 } });
    await door.until(() => door.pending.length > before, 'asked again');
    const again = door.asked.at(-1);
    assert.deepEqual((again?.context['params'] as Result | undefined)?.['inputResponses'], { [key]: answer });
    door.resolve(door.pending.at(-1)?.id ?? '', 'approved');
    assert.match(JSON.stringify(await until(id, 'completed')), /Ann/);
  });
});

it('A9: answers do not go to a tool that changed since it asked', async () => {
  const name = 'test_input_required_result_elicitation';
  const redefine = (description: unknown): Promise<unknown> =>
    fetch(fixture.url.replace('/mcp', '/control/redefine'), {
      method: 'POST',
      body: JSON.stringify({ tool: name, description, announce: false }),
    });
  door.decide = ({ action }) =>
    action.name === 'tools/call' && door.actions.length === ran ? 'require' : 'allow';
  const ran = door.actions.length;
  const { id } = await open(name, { changing: true });
  door.resolve(id, 'approved');
  const asking = await until(id, 'input_required');
  const [key = ''] = Object.keys(asking['inputRequests'] as object);
  const calls = fixture.journal.count({ name });
  const was = gateway.pins.accepted('fixture', name)?.definition['description'];
  await redefine('now evil');
  await modern(to, 'tools/list').done;
  await ask('tasks/update', { taskId: id, inputResponses: { [key]: { action: 'accept', content: {} } } });
  assert.match(JSON.stringify(await until(id, 'completed')), /changed since an operator accepted it/);
  assert.equal(fixture.journal.count({ name }), calls);
  await redefine(was);
  await modern(to, 'tools/list').done;
});

describe('an allowed call the upstream turns into a task', () => {
  it('is told under an id of the gateway’s, and ends its permit when it ends', async () => {
    door.decide = () => 'allow';
    const { id } = await open('slow_compute', { seconds: 0.2, label: 'x' });
    const [theirs] = fixture.journal.list({ era: 'task' });
    assert.ok(theirs);
    const run = door.actions.at(-1);
    assert.deepEqual(
      door.actions.filter(({ outcome }) => outcome === undefined),
      [run],
    );
    const done = await until(id, 'completed');
    assert.equal(done['taskId'], id);
    assert.equal(run?.outcome?.status, 'succeeded');
    assert.equal((await ask('tasks/get', { taskId: id }, { ...to, token: 'key-b' })).error?.code, -32602);
  });

  it('its questions pass, and the answers pass the door', async () => {
    door.decide = () => 'allow';
    const { id } = await open('confirm_delete', { filename: 'x' });
    const asking = await until(id, 'input_required');
    const [key = ''] = Object.keys(asking['inputRequests'] as object);
    door.decide = ({ action }) => (action.name === 'elicitation/answer' ? 'deny' : 'allow');
    const answer = { [key]: { action: 'accept', content: { confirm: true } } };
    assert.ok((await ask('tasks/update', { taskId: id, inputResponses: answer })).error);
    assert.equal((await get(id))['status'], 'input_required');
    door.decide = () => 'allow';
    await ask('tasks/update', { taskId: id, inputResponses: answer });
    assert.match(JSON.stringify(await until(id, 'completed')), /Deleted x/);
  });
});

it('every permit of these tests ended once', async () => {
  await door.until(() => door.unfinished().length === 0, 'recorded');
});
