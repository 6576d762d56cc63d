import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, held, permitted, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { recoverExecutions } from '../executions/recover.ts';
import { sweep } from './ending/expire.ts';
import type { ReviewRefusal } from './requests.ts';

const two = (by: 'group:dba' | 'anyone') => ({
  ...SEAT,
  seats: [{ by, count: 2, proof: 'session' as const }],
});
const staged = {
  ...SEAT,
  seats: [{ by: 'group:dba' as const, count: 1, proof: 'session' as const }],
  next: [{ seats: [{ by: 'group:security' as const, count: 2, proof: 'session' as const }], choices: [] }],
};
const POLICY = policyOf({
  release: { then: 'require', requirement: staged },
  write: { then: 'require' },
  wipe: { then: 'require', requirement: two('group:dba') },
  both: {
    then: 'require',
    requirement: {
      ...SEAT,
      seats: [
        { by: 'group:dba', count: 1, proof: 'session' },
        { by: 'group:security', count: 1, proof: 'session' },
      ],
    },
  },
  either: {
    then: 'require',
    requirement: {
      ...SEAT,
      seats: [],
      choices: [
        {
          rule: 'r',
          anyOf: [
            [{ by: 'group:dba', count: 2, proof: 'session' }],
            [{ by: 'person:dan', count: 1, proof: 'session' }],
          ],
        },
      ],
    },
  },
});

describe('review', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await createRig(POLICY);
  });
  afterEach(() => rig.close());

  const open = async (tool = 'write') => held(await rig.call(tool)).id;
  const status = async (id: string) => (await rig.requests.show(id, 'bob'))?.status;
  const refused = async (id: string, who: string, why: ReviewRefusal) => {
    const outcome = await rig.answer(id, who);
    assert.deepEqual([outcome.kind, outcome.kind === 'refused' && outcome.why], ['refused', why], who);
  };

  it('A13: nobody responsible for the action decides it, whatever their roles', async () => {
    const id = await open();
    await refused(id, 'alice', 'not_eligible');
    await refused(id, 'alice@example.com', 'not_eligible');
    await refused(id, 'coder', 'not_eligible');
    await refused(id, 'eve', 'not_eligible');
    await refused(id, 'mallory', 'not_eligible');
    assert.equal(await status(id), 'pending');
  });

  it('records refused answers too (I5)', async () => {
    const id = await open();
    await refused(id, 'alice', 'not_eligible');
    const last = (await rig.entries()).at(-1);
    assert.deepEqual(last?.['predicate'], {
      channel: 'test',
      counted: false,
      decision: 'approved',
      proof: 'session',
      refused: 'not_eligible',
      reviewer: 'alice',
    });
  });

  it('A14: one person in two groups fills one seat', async () => {
    const id = await open('both');
    await rig.answer(id, 'carol');
    assert.equal(await status(id), 'pending');
    await refused(id, 'carol', 'already_reviewed');
    await rig.answer(id, 'bob');
    assert.equal(await status(id), 'approved');
  });

  it('takes either alternative of one rule, not half of each', async () => {
    const first = await open('either');
    await rig.answer(first, 'bob');
    assert.equal(await status(first), 'pending');
    await rig.answer(first, 'dan');
    assert.equal(await status(first), 'approved');
  });

  it('reviews in stages, one after the other, though answers come within one millisecond', async () => {
    const id = await open('release');
    const view = async () => held(await rig.call('release')).stages;
    assert.deepEqual((await rig.requests.show(id, 'dan'))?.eligibility, {
      eligible: false,
      why: 'later_stage',
    });
    await refused(id, 'dan', 'not_eligible');
    assert.deepEqual(await view(), { done: 0, of: 2 });
    const first = await rig.answer(id, 'bob');
    assert.deepEqual(first.kind === 'recorded' && first.quorum, {
      met: false,
      filled: 1,
      needed: 3,
      stage: 2,
      stages: 2,
    });
    assert.deepEqual(await view(), { done: 1, of: 2 });
    await rig.answer(id, 'dan');
    await rig.answer(id, 'carol');
    assert.equal(await status(id), 'approved');
    assert.equal((await rig.call('release')).kind, 'permitted');
  });

  it('I8: answers given in another order than today’s stages ask for are void', async () => {
    const id = await open('both');
    await rig.answer(id, 'dan');
    await rig.answer(id, 'bob');
    assert.equal(await status(id), 'approved');
    const [dba, security] = [
      staged.seats,
      [{ by: 'group:security' as const, count: 1, proof: 'session' as const }],
    ];
    const ordered = { ...staged, seats: dba, next: [{ seats: security, choices: [] }] };
    await rig.change({ policy: policyOf({ both: { then: 'require', requirement: ordered } }, '2') });
    assert.notEqual(held(await rig.call('both')).id, id);
  });

  it('one deny from an eligible person resolves the request', async () => {
    const id = await open('wipe');
    await rig.answer(id, 'bob');
    await rig.answer(id, 'carol', { decision: 'denied' });
    assert.equal(await status(id), 'denied');
  });

  it('A17: late, second and conflicting answers change nothing', async () => {
    const id = await open();
    await rig.answer(id, 'bob', { decision: 'denied' });
    await refused(id, 'carol', 'already_resolved');
    assert.equal(await status(id), 'denied');
    const late = await open('wipe');
    rig.time.now += SEAT.within_ms;
    await refused(late, 'bob', 'already_resolved');
    assert.equal(await sweep(rig.deps), 1);
    assert.equal(await status(late), 'expired');
    await refused(late, 'bob', 'already_resolved');
  });

  it('A17: of an approval and a denial at once, one wins and the other is told', async () => {
    for (let round = 0; round < 8; round += 1) {
      const id = held(await rig.call('write', { round })).id;
      const outcomes = await Promise.all([
        rig.answer(id, 'bob'),
        rig.answer(id, 'carol', { decision: 'denied' }),
      ]);
      const recorded = outcomes.filter(({ kind }) => kind === 'recorded');
      assert.equal(recorded.length, 1);
      const won = recorded[0]?.kind === 'recorded' ? recorded[0].status : '';
      assert.equal(await status(id), won);
      const approvals = await rig.store.read({
        sql: 'SELECT 1 FROM approvals WHERE request_id = $1',
        params: [id],
      });
      assert.equal(approvals.length, won === 'approved' ? 1 : 0);
      await rig.requests.cancel(id, 'dan');
    }
  });

  it('two people completing a quorum at once complete it once', async () => {
    const id = await open('wipe');
    const outcomes = await Promise.all([rig.answer(id, 'bob'), rig.answer(id, 'carol')]);
    assert.ok(outcomes.every(({ kind }) => kind === 'recorded'));
    assert.equal(await status(id), 'approved');
    const approvals = await rig.store.read({ sql: 'SELECT 1 FROM approvals', params: [] });
    assert.equal(approvals.length, 1);
  });

  it('A8: an approval of something else than was shown is refused', async () => {
    const id = await open();
    const outcome = await rig.answer(id, 'bob', { rendered_digest: `sha256:${'0'.repeat(64)}` });
    assert.equal(outcome.kind === 'refused' && outcome.why, 'shown_changed');
    const other = await rig.answer(id, 'bob', { action_digest: `sha256:${'0'.repeat(64)}` });
    assert.equal(other.kind === 'refused' && other.why, 'shown_changed');
    assert.equal(await status(id), 'pending');
  });

  it('I6: nobody approves from a view that hides part of a text, until a logged reveal', async () => {
    const hidden = { kind: 'secret' as const, label: 'token', chars: 4, range: { start: 2, end: 6 } };
    const found = new Map([['/context/arguments/text', [hidden]]]);
    rig.deps.masking.redactions = () => found;
    rig.deps.masking.redactionsApart = async () => found;
    const id = held(await rig.call('write', { text: 'a s3cr b' })).id;
    const shown = await rig.requests.show(id, 'bob');
    assert.deepEqual(shown?.shown_action['context'], { upstream: 'files', arguments: { text: 'a ████ b' } });
    await refused(id, 'bob', 'not_approvable');
    assert.equal((await rig.requests.reveal(id, 'alice', 'curious')).kind, 'refused');
    assert.equal((await rig.requests.reveal(id, 'bob', 'must see the text')).kind, 'done');
    assert.equal((await rig.requests.show(id, 'bob'))?.revealed, true);
    assert.equal((await rig.requests.show(id, 'carol'))?.revealed, false);
    await refused(id, 'carol', 'not_approvable');
    assert.equal((await rig.answer(id, 'bob')).kind, 'recorded');
  });

  it('a person removed while pending no longer counts', async () => {
    const id = await open('wipe');
    await rig.answer(id, 'bob');
    await rig.change({ config: { ...CONFIG, groups: { ...CONFIG.groups, dba: ['carol', 'dan'] } } });
    await rig.answer(id, 'carol');
    assert.equal(await status(id), 'pending');
    await rig.answer(id, 'dan');
    assert.equal(await status(id), 'approved');
  });

  it('the requester, its owner and operators withdraw; reviewers deny', async () => {
    const id = await open();
    assert.equal((await rig.requests.cancel(id, 'bob')).kind, 'refused');
    assert.equal((await rig.requests.cancel(id, 'alice')).kind, 'done');
    assert.equal(await status(id), 'cancelled');
    assert.equal((await rig.requests.cancel(id, 'alice')).kind, 'refused');
  });

  it('a revoked approval runs nothing', async () => {
    const id = await open();
    await rig.answer(id, 'bob');
    const approval = (await rig.requests.show(id, 'bob'))?.approval;
    assert.equal((await rig.requests.revoke(approval?.id ?? '', 'eve', 'no')).kind, 'refused');
    assert.equal((await rig.requests.revoke(approval?.id ?? '', 'bob', 'changed my mind')).kind, 'done');
    assert.notEqual(held(await rig.call('write')).id, id);
  });

  it('A22: what was running at a crash is unknown, and never runs again by itself', async () => {
    const id = await open();
    await rig.answer(id, 'bob');
    permitted(await rig.call('write'));
    assert.equal(await recoverExecutions(rig.deps), 1);
    assert.equal(await recoverExecutions(rig.deps), 0);
    assert.notEqual(held(await rig.call('write')).id, id);
    assert.deepEqual(
      (await rig.requests.show(id, 'bob'))?.executions.map((run) => run.status),
      ['unknown'],
    );
  });

  it('an approval nobody redeemed expires, on the record', async () => {
    const id = await open();
    await rig.answer(id, 'bob');
    rig.time.now += SEAT.valid_ms;
    assert.equal(await sweep(rig.deps), 1);
    assert.equal((await rig.requests.show(id, 'bob'))?.approval?.status, 'expired');
    const last = (await rig.entries()).at(-1);
    assert.equal(last?.['kind'], 'resolution');
  });

  it('lists pending requests most urgent first, and pages', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      ids.push(held(await rig.call('write', { at })).id);
      rig.time.now += 1000;
    }
    const first = await rig.requests.list({ status: 'pending' }, { limit: 2 });
    const rest = await rig.requests.list(
      { status: 'pending' },
      { limit: 2, cursor: first.next_cursor ?? '' },
    );
    assert.deepEqual(
      [...first.items, ...rest.items].map((item) => item.id),
      ids,
    );
    assert.equal(rest.next_cursor, undefined);
    assert.equal((await rig.requests.list({ reviewable_by: 'alice' }, { limit: 10 })).items.length, 0);
    assert.equal((await rig.requests.list({ reviewable_by: 'bob' }, { limit: 10 })).items.length, 3);
  });
});
