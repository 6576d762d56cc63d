/** A reviewer taken out of the configuration and put back, running or stopped: what they approved does not run (A10, I8). */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Client } from '@countersign/sdk';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, openYard, ranOf, type Yard } from './yard.ts';

const BOB = 'bob: { name: Bob, roles: [reviewer] }';
const AWAY = 'bob: { name: Bob, roles: [reviewer], active: false }';
let yard: Yard;
let alice: Client;
before(async () => {
  yard = await openYard();
  alice = await yard.house.signIn('alice');
});
after(() => yard.close());

const call = (): Promise<string | undefined> => callHeld(yard);
const ran = (): number => ranOf(yard);
/** Answered by bob, who signs in for it; nothing of an earlier test waits any more. */
async function approved(): Promise<{ readonly request: string; readonly bob: Client }> {
  for (const { id } of (await alice.requests.list({ status: 'pending' })).items)
    await alice.requests.cancel(id);
  const request = (await call()) ?? '';
  const bob = await yard.house.signIn('bob');
  const { action_digest, rendered_digest } = await bob.requests.show(request);
  await bob.requests.review(request, { decision: 'approved', action_digest, rendered_digest });
  return { request, bob };
}
const active = async (): Promise<boolean | undefined> =>
  (await alice.reviewers.list()).items.find(({ id }) => id === 'bob')?.active;
async function notRun(request: string): Promise<void> {
  const before = ran();
  const again = await call();
  assert.equal(ran(), before);
  const shown = await alice.requests.show(request);
  assert.equal(shown.approval?.status, 'revoked');
  assert.deepEqual(
    shown.reviews.map(({ counts, why_not }) => [counts, why_not]),
    [[false, 'left']],
  );
  // Whoever waits now is asked anew.
  assert.ok(again !== undefined && again !== request);
}
const edit = (from: string, to: string) => yard.editConfig((text) => text.replace(from, to));

it('while running', async () => {
  const { request } = await approved();
  await edit(BOB, AWAY);
  await until('bob is out', async () => (await active()) === false);
  await edit(AWAY, BOB);
  await until('bob is back', async () => (await active()) === true);
  await notRun(request);
});

it('each time while stopped', async () => {
  const { request, bob } = await approved();
  await yard.restart(() => edit(BOB, AWAY));
  assert.equal(await active(), false);
  await yard.restart(() => edit(AWAY, BOB));
  assert.equal(await active(), true);
  await assert.rejects(bob.me(), { status: 401 }, 'nor is he signed in');
  await notRun(request);
});

it('each time while stopped: a seat they gave, or were given, is so no more', async () => {
  const until = Date.now() + 3_600_000;
  const bob = await yard.house.signIn('bob');
  const { id } = await bob.delegations.give({ to: 'alice', until });
  await yard.restart(() => edit(BOB, AWAY));
  await yard.restart(() => edit(AWAY, BOB));
  const { items } = await alice.delegations.list();
  assert.deepEqual(
    items.map((each) => [each.id, each.status, each.revoked_by]),
    [[id, 'revoked', 'countersign:left']],
  );
  assert.deepEqual((await alice.delegations.list({ active: true })).items, []);
});

it('restarts alone take nothing from anybody: the tests above can fail', async () => {
  await approved();
  await yard.restart();
  const before = ran();
  assert.equal(await call(), undefined);
  assert.equal(ran(), before + 1);
});
