import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Evaluation } from '@countersign/core';
import type { RequestChange } from '@countersign/sdk';
import { beforeCommit } from '../../testing/race.ts';
import {
  CONFIG,
  createRig,
  evaluationOf,
  held,
  permitted,
  policyOf,
  type Rig,
  SEAT,
} from '../../testing/rig.ts';
import { until } from '../../testing/until.ts';
import { configSchema } from '../config/config.ts';
import { recoverExecutions } from '../executions/recover.ts';
import { sweep } from '../requests/ending/expire.ts';

const POLICY = policyOf({
  read_file: { then: 'allow' },
  write_file: { then: 'require' },
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
  wipe: {
    then: 'require',
    requirement: { ...SEAT, seats: [{ by: 'group:dba', count: 2, proof: 'session' }] },
  },
  nobody: {
    then: 'require',
    requirement: { ...SEAT, seats: [{ by: 'person:alice', count: 1, proof: 'session' }] },
  },
  odd: { then: 'allow', obligations: [{ id: 'odd/step-up', type: 'step-up', properties: {} }] },
});

describe('enforce', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await createRig(POLICY);
  });
  afterEach(() => rig.close());

  const kinds = async () => (await rig.entries()).map((entry) => entry['kind']);

  it('permits what policy allows, once it is durable (I2)', async () => {
    const permit = permitted(await rig.call('read_file', { path: '/a' }));
    assert.equal(permit.held, false);
    assert.deepEqual(permit.action.context['arguments'], { path: '/a' });
    const rows = await rig.store.read({ sql: 'SELECT id, status FROM executions', params: [] });
    assert.deepEqual(
      rows.map((row) => [row['id'], row['status']]),
      [[permit.execution_id, 'started']],
    );
    await permit.finish({ status: 'succeeded' });
    assert.deepEqual(await kinds(), ['execution', 'execution']);
  });

  it('records an outcome once, whatever is said after (I5)', async () => {
    const permit = permitted(await rig.call('read_file'));
    await permit.finish({ status: 'failed' });
    await permit.finish({ status: 'succeeded' });
    const [row] = await rig.store.read({ sql: 'SELECT status FROM executions', params: [] });
    assert.equal(row?.['status'], 'failed');
  });

  it('denies what no rule matches, and records it', async () => {
    const verdict = await rig.call('drop_table');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'policy_denied');
    assert.deepEqual(await kinds(), ['evaluation']);
  });

  it('denies when an obligation cannot be carried out', async () => {
    const verdict = await rig.call('odd');
    assert.equal(verdict.kind, 'refused');
  });

  it('holds, then runs once, from the approved bytes', async () => {
    const request = held(await rig.call('write_file', { path: '/a', text: 'x' }));
    assert.equal((await rig.answer(request.id, 'bob')).kind, 'recorded');
    const permit = permitted(await rig.call('write_file', { path: '/a', text: 'x' }));
    assert.equal(permit.held, true);
    assert.deepEqual(permit.action.context['arguments'], { path: '/a', text: 'x' });
    await permit.finish({ status: 'succeeded', result: { body: '{"ok":1}' } });
    permit.delivered();
    assert.deepEqual(await kinds(), [
      'evaluation',
      'access-request',
      'review',
      'resolution',
      'execution',
      'execution',
    ]);
  });

  it('coalesces identical open requests', async () => {
    const first = held(await rig.call('write_file', { path: '/a' }));
    const [second, third] = await Promise.all([
      rig.call('write_file', { path: '/a' }),
      rig.call('write_file', { path: '/a' }),
    ]);
    assert.equal(held(second).id, first.id);
    assert.equal(held(third).id, first.id);
    assert.notEqual(held(await rig.call('write_file', { path: '/b' })).id, first.id);
    assert.notEqual(held(await rig.call('write_file', { path: '/a' }, 'other')).id, first.id);
  });

  it('opens one request for identical calls made at once', async () => {
    const verdicts = await Promise.all(
      Array.from({ length: 10 }, () => rig.call('write_file', { path: '/same' })),
    );
    assert.equal(new Set(verdicts.map((verdict) => held(verdict).id)).size, 1);
  });

  it('A8: two racers redeem one approval, one runs', async () => {
    const request = held(await rig.call('write_file', { path: '/a' }));
    await rig.answer(request.id, 'bob');
    const verdicts = await Promise.all(
      Array.from({ length: 8 }, () => rig.call('write_file', { path: '/a' })),
    );
    assert.equal(verdicts.filter(({ kind }) => kind === 'permitted').length, 1);
    assert.ok(
      verdicts.every(
        (verdict) =>
          verdict.kind === 'permitted' ||
          (verdict.kind === 'refused' && verdict.refusal.reason === 'in_progress'),
      ),
    );
  });

  it('A8: an approval does not cover other arguments, another agent, or a second run', async () => {
    const request = held(await rig.call('write_file', { path: '/a' }));
    await rig.answer(request.id, 'bob');
    assert.equal((await rig.call('write_file', { path: '/b' })).kind, 'held');
    assert.equal((await rig.call('write_file', { path: '/a' }, 'other')).kind, 'held');
    const permit = permitted(await rig.call('write_file', { path: '/a' }));
    await permit.finish({ status: 'succeeded', result: { body: '{}' } });
    permit.delivered();
    await settled(rig);
    const again = held(await rig.call('write_file', { path: '/a' }));
    assert.notEqual(again.id, request.id);
  });

  it('gives the answer again, without running, when it never reached the caller', async () => {
    const request = held(await rig.call('write_file', { path: '/a' }));
    await rig.answer(request.id, 'bob');
    const permit = permitted(await rig.call('write_file', { path: '/a' }));
    await permit.finish({ status: 'succeeded', result: { body: '{"content":[]}' } });
    const verdict = await rig.call('write_file', { path: '/a' });
    assert.deepEqual(verdict, {
      kind: 'replayed',
      execution_id: permit.execution_id,
      result: { body: '{"content":[]}' },
    });
    rig.time.now += SEAT.valid_ms;
    assert.equal((await rig.call('write_file', { path: '/a' })).kind, 'held');
  });

  it('redeems as many uses as the rule gives, and no more', async () => {
    const request = held(await rig.call('twice'));
    await rig.answer(request.id, 'bob');
    for (let use = 0; use < 2; use += 1) {
      const permit = permitted(await rig.call('twice'));
      await permit.finish({ status: 'succeeded' });
      permit.delivered();
      await settled(rig);
    }
    assert.notEqual(held(await rig.call('twice')).id, request.id);
  });

  it('I9: takes no further use when one that began meanwhile may have run', async () => {
    const request = held(await rig.call('twice'));
    await rig.answer(request.id, 'bob');
    beforeCommit(rig.store, 'redeem', async () => {
      permitted(await rig.call('twice'));
      assert.equal(await recoverExecutions(rig.deps), 1);
    });
    const verdict = await rig.call('twice');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'execution_unknown');
  });

  it('A10: an approval ends when today’s policy asks for more', async () => {
    const request = held(await rig.call('write_file'));
    await rig.answer(request.id, 'bob');
    await rig.change({
      policy: policyOf(
        {
          write_file: {
            then: 'require',
            requirement: { ...SEAT, seats: [{ by: 'group:security', count: 1, proof: 'session' }] },
          },
        },
        '2',
      ),
    });
    assert.notEqual(held(await rig.call('write_file')).id, request.id);
    const [approval] = (await rig.requests.listApprovals({}, { limit: 10 })).items;
    assert.equal(approval?.status, 'revoked');
  });

  it('tells whoever looks at the request that what it let through begins, and ended; nobody of what policy allows', async () => {
    const request = held(await rig.call('write_file'));
    const told: RequestChange[] = [];
    rig.deps.bus.subscribe((change) => told.push(change));
    await rig.answer(request.id, 'bob');
    const permit = permitted(await rig.call('write_file'));
    await permit.finish({ status: 'failed' });
    await permit.finish({ status: 'succeeded' });
    await permitted(await rig.call('read_file')).finish({ status: 'succeeded' });
    const { execution_id } = permit;
    assert.deepEqual(
      told.map(({ request_id, status, run }) => ({ request_id, status, run })),
      [undefined, { execution_id, status: 'started' }, { execution_id, status: 'failed' }].map((run) => ({
        request_id: request.id,
        status: 'approved',
        run,
      })),
    );
  });

  it('tells that an approval ended without a run', async () => {
    const request = held(await rig.call('write_file'));
    await rig.answer(request.id, 'bob');
    const told: string[] = [];
    rig.deps.bus.subscribe(({ request_id }) => told.push(request_id));
    rig.time.now += 24 * 3_600_000;
    await sweep(rig.deps);
    assert.deepEqual(told, [request.id]);
  });

  it('A10: an approval ends when its reviewer may no longer review', async () => {
    const request = held(await rig.call('write_file'));
    await rig.answer(request.id, 'bob');
    const people = {
      ...CONFIG.people,
      bob: { ...CONFIG.people['bob'], name: 'Bob', roles: ['reviewer'], accounts: [], active: false },
    };
    await rig.change({ config: configSchema.parse({ ...CONFIG, people }) });
    assert.notEqual(held(await rig.call('write_file')).id, request.id);
  });

  it('A10: a denial by a later policy beats an approval', async () => {
    await rig.answer(held(await rig.call('write_file')).id, 'bob');
    await rig.change({ policy: policyOf({ write_file: { then: 'deny' } }, '2') });
    assert.equal((await rig.call('write_file')).kind, 'refused');
  });

  it('A10: a shorter `valid` shortens approvals already given', async () => {
    await rig.answer(held(await rig.call('write_file')).id, 'bob');
    rig.time.now += 60_000;
    await rig.change({
      policy: policyOf({ write_file: { then: 'require', requirement: { ...SEAT, valid_ms: 30_000 } } }, '2'),
    });
    const verdict = await rig.call('write_file');
    assert.notEqual(verdict.kind, 'permitted');
  });

  it('I8: a permit decided under an older authority does not commit', async () => {
    const stale = rig.authority.current();
    const change = rig.change({ policy: policyOf({}, '2') });
    const verdict = await rig.call('read_file');
    await change;
    assert.equal(stale.epoch + 1, rig.authority.current().epoch);
    // Whichever came first, what the policy of that moment allowed is what happened.
    const rows = await rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] });
    assert.equal(rows.length, verdict.kind === 'permitted' ? 1 : 0);
  });

  it('answers a fresh denial without asking again', async () => {
    const request = held(await rig.call('write_file'));
    await rig.answer(request.id, 'bob', { decision: 'denied', reason: 'not today' });
    const verdict = await rig.call('write_file');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'denied');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.request?.reason, 'not today');
    rig.time.now += SEAT.within_ms;
    assert.equal((await rig.call('write_file')).kind, 'held');
  });

  it('A21: limits how many requests of one agent may be open', async () => {
    for (let at = 0; at < 3; at += 1) held(await rig.call('write_file', { at }));
    const verdict = await rig.call('write_file', { at: 99 });
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'too_many_pending');
  });

  it('A19: limits how often one agent asks people within an hour, answered or not', async () => {
    Object.assign(rig.deps, { askingMax: () => ({ pending: 3, per_hour: 4 }) });
    for (let at = 0; at < 4; at += 1) {
      const { id } = held(await rig.call('write_file', { at }));
      await rig.answer(id, 'bob', { decision: 'denied' });
    }
    const verdict = await rig.call('write_file', { at: 99 });
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'asked_too_often');
    assert.equal((await rig.call('write_file', { at: 99 }, 'other')).kind, 'held', 'another may ask');
    permitted(await rig.call('read_file'));
    rig.time.now += 3_600_000;
    assert.equal((await rig.call('write_file', { at: 99 })).kind, 'held');
  });

  it('refuses at once when nobody could ever review it', async () => {
    const verdict = await rig.call('nobody');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'no_eligible_reviewer');
  });

  it('tells a waiting caller when the request is answered', async () => {
    const verdict = await rig.call('write_file');
    assert.equal(verdict.kind, 'held');
    if (verdict.kind !== 'held') return;
    const waited = verdict.held.settled(AbortSignal.timeout(10_000));
    await rig.answer(verdict.held.request.id, 'carol');
    assert.equal((await waited).status, 'approved');
  });

  it('lets a waiter go when its signal aborts, and leaves the request open', async () => {
    const verdict = await rig.call('write_file');
    if (verdict.kind !== 'held') return assert.fail('expected held');
    const gone = new AbortController();
    const waited = verdict.held.settled(gone.signal);
    gone.abort();
    assert.equal((await waited).status, 'pending');
    assert.equal(rig.deps.bus.waiting(), 0);
  });

  it('calls back once for many that wait, and none that stopped', async () => {
    const verdict = await rig.call('write_file');
    if (verdict.kind !== 'held') return assert.fail('expected held');
    const { held } = verdict;
    const told: string[] = [];
    const stop = held.onSettled(() => told.push('stopped'));
    const both = ['one', 'two'].map(
      (name) =>
        new Promise<void>((resolve) => {
          held.onSettled(({ status }) => {
            told.push(`${name} ${status}`);
            resolve();
          });
        }),
    );
    stop();
    assert.equal(rig.deps.bus.waiting(), 2);
    await rig.answer(held.request.id, 'carol');
    await Promise.all(both);
    // One that comes too late is told all the same, by looking.
    await new Promise<void>((resolve) => {
      held.onSettled(({ status }) => {
        told.push(`late ${status}`);
        resolve();
      });
    });
    assert.deepEqual(told, ['one approved', 'two approved', 'late approved']);
    assert.equal(rig.deps.bus.waiting(), 0);
  });

  it('A13: refuses an evaluation that names another subject, agent, team, tenant or chain than came in', async () => {
    const mine = evaluationOf(rig.principal, 'read_file', {});
    const { facts } = mine;
    const scoped = (over: Partial<Evaluation['facts']['scope']>): Evaluation => ({
      ...mine,
      facts: { ...facts, scope: { ...facts.scope, ...over } },
    });
    const fooled: readonly Evaluation[] = [
      { ...mine, subject: { ...mine.subject, id: 'bob' } },
      { ...mine, subject: { ...mine.subject, type: 'identity' } },
      { ...mine, tenant: 'another' },
      { ...mine, act: { iss: 'https://idp.example', sub: 'coder', sub_profile: 'ai_agent' } },
      scoped({ agent: 'other' }),
      scoped({ team: 'security' }),
    ];
    for (const evaluation of fooled) {
      const verdict = await rig.enforce(rig.principal, evaluation);
      assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'unavailable');
    }
    assert.deepEqual(await rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] }), []);
    assert.equal((await rig.enforce(rig.principal, mine)).kind, 'permitted');
  });

  it('A20: refuses when the store is gone', async () => {
    await rig.store.close();
    const verdict = await rig.call('read_file');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'unavailable');
  });
});

/** `delivered` answers nobody; wait until the row says so. */
async function settled(rig: Rig): Promise<void> {
  await until('every execution is marked delivered', async () => {
    const open = await rig.store.read({
      sql: "SELECT 1 FROM executions WHERE status <> 'started' AND match_key IS NOT NULL AND delivered_at IS NULL",
      params: [],
    });
    return open.length === 0;
  });
}
