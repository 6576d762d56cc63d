import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startApprover } from './approver.ts';
import type { Pending, Reviewer } from './gateway/people.ts';

function deskOf(...requests: Pending[]) {
  const answers: string[] = [];
  const { promise: empty, resolve } = Promise.withResolvers<void>();
  const open = new Map(requests.map((request) => [request.id, request]));
  const answer = (text: string, id: string) => {
    answers.push(text);
    open.delete(id);
    if (open.size === 0) resolve();
    return Promise.resolve();
  };
  const reviewer: Reviewer = {
    pending: () => Promise.resolve([...open.values()]),
    approve: (id) => answer(`approve ${id}`, id),
    deny: (id) => answer(`deny ${id}`, id),
  };
  return { reviewer, answers, empty };
}

const ONE = { id: '1', resource: 'echo', agent: 'first' };
const TWO = { id: '2', resource: 'greet', agent: 'first' };

it('answers each request once, as it was told to', async () => {
  const { reviewer, answers, empty } = deskOf(ONE, TWO);
  const decide = ({ resource }: Pending) => (resource === 'echo' ? 'approve' : 'deny');
  const approver = startApprover(reviewer, { decide });
  await empty;
  await approver.stop();
  assert.deepEqual(answers, ['approve 1', 'deny 2']);
  assert.deepEqual(
    approver.seen.map(({ id }) => id),
    ['1', '2'],
  );
});

it('takes its time', async () => {
  const { reviewer, answers, empty } = deskOf(ONE);
  const started = performance.now();
  const approver = startApprover(reviewer, { delay_ms: 120 });
  await empty;
  assert.ok(performance.now() - started >= 120);
  await approver.stop();
  assert.deepEqual(answers, ['approve 1']);
});

it('says on stop what went wrong', async () => {
  const broken: Reviewer = { ...deskOf(ONE).reviewer, approve: () => Promise.reject(new Error('refused')) };
  const approver = startApprover(broken);
  await assert.rejects(async () => {
    for (;;) {
      if (approver.seen.length > 0) await approver.stop();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }, /refused/);
});
