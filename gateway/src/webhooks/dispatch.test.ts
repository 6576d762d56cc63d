/** Two gateways whose clocks disagree: a notice somebody is sending is nobody else's, and one nobody is sending is somebody's soon. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createRig, policyOf, type Rig } from '../../testing/rig.ts';
import { eventually } from '../../testing/until.ts';
import { type Dispatcher, type Sent, startDispatcher } from './dispatch.ts';
import { makeDelivery } from './rows.ts';

const HERE = 1_800_000_000_000;
const ENDPOINT = 'webhook:siem';

describe('gateways whose clocks disagree', () => {
  let rig: Rig;
  const running: Dispatcher[] = [];
  beforeEach(async () => {
    rig = await createRig(policyOf({}));
    const made = { endpoint: ENDPOINT, leaf_index: 1, subject: 'r', type: 't', event_id: 'e', made_at: HERE };
    await rig.store.commit({ name: 'made', steps: [makeDelivery(made)], entries: [] });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()));
    await rig.close();
  });
  const start = (now: () => number, send: () => Promise<Sent>, elapsed?: () => number): Dispatcher => {
    const { store, deps } = rig;
    const parts = { store, log: deps.log, random: () => 0, endpoints: () => [ENDPOINT], look_every_ms: 10 };
    const made = startDispatcher({ ...parts, now, send, ...(elapsed === undefined ? {} : { elapsed }) });
    running.push(made);
    return made;
  };
  const taken = async (): Promise<boolean> => {
    const [row] = await rig.store.read({ sql: 'SELECT leased_until FROM webhook_deliveries', params: [] });
    return Number(row?.['leased_until'] ?? 0) !== 0;
  };

  for (const ahead_ms of [-3_600_000, 60_000, 3_600_000])
    it(`by ${ahead_ms / 1_000} s: sent once`, async () => {
      let sent = 0;
      let arrive = (): void => undefined;
      const slow = async (): Promise<Sent> => {
        sent += 1;
        await new Promise<void>((resolve) => {
          arrive = resolve;
        });
        return { ok: true };
      };
      start(() => HERE + Math.max(0, -ahead_ms), slow);
      await eventually(
        () => 'under way',
        async () => (sent === 1 ? true : undefined),
      );
      start(
        () => HERE + Math.max(0, ahead_ms),
        async () => {
          sent += 1;
          return { ok: true };
        },
      );
      await delay(150); // many looks
      assert.equal(sent, 1);
      arrive();
      await eventually(
        () => 'told',
        async () =>
          (await rig.store.read({ sql: 'SELECT 1 FROM webhook_deliveries', params: [] })).length === 0
            ? true
            : undefined,
      );
      assert.equal(sent, 1);
    });

  it('whoever took it and died is waited for by one clock alone, and then it is sent', async () => {
    await rig.store.commit({
      name: 'died',
      // As far ahead as a clock can be.
      steps: [
        { name: 'died', sql: 'UPDATE webhook_deliveries SET leased_until = $1', params: [HERE * 2], rows: 1 },
      ],
      entries: [],
    });
    let sent = 0;
    let at = 0;
    start(
      () => HERE,
      async () => {
        sent += 1;
        return { ok: true };
      },
      () => at,
    );
    await delay(50);
    at = 29_000;
    await delay(50);
    assert.deepEqual([sent, await taken()], [0, true]);
    at = 31_000;
    await eventually(
      () => 'sent',
      async () => (sent === 1 ? true : undefined),
    );
  });

  it('what came late says nothing of what another has by now', async () => {
    let fail = (): void => undefined;
    start(
      () => HERE,
      async () => {
        await new Promise<void>((resolve) => {
          fail = resolve;
        });
        return { ok: false, trouble: 'late' };
      },
    );
    await eventually(
      () => 'under way',
      async () => ((await taken()) ? true : undefined),
    );
    await rig.store.commit({
      name: 'taken over',
      steps: [{ name: 'taken', sql: 'UPDATE webhook_deliveries SET leased_until = 5', params: [], rows: 1 }],
      entries: [],
    });
    fail();
    await delay(50);
    const [row] = await rig.store.read({
      sql: 'SELECT leased_until, attempts FROM webhook_deliveries',
      params: [],
    });
    assert.deepEqual([Number(row?.['leased_until']), Number(row?.['attempts'])], [5, 0]);
  });
});
