import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type BreakGlass, GLASS_LASTS_MS_MAX, type JsonObject, type Requirement } from '@countersign/core';
import type { BrokenGlass, GlassNotice } from '@countersign/sdk';
import type { Authenticator } from '../../testing/authenticator.ts';
import { type GlassHouse, openGlassHouse, WHY } from '../../testing/glass.ts';
import { createRig, held, permitted, policyOf, type Rig, SEAT } from '../../testing/rig.ts';
import { recoverExecutions } from '../executions/recover.ts';
import { sweep } from '../requests/ending/expire.ts';
import type { BreakOutcome } from './outcome.ts';

const TERMS: BreakGlass = { by: ['group:dba'], notify: ['person:eve'], review: ['group:security'] };
const asks = (over: Partial<Requirement> = {}) => ({
  then: 'require' as const,
  requirement: {
    ...SEAT,
    seats: [{ by: 'group:security' as const, count: 2, proof: 'session' as const }],
    break_glass: TERMS,
    ...over,
  },
});
const RULES = {
  wipe: asks(),
  staged: asks({
    next: [{ seats: [{ by: 'person:bob', count: 1, proof: 'passkey' }], choices: [] }],
    uses: 5,
  }),
  brief: asks({ valid_ms: 60_000 }),
  long: asks({ valid_ms: 86_400_000 }),
  never: { then: 'require' as const, requirement: SEAT },
};
const POLICY = '2b'.repeat(32);

let rig: Rig;
let house: GlassHouse;
let bobs: Authenticator;
beforeEach(async () => {
  rig = await createRig(policyOf(RULES, POLICY));
  house = openGlassHouse(rig);
  bobs = (await house.give('bob')).authenticator;
});
afterEach(() => rig.close());

const open = async (tool = 'wipe'): Promise<string> => held(await rig.call(tool)).id;
const bob = (request_id: string) => ({ request_id, reviewer: 'bob', authenticator: bobs });
const said = (outcome: BreakOutcome): readonly [string, string] =>
  outcome.kind === 'broken' ? ['broken', ''] : [outcome.why, outcome.message];
const smashed = async (request_id: string): Promise<string> => {
  const outcome = await house.smash(bob(request_id));
  assert.ok(outcome.kind === 'broken', JSON.stringify(outcome));
  return outcome.glass_id;
};
const shown = async (id: string, viewer = 'carol'): Promise<BrokenGlass> => {
  const view = await house.glass.show(id, viewer);
  assert.ok(view);
  return view;
};
const finish = { status: 'succeeded', result: { body: '{}' } } as never;
/** The whole of it: opened, broken, run. */
const ran = async (tool = 'wipe'): Promise<string> => {
  const id = await smashed(await open(tool));
  await permitted(await rig.call(tool)).finish(finish);
  return id;
};
type Entry = { readonly kind: string; readonly predicate: JsonObject };
const entries = async (kind: string): Promise<readonly JsonObject[]> =>
  ((await rig.entries()) as unknown as readonly Entry[])
    .filter((entry) => entry.kind === kind)
    .map(({ predicate }) => predicate);

describe('breaking the glass', () => {
  it('lets it run without the others, once, and every view says so', async () => {
    const request_id = await open();
    assert.deepEqual((await rig.requests.show(request_id, 'bob'))?.break_glass, {
      offered: true,
      eligible: true,
    });
    const id = await smashed(request_id);
    const detail = await rig.requests.show(request_id, 'carol');
    const mark = { id, by: 'bob', at: rig.time.now, review: 'open' };
    assert.deepEqual([detail?.status, detail?.broken_glass], ['approved', mark]);
    assert.deepEqual([detail?.quorum.filled, detail?.reviews, detail?.break_glass], [0, [], undefined]);
    assert.equal(detail?.approval?.broken_glass, id);
    const { items } = await rig.requests.listApprovals({ active: true }, { limit: 5 });
    assert.deepEqual(
      items.map(({ broken_glass }) => broken_glass),
      [id],
    );
    const listed = await rig.requests.list({ status: 'approved' }, { limit: 5 });
    assert.deepEqual(listed.items[0]?.broken_glass, mark);

    await permitted(await rig.call('wipe')).finish(finish);
    assert.equal((await rig.requests.show(request_id, 'carol'))?.executions[0]?.broken_glass, id);
    const [started, ended] = await entries('execution');
    assert.deepEqual([started?.['broken_glass'], ended?.['broken_glass']], [id, id]);
    assert.equal((await rig.call('wipe')).kind, 'replayed', 'the answer, again');
    assert.equal((await entries('execution')).length, 2, 'and not another run');
  });

  it('lifts stages, proofs and uses too, and gives one use', async () => {
    const request_id = await open('staged');
    await smashed(request_id);
    assert.equal((await rig.requests.show(request_id, 'bob'))?.approval?.uses_left, 1);
    permitted(await rig.call('staged'));
  });

  for (const [tool, lasts] of [
    ['brief', 60_000],
    ['long', GLASS_LASTS_MS_MAX],
  ] as const)
    it(`${tool}: what it lets through lives ${lasts / 60_000} min, not a moment longer`, async () => {
      const request_id = await open(tool);
      await smashed(request_id);
      const { approved_until = 0 } = (await rig.requests.show(request_id, 'bob'))?.approval ?? {};
      assert.equal(approved_until, rig.time.now + lasts);
      rig.time.now += lasts;
      assert.notEqual((await rig.call(tool)).kind, 'permitted');
    });

  const trivial = ['', 'x', 'urgent!', 'aaaaaaaaaaaaaaaaaaaa', 'asap              now'];
  for (const reason of trivial)
    it(`takes no reason nobody could judge by: ${JSON.stringify(reason)}`, async () => {
      const request_id = await open();
      await assert.rejects(
        house.signed(bob(request_id), { reason }),
        /reason_refused.*what the emergency is/,
      );
      const signature = await house.signed(bob(request_id));
      assert.equal(said(await house.smash(bob(request_id), { reason, signature }))[0], 'reason_refused');
      held(await rig.call('wipe'));
    });

  it('takes a reason in any language', async () => {
    const reason = '支付数据库的磁盘几分钟内就要写满了必须处理';
    assert.equal(said(await house.smash(bob(await open()), { reason }))[0], 'broken');
  });

  it('says to whoever looks why they may not, each in their own case', async () => {
    const request_id = await open();
    const whys = await Promise.all(
      ['alice', 'carol', 'dan', 'eve', 'mallory'].map(async (viewer) => {
        const offer = (await rig.requests.show(request_id, viewer))?.break_glass;
        return [viewer, offer?.offered, offer?.why_not];
      }),
    );
    assert.deepEqual(whys, [
      ['alice', true, 'owner'],
      ['carol', true, 'no_passkey'],
      ['dan', true, 'not_named'],
      ['eve', true, 'not_a_reviewer'],
      ['mallory', true, 'inactive'],
    ]);
    const none = (await rig.requests.show(await open('never'), 'bob'))?.break_glass;
    assert.deepEqual(none, { offered: false, eligible: false, why_not: 'not_offered' });
  });

  it('is recorded with what was signed, committed to and never in clear (I7); a refused try too', async () => {
    const request_id = await open();
    const other = { twist: { crossOrigin: true } };
    const signature = await house.signed(bob(request_id), other);
    assert.equal(said(await house.smash(bob(request_id), { signature }))[0], 'signature_refused');
    const id = await smashed(request_id);
    const [refused, broken] = await entries('break-glass');
    assert.deepEqual(
      [refused?.['change'], refused?.['refused'], refused?.['reviewer']],
      ['refused', 'signature_refused', 'bob'],
    );
    assert.deepEqual(
      [broken?.['change'], broken?.['glass_id'], broken?.['decision'], broken?.['told'], broken?.['terms']],
      ['broken', id, 'break-glass', 3, { by: TERMS.by, notify: TERMS.notify, review: TERMS.review }],
    );
    const [resolution] = await entries('resolution');
    assert.deepEqual([resolution?.['status'], resolution?.['broken_glass']], ['approved', id]);
    assert.equal(JSON.stringify(await rig.entries()).includes(WHY), false);
  });

  it('what is hidden is revealed to whoever may break it, though they have no seat', async () => {
    const request_id = await open();
    const outcome = await rig.requests.reveal(request_id, 'bob', 'must see what it lets through');
    assert.equal(outcome.kind, 'done');
    assert.equal((await rig.requests.show(request_id, 'bob'))?.revealed, true);
  });

  it('a crash in the middle of the run is unknown, marked, and run by nobody again', async () => {
    const request_id = await open();
    const id = await smashed(request_id);
    permitted(await rig.call('wipe'));
    assert.equal(await recoverExecutions(rig.deps), 1);
    const ended = (await entries('execution')).at(-1);
    assert.deepEqual([ended?.['status'], ended?.['broken_glass']], ['unknown', id]);
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
    assert.deepEqual(
      (await shown(id)).executions.map(({ status }) => status),
      ['unknown'],
    );
  });

  it('is taken back by whoever broke it', async () => {
    const request_id = await open();
    await smashed(request_id);
    const approval = (await rig.requests.show(request_id, 'bob'))?.approval;
    assert.equal((await rig.requests.revoke(approval?.id ?? '', 'bob', 'it passed')).kind, 'done');
    assert.notEqual((await rig.call('wipe')).kind, 'permitted');
  });
});

describe('everybody named is told', () => {
  it('operators, the owner and whoever the rules name, never who broke it; each until they say so', async () => {
    const id = await ran();
    const told = async () =>
      (await shown(id)).told.map(({ person, acknowledged_at }) => [person, acknowledged_at]);
    assert.deepEqual(await told(), [
      ['alice', undefined],
      ['dan', undefined],
      ['eve', undefined],
    ]);
    const mine = async (viewer: string) =>
      (await house.glass.list({ viewer, unacknowledged: true }, { limit: 5 })).items.map((each) => each.id);
    assert.deepEqual(await Promise.all(['eve', 'bob', 'carol'].map(mine)), [[id], [], []]);
    assert.equal((await house.glass.acknowledge(id, 'eve')).kind, 'done');
    assert.equal((await house.glass.acknowledge(id, 'eve')).kind, 'done', 'again');
    assert.deepEqual(await mine('eve'), []);
    assert.deepEqual((await told())[2], ['eve', rig.time.now]);
    assert.deepEqual((await shown(id, 'eve')).you, {
      told: true,
      acknowledged_at: rig.time.now,
      may_close: { eligible: false, why: 'not_a_reviewer' },
    });
    const changes = (await entries('break-glass')).map(({ change, by }) => [change, by ?? '']);
    assert.deepEqual(changes, [
      ['broken', ''],
      ['acknowledged', 'eve'],
    ]);
  });

  for (const who of ['bob', 'carol', 'mallory', 'nobody'])
    it(`${who} has nothing to acknowledge`, async () => {
      const outcome = await house.glass.acknowledge(await smashed(await open()), who);
      assert.equal(outcome.kind === 'refused' && outcome.why, 'not_allowed');
    });

  it('whoever listens hears it, in order, after it is so', async () => {
    const heard: GlassNotice[] = [];
    const stop = house.glass.subscribe((notice) => heard.push(notice));
    const id = await ran();
    await house.glass.acknowledge(id, 'dan');
    await house.glass.close(id, { by: 'dan', verdict: 'justified', note: 'it was' });
    stop();
    await house.glass.acknowledge(id, 'eve');
    assert.deepEqual(
      heard.map(({ what, by }) => [what, by]),
      [
        ['broken', 'bob'],
        ['acknowledged', 'dan'],
        ['closed', 'dan'],
      ],
    );
  });
});

describe('the review afterwards', () => {
  const judged = async (id: string, by: string) => {
    const outcome = await house.glass.close(id, { by, verdict: 'justified', note: 'it was' });
    return outcome.kind === 'done' ? 'done' : `${outcome.why}: ${outcome.message}`;
  };

  it('is closed by somebody else, once, with what came of it in view', async () => {
    const id = await ran();
    const before = await shown(id);
    assert.deepEqual(
      [before.status, before.executions[0]?.status, before.reason],
      ['open', 'succeeded', WHY],
    );
    rig.time.now += 5_000;
    const note = 'the disk had hours';
    const outcome = await house.glass.close(id, { by: 'carol', verdict: 'not_justified', note });
    assert.equal(outcome.kind, 'done');
    const { status, closed } = await shown(id);
    assert.deepEqual(
      [status, closed],
      ['closed', { by: 'carol', by_name: 'Carol', at: rig.time.now, verdict: 'not_justified', note }],
    );
    assert.match(await judged(id, 'dan'), /wrong_state: It was closed already, by carol/);
    const last = (await entries('break-glass')).at(-1);
    assert.deepEqual(
      [last?.['change'], last?.['by'], last?.['verdict']],
      ['closed', 'carol', 'not_justified'],
    );
    assert.equal(JSON.stringify(await rig.entries()).includes(note), false, 'I7');
    assert.deepEqual(await house.glass.list({ viewer: 'dan', open: true }, { limit: 5 }), { items: [] });
    assert.equal((await house.glass.list({ viewer: 'dan' }, { limit: 5 })).items.length, 1);
  });

  for (const [who, why] of [
    ['bob', 'you broke the glass'],
    ['alice', 'you own this agent'],
    ['eve', 'you do not have the reviewer role'],
    ['mallory', 'you are not active here'],
    ['nobody', 'you are not active here'],
  ] as const)
    it(`is not closed by ${who}: ${why}`, async () => {
      const id = await ran();
      assert.equal(await judged(id, who), `not_allowed: You may not close this: ${why}.`);
      assert.equal((await shown(id)).status, 'open');
    });

  it('of two verdicts at once, one stands', async () => {
    const id = await ran();
    const both = await Promise.all([judged(id, 'carol'), judged(id, 'dan')]);
    assert.equal(both.filter((each) => each === 'done').length, 1);
    assert.equal((await entries('break-glass')).filter(({ change }) => change === 'closed').length, 1);
  });

  it('waits for what it judges: not while it can still run, or runs', async () => {
    const id = await smashed(await open());
    assert.match(await judged(id, 'carol'), /wrong_state: It can still be run/);
    const permit = permitted(await rig.call('wipe'));
    assert.match(await judged(id, 'carol'), /wrong_state: It is running/);
    await permit.finish(finish);
    assert.equal(await judged(id, 'carol'), 'done');
  });

  it('never lapses, and is due for what never ran too', async () => {
    const id = await smashed(await open());
    rig.time.now += 400 * 86_400_000;
    await sweep(rig.deps);
    assert.deepEqual([(await shown(id)).status, (await shown(id)).approval.status], ['open', 'expired']);
    assert.equal(await judged(id, 'carol'), 'done');
  });

  it('its evidence is not erased before, nor by whoever broke or judged it while others could', async () => {
    const id = await ran();
    const { request_id } = await shown(id);
    const erase = async (by: string) => {
      const outcome = await rig.requests.erase(request_id, by, 'asked to');
      return outcome.kind === 'refused' ? outcome.message : outcome.kind;
    };
    rig.time.now += 700_000;
    assert.match(await erase('dan'), /nobody has judged that yet/);
    assert.equal(await judged(id, 'dan'), 'done');
    assert.equal(await erase('dan'), 'erased', 'the only other operator owns the agent');
    assert.equal((await shown(id)).reason, undefined);
    assert.equal((await shown(id)).closed?.verdict, 'justified');
  });

  it('lists page by page, newest first', async () => {
    const ids: string[] = [];
    for (const tool of ['wipe', 'brief', 'long']) {
      ids.push(await ran(tool));
      rig.time.now += 1;
    }
    const first = await house.glass.list({ viewer: 'eve', unacknowledged: true }, { limit: 2 });
    assert.deepEqual(
      first.items.map(({ id }) => id),
      [ids[2], ids[1]],
    );
    assert.ok(first.next_cursor !== undefined);
    const rest = await house.glass.list({ viewer: 'eve' }, { limit: 2, cursor: first.next_cursor });
    assert.deepEqual(
      rest.items.map(({ id }) => id),
      [ids[0]],
    );
    assert.equal(rest.next_cursor, undefined);
  });

  it('there is nothing to show, acknowledge or close under another id', async () => {
    const none = 'brk_01JD0000000000000000000000';
    assert.equal(await house.glass.show(none, 'bob'), undefined);
    assert.equal((await house.glass.acknowledge(none, 'dan')).kind, 'refused');
    assert.match(await judged(none, 'carol'), /^unknown/);
  });
});
