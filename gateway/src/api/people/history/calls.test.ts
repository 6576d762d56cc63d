import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { CALL_ID, TRAIL_ID } from '../../testing/history.ts';
import { createRig, type Rig } from '../../testing/rig.ts';

let rig: Rig;
before(async () => {
  rig = await createRig();
});
after(() => rig.close());

const REQUEST = 'req_01JD0000000000000000000001';

test('people look through calls and trails with the client', async () => {
  const ines = await rig.client('ines');
  const { items, followed } = await ines.calls.list({ agent: 'writer', q: 'file', limit: 1 });
  assert.deepEqual([items.length, followed.behind], [1, 0]);
  assert.deepEqual((await ines.calls.list({ agent: 'nobody' })).items, []);
  assert.deepEqual((await ines.calls.show(CALL_ID)).answer, { kind: 'kept', shown: { result: 'ok' } });
  assert.equal((await ines.trails.list()).items[0]?.id, TRAIL_ID);
  assert.equal((await ines.trails.show(TRAIL_ID)).steps[0]?.same, 'm');
  assert.deepEqual((await ines.calls.before(REQUEST)).same.outcomes, { succeeded: 1 });
});

test('what is not there is a problem that names the field', async () => {
  const people = await rig.client('ines');
  const gone = `${CALL_ID.slice(0, -1)}2`;
  for (const ask of [
    () => people.calls.show(gone),
    () => people.trails.show(gone.replace('evl_', 'trl_')),
    () => people.calls.before(gone.replace('evl_', 'req_')),
  ])
    await assert.rejects(ask, (error) => error instanceof ProblemError && error.status === 404);
});

test('a search without a word, and anybody without a session, is refused', async () => {
  const token = await rig.token('ines');
  const headers = { authorization: `Bearer ${token}` };
  const cases: readonly [string, RegExp][] = [
    ['/api/calls?q=%3B%3B', /query\.q/],
    ['/api/calls?outcome=great', /query\.outcome/],
    ['/api/calls?from=yesterday', /query\.from/],
    ['/api/calls?who=me', /who/],
    ['/api/calls/evl_1', /path\.id/],
    ['/api/trails?limit=500', /query\.limit/],
  ];
  for (const [path, want] of cases) {
    const answer = await rig.ask(path, { headers });
    assert.equal(answer.status, 400, path);
    assert.match(await answer.text(), want, path);
  }
  for (const path of [
    '/api/calls',
    `/api/calls/${CALL_ID}`,
    '/api/trails',
    `/api/requests/${REQUEST}/history`,
  ])
    assert.equal((await rig.ask(path)).status, 401, path);
});

test('insights are of a time, 30 days by default and 366 at most', async () => {
  const ines = await rig.client('ines');
  const day = 86_400_000;
  const { from, to, near_misses } = await ines.insights();
  assert.deepEqual([to - from, near_misses[0]?.kind], [30 * day, 'changed']);
  assert.deepEqual((await ines.insights({ from: 5, to: 9 })).from, 5);
  for (const span of [
    { from: 9, to: 9 },
    { from: 0, to: 367 * day },
  ])
    await assert.rejects(ines.insights(span), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.status, error.field], [400, 'query.from']);
      return true;
    });
  assert.equal((await rig.ask('/api/insights')).status, 401);
});

test('how people review is told by name to operators and auditors; to anybody else, of themselves', async () => {
  rig.people.set('nora', { id: 'nora', name: 'Nora', active: true, roles: [], groups: [], accounts: [] });
  const cases: readonly (readonly [string, 'everybody' | 'you', readonly string[]])[] = [
    ['mara', 'everybody', ['mara', 'jon']], // operator, and reviewer besides
    ['ines', 'everybody', ['mara', 'jon']], // auditor
    ['jon', 'you', ['jon']], // reviewer
    ['nora', 'you', []], // no role
  ];
  for (const [person, of, named] of cases) {
    const { reading } = await (await rig.client(person)).insights();
    assert.deepEqual([reading.of, reading.reviewers.map(({ reviewer }) => reviewer)], [of, named], person);
  }
});
