import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type EvaluationInput, ProblemError, requestFor, type TaskAnswer } from '@countersign/sdk';
import { type ApiHouse, openApiHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: ApiHouse;
before(async () => {
  house = await openApiHouse();
}, AT_MOST);
after(() => house.close(), AT_MOST);

const question = (name: string, id: string): EvaluationInput => ({
  subject: { type: 'agent', id: 'deployer' },
  action: { name },
  resource: { type: 'service', id },
  context: { region: 'eu-1' },
});

async function request(asked: EvaluationInput): Promise<TaskAnswer> {
  const denial = await house.agent.access.evaluate(asked);
  const input = requestFor(asked, denial);
  assert.ok(input, JSON.stringify(denial));
  return house.agent.access.requestAccess(input);
}

async function answer(id: string, decision: 'approved' | 'denied'): Promise<void> {
  const bob = await house.person('bob');
  const { action_digest, rendered_digest } = await bob.requests.show(id);
  await bob.requests.review(id, { decision, reason: 'seen', action_digest, rendered_digest });
}

describe('an outside enforcement point (AuthZEN, ARAP)', AT_MOST, () => {
  it('asks without opening anything', async () => {
    assert.equal((await house.agent.access.evaluate(question('read', 'a'))).decision, true);
    assert.equal((await house.agent.access.evaluate(question('drop', 'a'))).decision, false);
    assert.equal((await house.agent.access.evaluate(question('write', 'a'))).context.next_action, 'request');
    assert.equal((await (await house.person('bob')).requests.list()).items.length, 0);
  });

  it('requests, waits, and may exactly once; both are on the record as the caller’s', async () => {
    const asked = question('write', 'billing');
    const opened = await request(asked);
    assert.deepEqual([opened.task.status, opened.result], ['pending', undefined]);
    const [done] = await Promise.all([
      house.agent.access.wait(opened.task.id, { poll_ms: 20 }),
      answer(opened.task.id, 'approved'),
    ]);
    assert.equal(done.task.status, 'approved');
    assert.equal((await house.agent.access.evaluateWith(asked, done)).decision, true);
    const again = await house.agent.access.evaluateWith(asked, done);
    assert.equal(again.decision, false, 'one use (I3)');

    const carol = await house.person('carol');
    const { items } = await carol.log.lookUp({ request: opened.task.id });
    const kinds = items.map(({ kind }) => kind);
    for (const kind of ['access-request', 'review', 'resolution', 'execution'])
      assert.ok(kinds.includes(kind), `${kind} in ${kinds}`);
    const run = items.find(({ kind }) => kind === 'execution');
    assert.match(
      JSON.stringify((await carol.log.entry(run?.event_id ?? '')).statement),
      /"enforced_by":"caller"/,
    );
  });

  it('A8: two racers with one approval: one may', async () => {
    const asked = question('write', 'race');
    const { task } = await request(asked);
    await answer(task.id, 'approved');
    const approved = await house.agent.access.task(task.id);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => house.agent.access.evaluateWith(asked, approved)),
    );
    assert.equal(results.filter(({ decision }) => decision).length, 1);
  });

  it('A8: an approval is for the question it was asked for', async () => {
    const asked = question('write', 'one');
    const { task } = await request(asked);
    await answer(task.id, 'approved');
    const approved = await house.agent.access.task(task.id);
    const other = await house.agent.access.evaluateWith(question('write', 'two'), approved);
    assert.deepEqual([other.decision, other.context.reason], [false, 'approval_unverifiable']);
    assert.equal(
      (await house.agent.access.evaluateWith(asked, approved)).decision,
      true,
      'the try used nothing up',
    );
  });

  it('A10: a revoked approval is no approval', async () => {
    const asked = question('write', 'revoked');
    const { task } = await request(asked);
    await answer(task.id, 'approved');
    const approved = await house.agent.access.task(task.id);
    await (await house.person('alice')).approvals.revoke(
      approved.result?.approval.id ?? '',
      'changed my mind',
    );
    assert.equal((await house.agent.access.evaluateWith(asked, approved)).decision, false);
  });

  it('a denial is told with its reason, and can be asked for no second time', async () => {
    const asked = question('write', 'denied');
    const { task } = await request(asked);
    await answer(task.id, 'denied');
    const denied = await house.agent.access.wait(task.id, { poll_ms: 20 });
    assert.deepEqual([denied.task.status, denied.result], ['denied', undefined]);
    assert.match(denied.task.display.description, /seen/);
    assert.equal((await house.agent.access.evaluate(asked)).decision, false);
  });

  it('another agent neither sees, cancels nor uses it', async () => {
    const { task } = await request(question('write', 'mine'));
    const unknown = (error: unknown): boolean =>
      error instanceof ProblemError && error.kind === 'unknown_task';
    await assert.rejects(house.other_agent.access.task(task.id), unknown);
    await assert.rejects(house.other_agent.access.cancel(task.id), unknown);
    assert.equal((await house.agent.access.task(task.id)).task.status, 'pending');
    assert.equal((await house.agent.access.cancel(task.id)).task.status, 'cancelled');
  });

  it('A21: may have only so many open', async () => {
    const open = [await request(question('write', 'x1')), await request(question('write', 'x2'))];
    await assert.rejects(request(question('write', 'x3')), { kind: 'too_many_requests', status: 429 });
    for (const { task } of open) await house.agent.access.cancel(task.id);
  });
});
