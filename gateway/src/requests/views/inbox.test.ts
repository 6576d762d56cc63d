import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { createRig, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';

const POLICY = policyOf({
  write: { then: 'require' },
  twice: { then: 'require', requirement: { ...SEAT, seats: [{ by: 'anyone', count: 2, proof: 'session' }] } },
  dba: { then: 'require', requirement: { ...SEAT, seats: [{ by: 'group:dba', count: 1, proof: 'recent' }] } },
});
const PAGE = { limit: 50 };

let rig: Rig;
beforeEach(async () => {
  rig = await createRig(POLICY);
});
afterEach(() => rig.close());

const ask = async (tool: string, args: JsonObject = {}, agent = 'coder'): Promise<string> =>
  held(await rig.call(tool, args, agent)).id;

it('says who may answer, how, and why not', async () => {
  const [twice, dba] = [await ask('twice'), await ask('dba')];
  await rig.answer(twice, 'bob');
  const seen = async (person: string) => {
    const { items } = await rig.requests.inbox(person, {}, PAGE);
    return Object.fromEntries(
      items.map(({ id, eligibility, proof_needed, my_decision }) => [
        id,
        [eligibility.eligible ? 'may' : eligibility.why, proof_needed, my_decision],
      ]),
    );
  };
  assert.deepEqual(await seen('bob'), {
    [twice]: ['already_reviewed', undefined, 'approved'],
    [dba]: ['may', 'recent', undefined],
  });
  assert.deepEqual(await seen('carol'), {
    [twice]: ['may', 'session', undefined],
    [dba]: ['may', 'recent', undefined],
  });
  assert.equal((await seen('alice'))[twice]?.[0], 'owner');
  assert.deepEqual(
    (await rig.requests.inbox('dan', { for_me: true }, PAGE)).items.map(({ id }) => id),
    [twice],
  );
});

it('says who has answered, to everybody', async () => {
  const [twice, dba] = [await ask('twice'), await ask('dba')];
  await rig.answer(twice, 'bob');
  for (const person of ['bob', 'carol', 'alice']) {
    const { items } = await rig.requests.inbox(person, {}, PAGE);
    const answered = Object.fromEntries(items.map(({ id, reviewed_by }) => [id, reviewed_by]));
    assert.deepEqual(answered, { [twice]: ['bob'], [dba]: [] });
  }
});

it('groups what one agent asks of one tool under the same rules, and nothing else', async () => {
  await ask('write', { path: '/a' });
  await ask('write', { path: '/b' });
  await ask('twice', { path: '/a' });
  await ask('write', { path: '/a' }, 'other');
  const { items } = await rig.requests.inbox('carol', {}, PAGE);
  const groups = items.map(({ agent, resource, group }) => [`${agent} ${resource}`, group] as const);
  const of = (name: string) => groups.filter(([each]) => each === name).map(([, group]) => group);
  assert.equal(new Set(of('coder write')).size, 1);
  assert.equal(of('coder write').length, 2);
  assert.equal(new Set(groups.map(([, group]) => group)).size, 3);
});

it('counts what waits, for everybody and for one', async () => {
  await ask('write');
  await ask('dba');
  assert.deepEqual(await rig.requests.waiting('bob'), { all: 2, for_me: 2, more: false });
  assert.deepEqual(await rig.requests.waiting('dan'), { all: 2, for_me: 1, more: false });
  assert.deepEqual(await rig.requests.waiting('eve'), { all: 2, for_me: 0, more: false });
});
