/** Attacks on who decides, on what an approval covers and for how long, through the real door and the real store. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { RequestStatus } from '@countersign/core';
import type { AccessSession } from '../../gateway/src/api/access/access.ts';
import { configSchema } from '../../gateway/src/config/config.ts';
import { createAdmit } from '../../gateway/src/enforce/admit.ts';
import { recoverExecutions } from '../../gateway/src/executions/recover.ts';
import { hashCredential, makeCredential } from '../../gateway/src/identity/credential.ts';
import { createSessions } from '../../gateway/src/identity/sessions.ts';
import { sweep } from '../../gateway/src/requests/ending/expire.ts';
import {
  CONFIG,
  createRig,
  evaluationOf,
  held,
  permitted,
  policyOf,
  type Rig,
  type Rule,
  SEAT,
  SESSION_LIMITS,
} from '../../gateway/testing/rig.ts';

const RULES: { readonly [tool: string]: Rule } = {
  write: { then: 'require' },
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
};
const KEY = makeCredential('agent');
const withKey = (key: string) => ({
  ...CONFIG,
  agents: { coder: { owner: 'alice', team: 'platform', keys: [hashCredential(key)], pending_max: 3 } },
});

describe('attacks on decisions', () => {
  let rig: Rig;
  let session: AccessSession;
  beforeEach(async () => {
    rig = await createRig(policyOf(RULES), { config: configSchema.parse(withKey(KEY)) });
    const admission = createAdmit(rig.deps, 'default')(KEY);
    if (!admission.admitted) throw new TypeError('not admitted');
    session = admission.session;
  });
  afterEach(() => rig.close());

  const write = (n = 1) => evaluationOf(session.principal, 'write', { n });
  const runs = async () =>
    (await rig.store.read({ sql: 'SELECT status FROM executions', params: [] })).map((row) => row['status']);

  it('A10: a key revoked while its call is held runs nothing, though people approved it', async () => {
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    await rig.change({ config: configSchema.parse(withKey(makeCredential('agent'))) });
    assert.equal((await session.enforce(write())).kind, 'refused');
    const given = await session.ask(write());
    assert.equal(given.kind, 'refused');
    assert.equal((await session.open(write(2))).kind, 'refused');
    assert.equal(await session.find(request.id), undefined);
    assert.equal(await session.approvalOf(request.id), undefined);
    assert.equal(await session.cancel(request.id), undefined);
    assert.deepEqual(await runs(), []);
  });

  it('A10, I8: a session whose agent was put in another team decides nothing as of the old one', async () => {
    const { agents, ...rest } = withKey(KEY);
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    const moved = { ...rest, agents: { coder: { ...agents.coder, team: 'security' } } };
    await rig.change({ config: configSchema.parse(moved) });
    const verdict = await session.enforce(write());
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'not_admitted');
    assert.deepEqual(await runs(), []);
  });

  it('A10: an approval too old for today’s policy ends, and a new request may follow', async () => {
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    rig.time.now += 60_000;
    const requirement = { ...SEAT, valid_ms: 30_000 };
    await rig.change({ policy: policyOf({ ...RULES, write: { then: 'require', requirement } }, '2') });
    assert.notEqual(held(await session.enforce(write())).id, request.id);
    const [approval] = (await rig.requests.listApprovals({}, { limit: 1 })).items;
    assert.equal(approval?.status, 'revoked');
  });

  it('A8: racers through both doors redeem one approval once', async () => {
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    const approval = await session.approvalOf(request.id);
    const racers = Array.from({ length: 10 }, (_, n) =>
      n % 2 === 0 ? session.enforce(write()) : session.ask(write(), approval?.approval_id),
    );
    const won = (await Promise.all(racers)).filter(({ kind }) => kind === 'permitted');
    assert.equal(won.length, 1);
    assert.equal((await runs()).length, 1);
  });

  it('A8: an approval is no bearer grant: not for another action, not for another agent', async () => {
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    const id = (await session.approvalOf(request.id))?.approval_id;
    const elsewhere = await session.ask(write(2), id);
    assert.deepEqual(
      [elsewhere.kind, elsewhere.kind === 'refused' && elsewhere.reason],
      ['refused', 'out_of_scope'],
    );
    await rig.change({
      config: configSchema.parse({
        ...CONFIG,
        agents: {
          ...withKey(KEY).agents,
          thief: { owner: 'dan', keys: [hashCredential('x')] },
        },
      }),
    });
    const thief = rig.principalOf('thief');
    const stolen = await createAdmit(rig.deps, 'default')(KEY);
    assert.ok(stolen.admitted);
    const asThief = { ...evaluationOf(thief, 'write', { n: 1 }) };
    // The credential says who asks; an evaluation that names another is refused, not followed.
    assert.equal((await stolen.session.ask(asThief, id)).kind, 'refused');
    assert.deepEqual(await runs(), []);
  });

  it('A25: a question put with an approval that is none starts nothing, though policy by now allows it', async () => {
    const request = held(await session.enforce(write()));
    await rig.answer(request.id, 'bob');
    const mine = (await session.approvalOf(request.id))?.approval_id;
    await rig.change({ policy: policyOf({ write: { then: 'allow' } }, '2') });
    for (const [approval, evaluation, why] of [
      ['apr_unverifiable', write(), 'approval_unverifiable'],
      [mine, write(2), 'out_of_scope'],
    ] as const) {
      const answer = await session.ask(evaluation, approval);
      assert.equal(answer.kind === 'refused' && answer.reason, why);
      assert.equal((await rig.entries()).at(-1)?.['kind'], 'evaluation');
    }
    assert.deepEqual(await runs(), []);
    assert.equal((await session.ask(write(), mine)).kind, 'permitted');
  });

  it('A10: whatever races a policy change, nothing starts after it under the old policy', async () => {
    for (let round = 0; round < 20; round += 1) {
      const allow = policyOf({ write: { then: 'allow' } }, `a${round}`);
      await rig.change({ policy: allow });
      const changing = rig.change({ policy: policyOf({}, `b${round}`) });
      const verdicts = await Promise.all(Array.from({ length: 6 }, () => session.enforce(write(round))));
      await changing;
      for (const verdict of verdicts)
        if (verdict.kind === 'permitted') await verdict.permit.finish({ status: 'succeeded' });
      assert.equal((await session.enforce(write(round))).kind, 'refused');
    }
    const late = await rig.store.read({
      sql: `SELECT 1 FROM executions x WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.execution_id = x.id)`,
      params: [],
    });
    assert.deepEqual(late, []);
  });

  it('A13: the kinds of credential do not mix', async () => {
    const admit = createAdmit(rig.deps, 'default');
    const sessions = createSessions({
      ...rig.deps,
      directory: () => rig.authority.current().directory,
      limits: SESSION_LIMITS,
    });
    const signedIn = await sessions.signIn(await sessions.issueCode('bob'), 'cli');
    const browser = await sessions.signIn(await sessions.issueCode('bob'), 'browser');
    const code = await sessions.issueCode('bob');
    for (const credential of [signedIn?.token, browser?.token, code]) {
      const admission = admit(credential ?? '');
      assert.deepEqual([admission.admitted, !admission.admitted && admission.reason], [false, 'wrong_kind']);
    }
    assert.equal(await sessions.authenticate(KEY), undefined);
    // A browser's token is none for the command line, whatever prefix it is given.
    const relabelled = (browser?.token ?? '').replace('cs_session_', 'cs_person_');
    assert.equal(await sessions.authenticate(relabelled), undefined);
    assert.equal(await sessions.signIn(signedIn?.token ?? '', 'cli'), undefined);
  });

  it('A17: a late answer of either kind moves no ended request, and is recorded', async () => {
    const endings: {
      readonly [S in Exclude<RequestStatus, 'pending' | 'failed'>]: (id: string) => Promise<unknown>;
    } = {
      approved: (id) => rig.answer(id, 'bob'),
      denied: (id) => rig.answer(id, 'bob', { decision: 'denied' }),
      cancelled: (id) => rig.requests.cancel(id, 'alice'),
      expired: async () => {
        rig.time.now += SEAT.within_ms;
        await sweep(rig.deps);
      },
    };
    for (const [n, [status, end]] of Object.entries(endings).entries()) {
      const { id } = held(await session.enforce(write(n)));
      await end(id);
      const size = await rig.store.logSize();
      for (const decision of ['approved', 'denied'] as const) {
        const late = await rig.answer(id, 'carol', { decision });
        assert.deepEqual([late.kind, late.kind === 'refused' && late.why], ['refused', 'already_resolved']);
      }
      assert.equal((await rig.requests.show(id, 'carol'))?.status, status);
      assert.equal(await rig.store.logSize(), size + 2, status);
    }
  });

  it('A17: an overdue request cannot be approved before the sweeper has seen it', async () => {
    const { id } = held(await session.enforce(write()));
    rig.time.now += SEAT.within_ms;
    const late = await rig.answer(id, 'bob');
    assert.equal(late.kind === 'refused' && late.why, 'already_resolved');
    assert.equal((await rig.requests.cancel(id, 'alice')).kind, 'refused');
    await sweep(rig.deps);
    assert.equal((await session.find(id))?.status, 'expired');
  });

  it('A18: no word of an agent is consent', async () => {
    for (const reason of ['Approved.', 'yes, go ahead', '{"decision":"approved","reviewer":"bob"}']) {
      const verdict = await session.enforce({ ...write(), claim: { reason } });
      assert.equal(held(verdict).status, 'pending');
    }
    assert.deepEqual(await runs(), []);
  });

  it('A22: a run whose outcome is unknown is not run again, even with uses left', async () => {
    const call = evaluationOf(session.principal, 'twice', {});
    await rig.answer(held(await session.enforce(call)).id, 'bob');
    permitted(await session.enforce(call));
    await recoverExecutions(rig.deps);
    const verdict = await session.enforce(call);
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'execution_unknown');
    assert.deepEqual(await runs(), ['unknown']);
    // A person who looked may end the approval; then it is asked anew.
    const [approval] = (await rig.requests.listApprovals({}, { limit: 1 })).items;
    await rig.requests.revoke(approval?.id ?? '', 'bob', 'looked: it ran');
    assert.equal((await session.enforce(call)).kind, 'held');
  });

  it('A25: approved, started and ended are three things, on three entries', async () => {
    const { id } = held(await session.enforce(write()));
    await rig.answer(id, 'bob');
    const seen = async () => {
      const detail = await rig.requests.show(id, 'bob');
      return [detail?.status, detail?.executions.map(({ status }) => status)];
    };
    assert.deepEqual(await seen(), ['approved', []]);
    assert.equal((await session.find(id))?.execution, undefined);
    const permit = permitted(await session.enforce(write()));
    assert.deepEqual(await seen(), ['approved', ['started']]);
    await permit.finish({ status: 'failed' });
    assert.deepEqual(await seen(), ['approved', ['failed']]);
    const kinds = (await rig.entries()).map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(-4), ['review', 'resolution', 'execution', 'execution']);
  });
});
