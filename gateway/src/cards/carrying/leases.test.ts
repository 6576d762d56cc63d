/** Gateways whose clocks disagree post a card once; and one that died is waited for by nobody's clock but the waiting one's. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createRig, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { eventually } from '../../../testing/until.ts';
import type { Channel } from '../../channels/channel.ts';
import { channelsSchema } from '../../channels/config.ts';
import { type Cards, createCards } from '../cards.ts';
import type { Linking } from '../linking.ts';

const NO_LINKING: Linking = {
  begin: async () => '',
  look: async () => undefined,
  confirm: async () => ({ kind: 'refused', why: 'wrong_state', message: 'none' }),
  adopt: async () => undefined,
};

describe('gateways whose clocks disagree', () => {
  let rig: Rig;
  const running: Cards[] = [];
  let posts: string[] = [];
  /** Posts wait for it. */
  let gate: PromiseWithResolvers<void>;
  beforeEach(async () => {
    const time = {
      get now() {
        return Date.now();
      },
    };
    const requirement = { ...SEAT, within_ms: 12 * 3_600_000 };
    rig = await createRig(policyOf({ write: { then: 'require', requirement } }), { time });
    posts = [];
    gate = Promise.withResolvers();
  });
  afterEach(async () => {
    gate.resolve();
    await Promise.all(running.splice(0).map((cards) => cards.close()));
    await rig.close();
  });

  const start = async (ahead_ms: number, elapsed?: () => number): Promise<void> => {
    const channel: Channel = {
      kind: 'paper',
      places: ['desk'],
      async post(card) {
        posts.push(card.id);
        await gate.promise;
        return card.id;
      },
      update: async () => undefined,
      health: () => ({ ok: true, says: 'fine' }),
      close: async () => undefined,
    };
    const cards = createCards({
      deps: { ...rig.deps, now: () => rig.deps.now() + ahead_ms },
      requests: rig.requests,
      config: channelsSchema.parse({}),
      linking: NO_LINKING,
      ...(elapsed === undefined ? {} : { elapsed }),
    });
    running.push(cards);
    await cards.start([channel]);
  };
  const shown = async (): Promise<number> =>
    (await rig.store.read({ sql: 'SELECT 1 FROM cards WHERE shown = wanted AND lease IS NULL', params: [] }))
      .length;

  for (const ahead_ms of [60_000, 3_600_000, -3_600_000])
    it(`by ${ahead_ms / 1_000} s: posted once`, async () => {
      await start(0);
      held(await rig.call('write', { n: 1 }));
      await eventually(
        () => 'being posted',
        async () => (posts.length === 1 ? true : undefined),
      );
      await start(ahead_ms);
      await delay(1_200); // some looks
      // A reminder may be due by then, by the clock that is ahead: that is another card.
      assert.deepEqual(posts, [...new Set(posts)]);
      gate.resolve();
      await eventually(
        () => 'shown',
        async () => ((await shown()) === posts.length ? true : undefined),
      );
      assert.deepEqual(posts, [...new Set(posts)]);
    });

  it('what a dead one had taken is carried once its lease was waited out, however far ahead its clock was', async () => {
    held(await rig.call('write', { n: 1 }));
    let at = 0;
    gate.resolve();
    await start(0, () => at);
    await eventually(
      () => 'shown',
      async () => ((await shown()) === 1 ? true : undefined),
    );
    const taken =
      "UPDATE cards SET wanted = wanted + 1, shown_digest = NULL, posted = NULL, lease = 'dead', leased_until = $1 WHERE because = 'asked'";
    const params = [Date.now() * 2];
    await rig.store.commit({
      name: 'died',
      steps: [{ name: 'taken', sql: taken, params, rows: 1 }],
      entries: [],
    });
    await delay(700);
    at = 19_000;
    await delay(700);
    assert.equal(posts.length, 1, 'not before');
    at = 21_000;
    await eventually(
      () => 'posted',
      async () => (posts.length === 2 ? true : undefined),
    );
  });
});
