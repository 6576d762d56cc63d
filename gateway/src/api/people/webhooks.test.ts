import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { createRig, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const fails = (kind: string, status: number) => (error: unknown) =>
  error instanceof ProblemError && error.kind === kind && error.status === status;

test('operators see how it stands with each place, what is dead, and try it again', async () => {
  const { webhooks } = await rig.client('mara');
  assert.deepEqual(
    (await webhooks.list()).items.map(({ name, dead }) => [name, dead]),
    [['webhook:siem', 1]],
  );
  assert.equal((await webhooks.dead('webhook:siem')).items[0]?.trouble, 'answered 500');
  assert.deepEqual(await webhooks.replay('webhook:siem'), { replayed: 1 });
  assert.deepEqual(await webhooks.test('webhook:siem'), { taken: true, took_ms: 3 });
  for (const ask of [webhooks.dead, webhooks.replay, webhooks.test])
    await assert.rejects(ask('webhook:nobody'), fails('not_found', 404));
});

test('nobody else does: not a reviewer, not an agent', async () => {
  for (const { webhooks } of [await rig.client('jon'), rig.agent()])
    for (const ask of [
      () => webhooks.list(),
      () => webhooks.replay('webhook:siem'),
      () => webhooks.test('webhook:siem'),
    ])
      await assert.rejects(
        ask,
        (error: unknown) => error instanceof ProblemError && [401, 403].includes(error.status),
      );
});
