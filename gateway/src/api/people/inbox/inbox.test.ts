import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { ProblemError } from '@countersign/sdk';
import { pendingRequest, REQUEST_ID } from '../../testing/requests.ts';
import { createRig, type Rig } from '../../testing/rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.close());

const OTHER = `${REQUEST_ID.slice(0, -1)}1`;
const THIRD = `${REQUEST_ID.slice(0, -1)}2`;

test('the inbox says of each request whether the person may answer it', async () => {
  const [mara, jon] = [await rig.client('mara'), await rig.client('jon')];
  assert.deepEqual(
    (await mara.inbox()).items.map(({ eligibility }) => eligibility),
    [{ eligible: true }],
  );
  const [own] = (await jon.inbox()).items;
  assert.deepEqual([own?.eligibility.eligible, own?.group], [false, 'one']);
  assert.deepEqual((await jon.inbox({ for_me: true })).items, []);
});

test('several answers are several reviews: one that is refused stops no other', async () => {
  for (const id of [OTHER, THIRD]) rig.requests.all.set(id, pendingRequest({ id }));
  const mara = await rig.client('mara');
  const { action_digest, rendered_digest } = await mara.requests.show(OTHER);
  const stale = `sha256:${'9'.repeat(64)}`;
  const gone = `${REQUEST_ID.slice(0, -1)}7`;
  const { results } = await mara.requests.reviewMany({
    reviews: [
      { request_id: REQUEST_ID, decision: 'approved', action_digest, rendered_digest: stale },
      { request_id: OTHER, decision: 'approved', action_digest, rendered_digest },
      { request_id: gone, decision: 'denied' },
      { request_id: THIRD, decision: 'denied', reason: 'no' },
    ],
  });
  assert.deepEqual(
    results.map((each) => [each.request_id, each.recorded ? each.status : each.why]),
    [
      [REQUEST_ID, 'shown_changed'],
      [OTHER, 'approved'],
      [gone, 'not_found'],
      [THIRD, 'denied'],
    ],
  );
  assert.equal(rig.requests.answers.length, 4);
  assert.ok(rig.requests.answers.every(({ reviewer, channel }) => reviewer === 'mara' && channel === 'cli'));
});

test('an approval without its digests is refused by itself, naming the field', async () => {
  rig.requests.all.set(OTHER, pendingRequest({ id: OTHER }));
  const mara = await rig.client('mara');
  const { results } = await mara.requests.reviewMany({
    reviews: [
      { request_id: REQUEST_ID, decision: 'approved' },
      { request_id: OTHER, decision: 'denied' },
    ],
  });
  const [first, second] = results;
  assert.ok(first?.recorded === false && second?.recorded === true);
  assert.deepEqual([first.why, first.field], ['invalid_request', 'body.action_digest']);
});

test('a batch is answered once a key, and refused where it answers one request twice or is too long', async () => {
  const mara = await rig.client('mara');
  const input = { reviews: [{ request_id: REQUEST_ID, decision: 'denied' as const }] };
  const first = await mara.requests.reviewMany(input, { idempotency_key: 'k1' });
  assert.deepEqual(await mara.requests.reviewMany(input, { idempotency_key: 'k1' }), first);
  assert.equal(rig.requests.answers.length, 1);
  const twice = { reviews: [...input.reviews, ...input.reviews] };
  await assert.rejects(mara.requests.reviewMany(twice), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.field], [400, 'body.reviews.1.request_id']);
    return true;
  });
  for (const reviews of [[], Array.from({ length: 51 }, () => input.reviews[0] ?? assert.fail())])
    await assert.rejects(mara.requests.reviewMany({ reviews }), ProblemError);
  assert.equal(rig.requests.answers.length, 1);
});

test('a day is told since a moment, at most two days ago', async () => {
  const mara = await rig.client('mara');
  const since = rig.clock.now - 3_600_000;
  const today = await mara.today({ since });
  assert.deepEqual([today.since, today.waiting.for_me, today.calls.allowed], [since, 1, 7]);
  assert.equal((await mara.today()).since, rig.clock.now - 86_400_000);
  await assert.rejects(mara.today({ since: 1 }), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.field, 'query.since');
    return true;
  });
});

test('a saved search leads nowhere but into the console', async () => {
  const ines = await rig.client('ines');
  const saved = await ines.searches.save({ name: ' failed ', query: '/history?outcome=failed' });
  assert.equal(saved.name, 'failed');
  assert.deepEqual((await ines.searches.list()).items, [saved]);
  for (const query of [
    '//evil.example/',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/a b',
    '',
    '/é',
  ])
    await assert.rejects(ines.searches.save({ name: 'x', query }), ProblemError, query);
  await assert.rejects(ines.searches.save({ name: '', query: '/history' }), ProblemError);
  await assert.rejects(ines.searches.save({ name: 'another', query: '/history' }), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.status, 409);
    return true;
  });
  await ines.searches.remove(saved.id);
  await assert.rejects(ines.searches.remove(saved.id), ProblemError);
});

test('nobody without a session sees or answers anything', async () => {
  for (const path of ['/api/inbox', '/api/today', '/api/searches'])
    assert.equal((await rig.ask(path)).status, 401, path);
  const body = JSON.stringify({ reviews: [{ request_id: REQUEST_ID, decision: 'denied' }] });
  const headers = { 'content-type': 'application/json' };
  assert.equal((await rig.ask('/api/reviews', { method: 'POST', body, headers })).status, 401);
  assert.equal(rig.requests.answers.length, 0);
});
