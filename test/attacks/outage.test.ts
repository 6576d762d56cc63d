/** Attacks on time, on memory, and on parts that fail: every one ends in refusal, never in allow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClock } from '../../gateway/src/clock.ts';
import { sweep } from '../../gateway/src/requests/ending/expire.ts';
import { createRig, held, permitted, policyOf, type Rig, SEAT } from '../../gateway/testing/rig.ts';
import { watch } from '../faults/faulty-store.ts';

const POLICY = policyOf({ read: { then: 'allow' }, write: { then: 'require' } });

async function withRig(work: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await createRig(POLICY);
  try {
    await work(rig);
  } finally {
    await rig.close();
  }
}
const executions = (rig: Rig) => rig.store.read({ sql: 'SELECT 1 FROM executions', params: [] });

describe('A20: parts that fail', () => {
  it('a clock set back lengthens nothing', () => {
    let system = 1000;
    const now = createClock(() => system, 5000);
    assert.equal(now(), 5000, 'not before what was committed last');
    system = 9000;
    assert.equal(now(), 9000);
    system = 2000;
    assert.equal(now(), 9000);
  });

  const parts: { readonly [part: string]: (rig: Rig) => void } = {
    'the policy throws': (rig) => {
      const { current } = rig.authority;
      rig.authority.current = () => ({
        ...current(),
        policy: { ...current().policy, decide: () => assert.fail('an analyzer is out') },
      });
    },
    'masking throws': (rig) => {
      rig.deps.masking.text = () => assert.fail('a detector is out');
    },
    'the seal throws': (rig) => {
      rig.deps.events.executionStarted = () => assert.fail('the key is gone');
      rig.deps.events.held = () => assert.fail('the key is gone');
    },
    'the authority always moves': (rig) => {
      const { current } = rig.authority;
      rig.authority.current = () => ({ ...current(), epoch: current().epoch - 1 });
    },
    'reading fails': (rig) => {
      rig.store.read = () => Promise.reject(new Error('gone'));
    },
  };
  for (const [part, fail] of Object.entries(parts)) {
    it(`${part}: refused, and nothing ran (no outage of a part means allow)`, () =>
      withRig(async (rig) => {
        const { read } = rig.store;
        fail(rig);
        for (const tool of ['write', ...(part === 'reading fails' ? [] : ['read'])]) {
          const verdict = await rig.call(tool);
          assert.equal(verdict.kind === 'refused' && verdict.refusal.reason, 'unavailable', tool);
        }
        rig.store.read = read;
        assert.deepEqual(await executions(rig), []);
      }));
  }

  it('a change that was stored though nobody was told is in force at once, and nothing under the old one', async () => {
    const fault = { armed: false };
    const rig = await createRig(POLICY, {
      wrap: (store) => {
        const broken = watch({ command: 'test-change', how: 'kept' }).wrap(store);
        return { ...store, commit: (command) => (fault.armed ? broken : store).commit(command) };
      },
    });
    try {
      fault.armed = true;
      assert.equal(await rig.change({ policy: policyOf({ write: { then: 'allow' } }, '2') }), true);
      assert.equal((await rig.call('write')).kind, 'permitted');
      assert.equal((await rig.call('read')).kind, 'refused');
    } finally {
      await rig.close();
    }
  });

  it('an end that could not be recorded is recorded when the store is well again', async () => {
    const watched = watch({ command: 'end', how: 'lost' });
    const rig = await createRig(POLICY, { wrap: watched.wrap });
    try {
      await rig.answer(held(await rig.call('write')).id, 'bob');
      const permit = permitted(await rig.call('write'));
      await permit.finish({ status: 'succeeded', result: { body: '{"ran":1}' } });
      assert.ok(watched.met());
      const inProgress = await rig.call('write');
      assert.equal(inProgress.kind === 'refused' && inProgress.refusal.reason, 'in_progress');
      const deadline = Date.now() + 10_000;
      let verdict = inProgress;
      while (verdict.kind === 'refused' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        verdict = await rig.call('write');
      }
      assert.equal(verdict.kind === 'replayed' && verdict.result.body, '{"ran":1}');
    } finally {
      await rig.close();
    }
  });

  it('silence is no: a pending request ends by itself (I14)', () =>
    withRig(async (rig) => {
      const { id } = held(await rig.call('write'));
      rig.time.now += SEAT.within_ms - 1;
      assert.equal(await sweep(rig.deps), 0);
      rig.time.now += 1;
      assert.equal(await sweep(rig.deps), 1);
      assert.equal((await rig.requests.show(id, 'bob'))?.status, 'expired');
      assert.notEqual(held(await rig.call('write')).id, id);
      assert.deepEqual(await executions(rig), []);
    }));
});

describe('A21: callers that leave', () => {
  it('while held: nothing waits for them, and nothing runs when it is approved', () =>
    withRig(async (rig) => {
      const verdict = await rig.call('write');
      assert.ok(verdict.kind === 'held');
      const gone = new AbortController();
      const waits = Array.from({ length: 50 }, () => verdict.held.settled(gone.signal));
      await Promise.resolve();
      assert.equal(rig.deps.bus.waiting(), 50);
      gone.abort();
      for (const view of await Promise.all(waits)) assert.equal(view.status, 'pending');
      assert.equal(rig.deps.bus.waiting(), 0, 'a waiter was forgotten');
      assert.equal((await verdict.held.settled(AbortSignal.abort())).status, 'pending');
      assert.equal(rig.deps.bus.waiting(), 0);
      await rig.answer(verdict.held.request.id, 'bob');
      assert.deepEqual(await executions(rig), []);
      assert.equal((await rig.call('write')).kind, 'permitted');
    }));

  it('one agent’s flood fills its own room, not another’s', () =>
    withRig(async (rig) => {
      const flood = await Promise.all(Array.from({ length: 20 }, (_, n) => rig.call('write', { n })));
      assert.equal(flood.filter(({ kind }) => kind === 'held').length, 3, 'its pending_max');
      const [refused] = flood.filter(({ kind }) => kind === 'refused');
      assert.equal(refused?.kind === 'refused' && refused.refusal.reason, 'too_many_pending');
      assert.equal((await rig.call('write', {}, 'other')).kind, 'held');
    }));
});
