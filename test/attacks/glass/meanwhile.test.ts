/**
 * Attacks on break-glass (A10, A13, A14, A17): what changes before the run, a no and a yes at the same time, and whoever judges
 * what they broke themselves.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { held, permitted } from '../../../gateway/testing/rig.ts';
import { asks, changedConfig, type Emergency, GLASS, openEmergency, policy, said } from './emergency.ts';

let rig: Emergency['rig'];
let house: Emergency['house'];
let open: Emergency['open'];
let breaker: Emergency['breaker'];
let broken: Emergency['broken'];
let rewrite: Emergency['rewrite'];
let nothingRan: Emergency['nothingRan'];
beforeEach(async () => {
  const emergency = await openEmergency();
  ({ rig, house, open, breaker, broken, rewrite, nothingRan } = emergency);
});
afterEach(() => rig.close());

describe('A10: what decides has changed between breaking it and the run', () => {
  const changes: readonly (readonly [name: string, then: () => Promise<unknown>])[] = [
    [
      'the policy offers it no more',
      () => rig.change({ policy: policy(asks({ break_glass: undefined } as never), '3c'.repeat(32)) }),
    ],
    [
      'the policy names others',
      () =>
        rig.change({
          policy: policy(asks({ break_glass: { ...GLASS, by: ['group:security'] } }), '3c'.repeat(32)),
        }),
    ],
    ['the policy says no', () => rig.change({ policy: policy({ then: 'deny' }, '3c'.repeat(32)) })],
    [
      'they left the group',
      () =>
        rig.change({ config: changedConfig(({ groups }) => ({ groups: { ...groups, dba: ['carol'] } })) }),
    ],
    [
      'they own the agent by now',
      () =>
        rig.change({
          config: changedConfig(({ agents }) => ({
            agents: { ...agents, coder: { ...agents['coder'], owner: 'bob' } },
          })),
        }),
    ],
    [
      'their key was revoked',
      async () => {
        const [key] = (await house.passkeys.list(house.person('bob'))).filter(
          ({ person }) => person === 'bob',
        );
        await house.passkeys.revoke(key?.id ?? '', house.person('bob'));
      },
    ],
    [
      'they were taken out, and put back',
      () => rewrite("INSERT INTO people_left (person, epoch) VALUES ('bob', 1000000)"),
    ],
  ];
  for (const [name, then] of changes)
    it(`${name}: nothing runs by it`, async () => {
      await broken(await open());
      await then();
      await nothingRan();
    });

  it('a policy that gives less time shortens it', async () => {
    await broken(await open());
    await rig.change({ policy: policy(asks({ valid_ms: 1000 }), '3c'.repeat(32)) });
    rig.time.now += 1001;
    await nothingRan();
  });
});

describe('A17: of a broken glass, a no and a yes, one happens', () => {
  it('a no stands: nobody breaks the glass on what was denied, nor by asking again', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    const dan = breaker(request_id, 'dan');
    const deny = { ask: { decision: 'denied' as const } };
    assert.equal(said(await house.sign(dan, deny)), 'recorded');
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
    const again = await rig.call('wipe');
    assert.ok(again.kind === 'refused' && again.refusal.reason === 'denied');
    await nothingRan();
  });

  it('all three at once, in whatever order they come: exactly one', async () => {
    for (let round = 0; round < 6; round += 1) {
      const tool = round % 2 === 0 ? 'wipe' : 'two';
      const request_id = await open(tool);
      const signature = await house.signed(breaker(request_id));
      const acts = [
        () => house.smash(breaker(request_id), { signature }),
        () => house.sign(breaker(request_id, 'carol')),
        () => house.sign(breaker(request_id, 'dan'), { ask: { decision: 'denied' as const } }),
      ];
      const turn = [...acts.slice(round % 3), ...acts.slice(0, round % 3)];
      const outcomes = (await Promise.all(turn.map((act) => act().then(said, () => 'refused')))).filter(
        (each) => each === 'broken' || each === 'recorded',
      );
      assert.equal(outcomes.length, 1, `round ${round}: ${outcomes.join()}`);
      const rows = await rig.store.read({
        sql: "SELECT (SELECT COUNT(*) FROM entries WHERE request_id = $1 AND kind = 'resolution') AS ended, (SELECT COUNT(*) FROM approvals WHERE request_id = $1) + (SELECT COUNT(*) FROM requests WHERE id = $1 AND status = 'denied') AS made",
        params: [request_id],
      });
      assert.deepEqual({ ...rows[0] }, { ended: 1, made: 1 });
      rig.time.now += 700_000;
    }
  });

  it('two who break it at once: one did', async () => {
    const request_id = await open();
    const both = await Promise.all(
      ['bob', 'carol'].map((who) => house.smash(breaker(request_id, who)).then(said, () => 'refused')),
    );
    assert.equal(both.filter((each) => each === 'broken').length, 1);
  });

  it('after its time is over, silence was no (I14)', async () => {
    const request_id = await open();
    const signature = await house.signed(breaker(request_id));
    rig.time.now += 60_000;
    assert.equal(said(await house.smash(breaker(request_id), { signature })), 'already_resolved');
  });
});

describe('A13, A14: nobody judges what they broke themselves', () => {
  const close = (id: string, by: string) => house.glass.close(id, { by, verdict: 'justified', note: 'fine' });
  const done = async (id: string) => {
    await permitted(await rig.call('wipe')).finish({ status: 'failed' } as never);
    return id;
  };

  it('not as themselves, not under an account found to be theirs, whatever their roles', async () => {
    const id = await done(await broken(await open()));
    const refused = await close(id, 'bob');
    assert.ok(refused.kind === 'refused' && /you broke the glass/.test(refused.message));
    // Bob turns out to have been an account of Carol's: one human.
    await rig.change({
      config: changedConfig(({ people: { bob: _, ...others }, groups }) => ({
        people: {
          ...others,
          carol: { ...others['carol'], accounts: ['bob'], roles: ['reviewer', 'operator'] },
        },
        groups: { ...groups, dba: ['carol'] },
      })),
    });
    const same = await close(id, 'carol');
    assert.ok(same.kind === 'refused' && /you broke the glass/.test(same.message));
    assert.equal((await close(id, 'dan')).kind, 'done');
  });

  it('where nobody else could ever judge it, nobody breaks it', async () => {
    const alone = { ...GLASS, review: ['person:bob'] as const };
    await rig.change({ policy: policy(asks({ break_glass: alone })) });
    const request_id = await open();
    await assert.rejects(house.signed(breaker(request_id)), /nobody else who could review it afterwards/);
  });

  it('closing is no key to anything: what was judged runs no second time', async () => {
    const id = await done(await broken(await open()));
    assert.equal((await close(id, 'dan')).kind, 'done');
    held(await rig.call('wipe'));
  });
});
