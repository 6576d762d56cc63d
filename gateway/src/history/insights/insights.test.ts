import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import type { Insights } from '@countersign/sdk';
import { type HistoryRig, openHistoryRig } from '../../../testing/history.ts';
import { CONFIG, held, policyOf } from '../../../testing/rig.ts';
import { configSchema } from '../../config/config.ts';
import { hashCredential, makeCredential } from '../../identity/credential.ts';
import { sweep } from '../../requests/ending/expire.ts';
import { createTickets } from '../../tickets/tickets.ts';

const POLICY = policyOf({ read: { then: 'allow' }, write: { then: 'require' }, send: { then: 'require' } });
const DAY = 86_400_000;

let house: HistoryRig;
beforeEach(async () => {
  house = await openHistoryRig(POLICY);
});
afterEach(() => house.close());

const ask = async (tool: string, args: JsonObject): Promise<string> =>
  held(await house.rig.call(tool, args)).id;
/** Shown, and answered so much later. */
async function decide(id: string, after_ms: number, decision: 'approved' | 'denied' = 'approved') {
  await house.rig.requests.show(id, 'bob');
  house.rig.time.now += after_ms;
  await house.rig.answer(id, 'bob', { decision });
}
const insights = (
  over: { from?: number; to?: number } = {},
  naming: Parameters<HistoryRig['history']['insights']>[1] = { kind: 'everybody' },
): Promise<Insights> =>
  house.history.insights({ from: house.rig.time.now - DAY, to: house.rig.time.now + DAY, ...over }, naming);

describe('insights', () => {
  it('are empty, not broken, where nothing happened', async () => {
    const all = await insights();
    assert.deepEqual(all.asked, { held: 0, approved: 0, denied: 0, expired: 0, cancelled: 0, waiting: 0 });
    assert.equal(all.time, undefined);
    assert.deepEqual([all.rules, all.unanswered, all.near_misses, all.volume.all], [[], [], [], []]);
  });

  it('say how long people took: a median and a ninth decile that did happen, all and by rule', async () => {
    for (let n = 1; n <= 10; n += 1) await decide(await ask('write', { n }), n * 1_000);
    await decide(await ask('send', { n: 0 }), 50_000, 'denied');
    const { time, rules, asked } = await insights();
    assert.deepEqual(time, { decided: 11, median_ms: 6_000, p90_ms: 10_000 });
    const shown = rules.map(({ rules: names, time: took, approval_rate, always_approved }) => [
      names,
      took,
      approval_rate,
      always_approved,
    ]);
    assert.deepEqual(shown, [
      [['rule-write'], { decided: 10, median_ms: 5_000, p90_ms: 9_000 }, 1, true],
      [['rule-send'], { decided: 1, median_ms: 50_000, p90_ms: 50_000 }, 0, false],
    ]);
    assert.deepEqual([asked.held, asked.approved, asked.denied], [11, 10, 1]);
  });

  it('call no rule one that always approves on too few decisions, or with one denial', async () => {
    for (let n = 1; n <= 4; n += 1) await decide(await ask('write', { n }), 5_000);
    for (let n = 1; n <= 6; n += 1)
      await decide(await ask('send', { n }), 5_000, n === 3 ? 'denied' : 'approved');
    assert.deepEqual(
      (await insights()).rules.map(({ always_approved }) => always_approved),
      [false, false],
    );
  });

  it('count calls by day, agent and rule, each call once altogether', async () => {
    await house.rig.call('read', { n: 1 });
    await house.rig.call('read', { n: 2 }, 'other');
    await house.rig.call('nothing', {});
    house.rig.time.now += DAY;
    await ask('write', { n: 1 });
    const { volume } = await insights({ from: house.rig.time.now - 3 * DAY });
    const plain = (list: Insights['volume']['all']) =>
      list.map(({ name, allowed, held: waits, denied }) => [name, allowed, waits, denied]);
    assert.deepEqual(plain(volume.all), [
      ['', 2, 0, 1],
      ['', 0, 1, 0],
    ]);
    assert.deepEqual(plain(volume.agents), [
      ['coder', 1, 0, 1],
      ['other', 1, 0, 0],
      ['coder', 0, 1, 0],
    ]);
    assert.deepEqual(plain(volume.rules), [
      ['rule-read', 2, 0, 0],
      ['rule-write', 0, 1, 0],
    ]);
    assert.equal((volume.all[1]?.day ?? 0) - (volume.all[0]?.day ?? 0), DAY);
    assert.deepEqual((await insights({ from: 0, to: DAY })).volume.all, []);
  });

  it('name reviews nobody could have read in that time, and those of what was never shown', async () => {
    const long = 'x'.repeat(3_000);
    await decide(await ask('write', { long }), 5_000);
    const slow = await ask('send', { long });
    await decide(slow, 50_000);
    const short = await ask('write', { n: 1 });
    await decide(short, 500);
    const unseen = await ask('write', { n: 2 });
    const shown = await house.rig.requests.show(unseen, 'carol');
    const outcome = await house.rig.requests.review({
      request_id: unseen,
      reviewer: 'bob',
      decision: 'approved',
      proof: 'session',
      channel: 'test',
      action_digest: shown?.action_digest ?? '',
      rendered_digest: shown?.rendered_digest ?? '',
    });
    assert.equal(outcome.kind, 'recorded', JSON.stringify(outcome));
    const { reading } = await insights();
    assert.deepEqual(reading.reviewers, [{ reviewer: 'bob', approvals: 4, fast: 2, unseen: 1 }]);
    assert.deepEqual(reading.fastest.map(({ took_ms }) => took_ms).sort(), [500, 5_000].sort());
    assert.ok(reading.fastest.every(({ characters, took_ms }) => characters > 20 && took_ms > 0));
    assert.deepEqual(reading.assumed, { characters_per_s: 100, at_least_ms: 1_000 });
  });

  it('name to one person only themselves, however many were faster, and sum up no fewer than three others', async () => {
    const approve = async (person: string, after_ms: number) => {
      const id = await ask('write', { person, after_ms });
      await house.rig.requests.show(id, person);
      house.rig.time.now += after_ms;
      await house.rig.answer(id, person);
    };
    await approve('bob', 10);
    await approve('bob', 20_000);
    await approve('carol', 10);
    await approve('dan', 10);
    const of = async (person: string) => (await insights({}, { kind: 'only', person })).reading;
    const bobs = await of('bob');
    assert.deepEqual([bobs.of, bobs.all], ['you', undefined], 'two others: one of them knows the other');
    assert.deepEqual(bobs.reviewers, [{ reviewer: 'bob', approvals: 2, fast: 1, unseen: 0 }]);
    assert.deepEqual(
      bobs.fastest.map(({ reviewer }) => reviewer),
      ['bob'],
    );
    const all = { reviewers: 3, approvals: 4, fast: 3, unseen: 0 };
    const nobodys = await of('erin');
    assert.deepEqual([nobodys.reviewers, nobodys.fastest, nobodys.all], [[], [], all]);
    assert.deepEqual((await of('')).reviewers, [], 'no name is nobody');
    const { reading } = await insights();
    assert.deepEqual([reading.of, reading.all, reading.reviewers.length], ['everybody', all, 3]);
  });

  it('are of when it was first shown, however often it is looked at', async () => {
    const id = await ask('write', { long: 'x'.repeat(1_000) });
    await house.rig.requests.show(id, 'bob');
    house.rig.time.now += 30_000;
    await decide(id, 10);
    assert.equal((await insights()).reading.reviewers[0]?.fast, 0);
  });

  it('count no refusal of a ticket system as somebody’s denial, nor its time as theirs', async () => {
    const { rig } = house;
    const key = makeCredential('ticket');
    const jira = { keys: [{ hash: hashCredential(key), expires: '2099-01-01' }], may: ['deny'], sees: 'all' };
    const { ticketing } = configSchema.parse({ ticketing: { jira } });
    await rig.change({ config: { ...CONFIG, ticketing } });
    const parts = { requests: rig.requests, providers: new Map(), answersUpTo: () => 'high' as const };
    const tickets = createTickets({ ...rig.deps, ...parts });
    const admitted = tickets.admit(key);
    assert.ok('system' in admitted);
    const id = await ask('write', { n: 1 });
    rig.time.now += 40_000;
    const denied = await tickets.deny(admitted.system, id, { author: 'Dana', text: 'no' });
    assert.equal(denied.kind, 'done');
    const { asked, time, reading } = await insights();
    assert.deepEqual([asked.held, asked.denied, asked.cancelled, asked.approval_rate], [1, 0, 1, undefined]);
    assert.deepEqual([time, reading.reviewers], [undefined, []]);
  });

  it('list what nobody answered, and what nearly went another way', async () => {
    const late = await ask('write', { n: 1 });
    house.rig.time.now += 3_600_000;
    await sweep(house.rig.deps);
    const withdrawn = await ask('write', { n: 2 });
    await house.rig.requests.cancel(withdrawn, 'alice');
    const refused = await ask('send', { to: 'everybody' });
    await decide(refused, 5_000, 'denied');
    const instead = await ask('send', { to: 'ada' });
    await decide(instead, 5_000);
    const other = await ask('send', { to: 'ada', cc: 'all' });
    await decide(other, 5_000, 'denied');
    const { unanswered, near_misses, asked } = await insights();
    assert.deepEqual(
      unanswered.map(({ request_id }) => request_id),
      [late],
    );
    assert.deepEqual(
      near_misses.map(({ kind, call, then }) => [kind, call.request_id, then?.request_id]),
      [
        ['denied', other, undefined],
        ['changed', refused, instead],
        ['cancelled', withdrawn, undefined],
      ],
    );
    assert.deepEqual([asked.expired, asked.cancelled, asked.denied, asked.approved], [1, 1, 2, 1]);
  });
});
