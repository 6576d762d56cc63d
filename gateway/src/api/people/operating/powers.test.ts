import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { createRig, type Rig } from '../../testing/rig.ts';

let rig: Rig;
before(async () => {
  rig = await createRig();
});
after(() => rig.close());

test('everybody signed in may ask what an agent may do and a person may review; nobody else', async () => {
  for (const person of ['mara', 'jon', 'ines']) {
    const client = await rig.client(person);
    assert.equal((await client.agents.policy('writer')).agent, 'writer');
    assert.equal((await client.reviewers.policy('jon')).standing, 'reviewer');
  }
  for (const path of ['/api/agents/writer/policy', '/api/reviewers/jon/policy'])
    assert.equal((await rig.ask(path)).status, 401, path);
});

test('who is not there is a problem that names the field', async () => {
  const client = await rig.client('jon');
  for (const ask of [() => client.agents.policy('a/b'), () => client.reviewers.policy('nobody')])
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.status, error.field], [404, 'path.id']);
      return true;
    });
});
