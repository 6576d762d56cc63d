/** Two gateways over one store, as on two nodes: nothing that guards an action may live in one process's memory. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createAuthority } from '../../gateway/src/authority/authority.ts';
import type { Deps } from '../../gateway/src/deps.ts';
import { createEnforce } from '../../gateway/src/enforce/enforce.ts';
import { createErase } from '../../gateway/src/erasure/erasure.ts';
import { createRequestBus } from '../../gateway/src/requests/bus.ts';
import { createRequests } from '../../gateway/src/requests/create.ts';
import {
  callerOf,
  createRig,
  evaluationOf,
  held,
  permitted,
  policyOf,
  type Rig,
} from '../../gateway/testing/rig.ts';

describe('two nodes over one store', () => {
  let rig: Rig;
  let other: Deps;
  beforeEach(async () => {
    rig = await createRig(policyOf({ write: { then: 'require' } }));
    const authority = await createAuthority(rig.store, rig.authority.current());
    other = { ...rig.deps, authority, bus: createRequestBus() };
  });
  afterEach(() => rig.close());

  const there = (n = 1) => {
    const { principal } = rig;
    return createEnforce(other)(callerOf(rig.authority, principal), evaluationOf(principal, 'write', { n }));
  };
  const here = (n = 1) => rig.call('write', { n });
  const approve = async (id: string) => {
    const requests = createRequests(other, createErase(other));
    const shown = await requests.show(id, 'bob');
    return requests.review({
      request_id: id,
      reviewer: 'bob',
      decision: 'approved',
      proof: 'session',
      channel: 'test',
      action_digest: shown?.action_digest ?? '',
      rendered_digest: shown?.rendered_digest ?? '',
    });
  };

  it('A8: of racers on both, one redeems an approval (no lock of one process guards it)', async () => {
    for (let n = 0; n < 10; n += 1) {
      await approve(held(await here(n)).id);
      const verdicts = await Promise.all([here(n), there(n), here(n), there(n)]);
      assert.equal(verdicts.filter(({ kind }) => kind === 'permitted').length, 1);
    }
  });

  it('A19: identical calls on both open one request', async () => {
    const verdicts = await Promise.all([here(), there(), here(), there()]);
    assert.equal(new Set(verdicts.map((verdict) => held(verdict).id)).size, 1);
  });

  it('an answer given on one node is found by who waits on the other', async () => {
    const verdict = await here();
    assert.ok(verdict.kind === 'held');
    assert.equal((await approve(verdict.held.request.id)).kind, 'recorded');
    // Nobody told this node; whoever waits looks in the store before giving up.
    const view = await verdict.held.settled(AbortSignal.timeout(20));
    assert.equal(view.status, 'approved');
    assert.equal(permitted(await here()).held, true);
  });

  it('A10: a policy changed on one node permits nothing more on the other', async () => {
    await approve(held(await here()).id);
    await rig.change({ policy: policyOf({}, '2') });
    const verdict = await there();
    assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'unavailable');
  });
});

describe('a store somebody edits', () => {
  it('A24: an action whose bytes were changed is shown to nobody, approved by nobody and never runs', async () => {
    const rig = await createRig(policyOf({ write: { then: 'require' } }));
    try {
      const edit = (like: string) =>
        rig.store.commit({
          name: 'edited by hand',
          steps: [
            {
              name: 'edit',
              sql: 'UPDATE payloads SET body = REPLACE(body, $1, $2) WHERE body LIKE $3',
              params: [like, '/etc/shadow', `%${like}%`],
              rows: 1,
            },
          ],
          entries: [],
        });
      const before = held(await rig.call('write', { path: '/before' }));
      await edit('/before');
      const shown = await rig.requests.show(before.id, 'bob');
      assert.deepEqual([shown?.shown_action, shown?.approvable.ok], [{}, false]);
      assert.equal((await rig.answer(before.id, 'bob')).kind, 'refused');

      const after = held(await rig.call('write', { path: '/after' }));
      await rig.answer(after.id, 'bob');
      await edit('/after');
      assert.equal((await rig.call('write', { path: '/after' })).kind, 'refused');
      assert.deepEqual(await rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] }), []);
    } finally {
      await rig.close();
    }
  });
});
