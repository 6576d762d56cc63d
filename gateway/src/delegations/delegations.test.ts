/** Sitting in for an absent person: who may give what to whom, what it does to votes, and that a restart knows it (I4, I8). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { CONFIG, createRig, held, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import type { Delegations } from '../api/ports.ts';
import { createChanges } from '../authority/changes.ts';
import { loadDuties } from '../authority/duties.ts';
import { EMPTY_ROSTER } from '../identity/roster/roster.ts';
import { createDelegations } from './delegations.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const predicateOf = (entry: JsonObject): JsonObject => entry['predicate'] as JsonObject;
const needs = (by: 'group:dba' | 'anyone', count: number) => ({
  then: 'require' as const,
  requirement: {
    ...SEAT,
    seats: [{ by, count, proof: 'session' as const }],
    within_ms: 40 * DAY,
    valid_ms: DAY,
  },
});

let rig: Rig;
let delegations: Delegations;
beforeEach(async () => {
  rig = await createRig(
    policyOf({ drop: needs('group:dba', 1), wipe: needs('group:dba', 2), write: needs('anyone', 1) }),
  );
  const { deps, authority } = rig;
  const world = { config: CONFIG, pins: new Map(), roster: EMPTY_ROSTER };
  const changes = createChanges({ ...deps, authority: () => authority, world });
  delegations = createDelegations({ ...deps, changes, lasts_max_ms: () => 14 * DAY });
});
afterEach(() => rig.close());

const give = async (from: string, to: string, more: { until?: number; starts_at?: number } = {}) => {
  const outcome = await delegations.give(from, { to, until: rig.time.now + DAY, ...more });
  return outcome.kind === 'given' ? outcome.delegation : outcome;
};
const given = async (from: string, to: string, more?: { until?: number; starts_at?: number }) => {
  const made = await give(from, to, more);
  if ('kind' in made) throw new TypeError(made.message);
  return made;
};
const open = async (tool = 'drop') => held(await rig.call(tool)).id;
const status = async (id: string) => (await rig.requests.show(id, 'bob'))?.status;
const eligible = async (id: string, who: string) => (await rig.requests.show(id, who))?.eligibility;

describe('giving a seat', () => {
  const at = (ms: number) => 1_800_000_000_000 + ms;
  const refusals: readonly (readonly [
    string,
    string,
    string,
    { until?: number; starts_at?: number },
    RegExp,
  ])[] = [
    ['to oneself', 'bob', 'bob', {}, /^to: that is you/],
    ['to oneself by another name', 'alice', 'Alice@example.com', {}, /^to: that is you/],
    ['to nobody', 'bob', 'zed', {}, /^to: there is no active reviewer “zed”/],
    ['to who is no reviewer', 'bob', 'eve', {}, /^to: there is no active reviewer/],
    ['to who is inactive', 'bob', 'mallory', {}, /^to: there is no active reviewer/],
    ['without having one', 'eve', 'bob', {}, /^Only an active reviewer has a seat/],
    [
      'longer than the configuration allows',
      'bob',
      'dan',
      { until: at(14 * DAY + 1) },
      /limits\.delegation_max/,
    ],
    [
      'that ends before it begins',
      'bob',
      'dan',
      { starts_at: at(2), until: at(2) },
      /^until: it must come after/,
    ],
    ['that is over', 'bob', 'dan', { until: at(-1) }, /^until: it must come after/],
    ['from the past', 'bob', 'dan', { starts_at: at(-1) }, /^starts_at: it lies in the past/],
    [
      'in a far future',
      'bob',
      'dan',
      { starts_at: at(91 * DAY), until: at(92 * DAY) },
      /^starts_at: at most 90d ahead/,
    ],
  ];
  for (const [what, from, to, more, message] of refusals) {
    it(`is refused: ${what}`, async () => {
      const made = await give(from, to, more);
      assert.match('kind' in made ? made.message : 'given', message);
      assert.deepEqual(rig.authority.current().duties.delegations, []);
      assert.equal((await rig.entries()).length, 0);
    });
  }

  it('is refused a second time, and to who has given their own away for that time', async () => {
    await given('bob', 'dan');
    const again = await give('bob', 'carol');
    assert.equal('kind' in again && again.why, 'wrong_state');
    const on = await give('carol', 'bob');
    assert.match('kind' in on ? on.message : '', /a seat does not pass on/);
    await given('carol', 'bob', { starts_at: rig.time.now + DAY, until: rig.time.now + 2 * DAY });
  });

  it('of several at once by one person, one is made', async () => {
    const made = await Promise.all(['carol', 'dan', 'alice'].map((to) => give('bob', to)));
    assert.equal(made.filter((each) => !('kind' in each)).length, 1);
    assert.equal(rig.authority.current().duties.delegations.length, 1);
  });

  it('raises the epoch, is on the record, and a restart knows it', async () => {
    const before = rig.authority.current().epoch;
    const { id, starts_at, until } = await given('bob', 'dan');
    assert.equal(rig.authority.current().epoch, before + 1);
    assert.deepEqual(await loadDuties(rig.store, rig.time.now), rig.authority.current().duties);
    await delegations.revoke(id, 'dan');
    const [gave, took] = await rig.entries();
    assert.deepEqual(gave?.['predicate'], {
      by: 'bob',
      change: 'seat given',
      delegation: id,
      epoch: before + 1,
      from: 'bob',
      to: 'dan',
      starts_at,
      until,
    });
    assert.deepEqual(took?.['predicate'], {
      by: 'dan',
      change: 'seat taken back',
      delegation: id,
      epoch: before + 2,
      from: 'bob',
      to: 'dan',
    });
    assert.deepEqual(await loadDuties(rig.store, rig.time.now), rig.authority.current().duties);
  });

  it('lists newest first, in pages, and says what became of each', async () => {
    const first = await given('bob', 'dan');
    rig.time.now += 1;
    const second = await given('carol', 'dan', { starts_at: rig.time.now + 1, until: rig.time.now + 2 });
    const page = await delegations.list({}, { limit: 1 });
    assert.deepEqual(
      page.items.map(({ id, status: now }) => [id, now]),
      [[second.id, 'scheduled']],
    );
    const rest = await delegations.list({}, { limit: 1, cursor: page.next_cursor ?? '' });
    assert.deepEqual(rest.items, [first]);
    assert.equal(rest.next_cursor, undefined);
    await delegations.revoke(first.id, 'bob');
    rig.time.now += 2;
    const now = await delegations.list({}, { limit: 9 });
    assert.deepEqual(
      now.items.map((each) => [each.id, each.status, each.revoked_by]),
      [
        [second.id, 'ended', undefined],
        [first.id, 'revoked', 'bob'],
      ],
    );
    assert.deepEqual((await delegations.list({ active: true }, { limit: 9 })).items, []);
  });

  it('is taken back by whoever gave it, whoever sits in it and operators, and by nobody else', async () => {
    for (const by of ['bob', 'carol', 'dan']) {
      const { id } = await given('bob', 'carol');
      assert.equal((await delegations.revoke(id, 'eve')).kind, 'refused');
      assert.equal((await delegations.revoke(id, 'mallory')).kind, 'refused');
      assert.deepEqual(await delegations.revoke(id, by), { kind: 'done' });
      const twice = await delegations.revoke(id, by);
      assert.equal(twice.kind === 'refused' && twice.why, 'unknown');
    }
  });
});

describe('a seat somebody sits in', () => {
  it('is answered by them, and the record says for whom', async () => {
    const id = await open();
    assert.deepEqual(await eligible(id, 'dan'), { eligible: false, why: 'no_seat' });
    await given('bob', 'dan');
    assert.deepEqual(await eligible(id, 'dan'), { eligible: true, for: ['bob'] });
    assert.deepEqual(await eligible(id, 'bob'), { eligible: false, why: 'delegated' });
    assert.equal((await rig.requests.list({ reviewable_by: 'dan' }, { limit: 5 })).items.length, 1);
    await rig.answer(id, 'dan');
    assert.equal(await status(id), 'approved');
    const vote = (await rig.entries()).find(({ kind }) => kind === 'review');
    assert.deepEqual(vote === undefined ? undefined : predicateOf(vote)['for'], ['bob']);
    assert.deepEqual(
      (await rig.requests.show(id, 'dan'))?.reviews.map(({ reviewer, for: whose }) => [reviewer, whose]),
      [['dan', ['bob']]],
    );
    assert.equal((await rig.call('drop')).kind, 'permitted');
  });

  it('A13: is of no use to the agent’s owner', async () => {
    await given('bob', 'alice');
    const id = await open('write');
    assert.deepEqual(await eligible(id, 'alice'), { eligible: false, why: 'owner' });
    const outcome = await rig.answer(id, 'alice');
    assert.equal(outcome.kind === 'refused' && outcome.why, 'not_eligible');
    assert.equal(await status(id), 'pending');
  });

  it('A14: does not make one person two', async () => {
    const id = await open('wipe');
    await given('bob', 'carol');
    await rig.answer(id, 'carol');
    const twice = await rig.answer(id, 'carol');
    assert.equal(twice.kind === 'refused' && twice.why, 'already_reviewed');
    const absent = await rig.answer(id, 'bob');
    assert.equal(absent.kind === 'refused' && absent.why, 'not_eligible');
    assert.equal(await status(id), 'pending');
  });

  const ends: readonly (readonly [string, (delegation: string) => Promise<unknown>])[] = [
    ['taken back', (delegation) => delegations.revoke(delegation, 'bob')],
    [
      'over',
      async () => {
        rig.time.now += HOUR;
      },
    ],
  ];
  for (const [what, end] of ends) {
    it(`I8: an approval given in it is void once it is ${what}, with the reason on the record`, async () => {
      const id = await open();
      const { id: delegation } = await given('bob', 'dan', { until: rig.time.now + HOUR });
      await rig.answer(id, 'dan');
      assert.equal(await status(id), 'approved');
      await end(delegation);
      assert.notEqual((await rig.call('drop')).kind, 'permitted');
      const entries = (await rig.entries()).map(predicateOf);
      assert.deepEqual(entries.findLast((each) => each['status'] === 'approval-revoked')?.['reason'], {
        why: 'the reviews no longer meet the policy',
        lost: [{ reviewer: 'dan', why: 'no_seat' }],
      });
    });
  }

  it('I13: giving one away makes nobody an author of the rules', async () => {
    const id = await open('write');
    const { id: delegation } = await given('bob', 'dan');
    await delegations.revoke(delegation, 'bob');
    assert.deepEqual(await eligible(id, 'bob'), { eligible: true });
  });
});
