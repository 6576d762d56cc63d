/**
 * Between the look and the commit: whatever somebody else does in that moment, the guards of the commit notice. Each
 * case commits it exactly there (A8, A10, A17).
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Store } from '../../gateway/src/store/store.ts';
import {
  CONFIG,
  createRig,
  held,
  permitted,
  policyOf,
  type Rig,
  type Rule,
  SEAT,
} from '../../gateway/testing/rig.ts';

type Moment = { readonly commit: string } | { readonly read: string };

const RULES: { readonly [tool: string]: Rule } = {
  twice: { then: 'require', requirement: { ...SEAT, uses: 2 } },
  write: { then: 'require' },
  wipe: {
    then: 'require',
    requirement: { ...SEAT, seats: [{ by: 'anyone', count: 2, proof: 'session' }] },
  },
};

describe('between the look and the commit', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  /** Opens a rig in which `then` happens once, at that moment, when armed. */
  async function interrupted(moment: Moment) {
    let then: (() => Promise<unknown>) | undefined;
    const now = async (): Promise<void> => {
      const act = then;
      then = undefined;
      await act?.();
    };
    const wrap = (store: Store): Store => ({
      ...store,
      commit: async (command) => {
        if ('commit' in moment && command.name === moment.commit) await now();
        return store.commit(command);
      },
      read: async (query) => {
        if ('read' in moment && query.sql.includes(moment.read)) await now();
        return store.read(query);
      },
    });
    rig = await createRig(policyOf(RULES), { wrap });
    return (act: () => Promise<unknown>): void => {
      then = act;
    };
  }
  const approvalId = async () => (await rig.requests.listApprovals({}, { limit: 1 })).items[0]?.id ?? '';
  const executions = () => rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] });

  const before: { readonly [what: string]: (id: string) => Promise<unknown> } = {
    'its approval is revoked': async () => rig.requests.revoke(await approvalId(), 'bob', 'no'),
    'policy denies it': () => rig.change({ policy: policyOf({}, '2') }),
    'the reviewer is gone': () => {
      const people = {
        ...CONFIG.people,
        bob: { name: 'B', roles: ['auditor' as const], accounts: [], active: true },
      };
      return rig.change({ config: { ...CONFIG, people } });
    },
    'the agent’s key is gone': () => {
      const coder = { ...CONFIG.agents['coder'], keys: [`sha256:${'c'.repeat(64)}`] };
      return rig.change({ config: { ...CONFIG, agents: { ...CONFIG.agents, coder } } as typeof CONFIG });
    },
    'another call redeems it': () => rig.call('write'),
  };
  for (const [what, act] of Object.entries(before)) {
    it(`redeeming, and ${what}: this call does not run`, async () => {
      const arm = await interrupted({ commit: 'redeem' });
      const { id } = held(await rig.call('write'));
      await rig.answer(id, 'bob');
      arm(() => act(id));
      assert.notEqual((await rig.call('write')).kind, 'permitted');
      assert.equal((await executions()).length, what === 'another call redeems it' ? 1 : 0);
    });
  }

  it('redeeming, and its time runs out: this call does not run, though policy now gives more', async () => {
    const arm = await interrupted({ read: 'FROM payloads' });
    const { id } = held(await rig.call('write'));
    await rig.answer(id, 'bob');
    const longer = { ...SEAT, valid_ms: 10 * SEAT.valid_ms };
    await rig.change({ policy: policyOf({ write: { then: 'require', requirement: longer } }, '2') });
    arm(async () => {
      rig.time.now += SEAT.valid_ms;
    });
    assert.notEqual((await rig.call('write')).kind, 'permitted');
    assert.deepEqual(await executions(), []);
  });

  it('redeeming one of two uses, and the other’s outcome is unknown: this call does not run (I9)', async () => {
    const arm = await interrupted({ commit: 'redeem' });
    await rig.answer(held(await rig.call('twice')).id, 'bob');
    arm(async () => {
      const permit = permitted(await rig.call('twice'));
      await permit.finish({ status: 'unknown', summary: 'it hung' });
    });
    const verdict = await rig.call('twice');
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'execution_unknown');
    assert.equal((await executions()).length, 1);
  });

  const meanwhile: { readonly [what: string]: (id: string) => Promise<unknown> } = {
    'somebody denies it': (id) => rig.answer(id, 'carol', { decision: 'denied' }),
    'its owner withdraws it': (id) => rig.requests.cancel(id, 'alice'),
    'the approver loses the role': () => {
      const people = {
        ...CONFIG.people,
        bob: { name: 'B', roles: ['auditor' as const], accounts: [], active: true },
      };
      return rig.change({ config: { ...CONFIG, people } });
    },
  };
  for (const [what, act] of Object.entries(meanwhile)) {
    it(`approving, and ${what}: it is not approved`, async () => {
      const arm = await interrupted({ commit: 'review-resolve' });
      const { id } = held(await rig.call('write'));
      arm(() => act(id));
      assert.equal((await rig.answer(id, 'bob')).kind, 'refused');
      assert.notEqual((await rig.requests.show(id, 'carol'))?.status, 'approved');
      assert.equal(await approvalId(), '');
    });
  }

  it('approving, and the request’s time runs out: it is not approved', async () => {
    const arm = await interrupted({ read: 'FROM payloads' });
    const { id } = held(await rig.call('write'));
    const shown = await rig.requests.show(id, 'bob');
    arm(async () => {
      rig.time.now += SEAT.within_ms;
    });
    const digests = {
      action_digest: shown?.action_digest ?? '',
      rendered_digest: shown?.rendered_digest ?? '',
    };
    const outcome = await rig.requests.review({
      request_id: id,
      reviewer: 'bob',
      decision: 'approved',
      proof: 'session',
      channel: 'test',
      ...digests,
    });
    assert.equal(outcome.kind, 'refused');
    assert.equal(await approvalId(), '');
  });

  it('approving, and a second person approves at once: together they are the quorum', async () => {
    const arm = await interrupted({ commit: 'review-approve' });
    const { id } = held(await rig.call('wipe'));
    arm(() => rig.answer(id, 'carol'));
    await rig.answer(id, 'bob');
    assert.equal((await rig.requests.show(id, 'bob'))?.status, 'approved');
  });

  const endings: { readonly [command: string]: (id: string) => Promise<unknown> } = {
    'request-cancelled': (id) => rig.requests.cancel(id, 'alice'),
    'review-deny': (id) => rig.answer(id, 'carol', { decision: 'denied' }),
  };
  for (const [command, end] of Object.entries(endings)) {
    it(`${command}, and somebody approves it: what came first stays`, async () => {
      const arm = await interrupted({ commit: command });
      const { id } = held(await rig.call('write'));
      arm(() => rig.answer(id, 'bob'));
      await end(id);
      assert.equal((await rig.requests.show(id, 'bob'))?.status, 'approved');
      assert.equal((await rig.call('write')).kind, 'permitted');
    });
  }

  it('opening, and policy denies it: no request is opened', async () => {
    const arm = await interrupted({ commit: 'open-request' });
    arm(() => rig.change({ policy: policyOf({}, '2') }));
    assert.equal((await rig.call('write')).kind, 'refused');
    assert.deepEqual((await rig.requests.list({}, { limit: 1 })).items, []);
  });

  it('allowing, and policy denies it: nothing runs', async () => {
    const arm = await interrupted({ commit: 'permit' });
    await rig.change({ policy: policyOf({ write: { then: 'allow' } }, '2') });
    arm(() => rig.change({ policy: policyOf({}, '3') }));
    assert.equal((await rig.call('write')).kind, 'refused');
    assert.deepEqual(await executions(), []);
  });
});
