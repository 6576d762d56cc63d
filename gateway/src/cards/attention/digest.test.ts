/** A summary at a time of day: when it is due, said once by one gateway, and what it says. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { openPaper, type Paper } from '../../../testing/paper.ts';
import { createRig, held, policyOf, type Rig, SEAT } from '../../../testing/rig.ts';
import { attentionSchema, type Digest } from '../../channels/attention/config.ts';
import { sweep } from '../../requests/ending/expire.ts';
import { lastTime, sayDigests } from './digest.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);
const schema = attentionSchema({ to: z.array(z.string()), when: z.any() });
const digestOf = (over: object = {}): Digest => {
  const [digest] = schema.parse({ digest: [{ to: ['paper:hall'], zone: 'Europe/Zurich', ...over }] }).digest;
  assert.ok(digest);
  return digest;
};
const LONG = { ...SEAT, within_ms: 3 * DAY };

let rig: Rig;
let paper: Paper;
beforeEach(async () => {
  const POLICY = policyOf({ write: { then: 'require', requirement: LONG }, soon: { then: 'require' } });
  rig = await createRig(POLICY, { time: { now: at('2026-11-19T15:00:00Z') } });
  paper = openPaper();
});
afterEach(() => rig.close());
const say = (digest = digestOf(), channels = [paper.channel]): Promise<number> =>
  sayDigests({
    deps: rig.deps,
    channels,
    digests: [digest],
    placesOf: (to) => to.map((text) => ({ channel: 'paper', place: text.slice('paper:'.length) })),
  });

describe('a digest', () => {
  const cases: readonly (readonly [now: string, over: object, due: string | undefined])[] = [
    ['2026-11-20T08:00:00Z', {}, '2026-11-20T08:00:00Z'],
    ['2026-11-20T07:59:59Z', {}, '2026-11-19T08:00:00Z'],
    ['2026-11-22T12:00:00Z', { days: ['fri'] }, '2026-11-20T08:00:00Z'],
    ['2026-07-06T12:00:00Z', {}, '2026-07-06T07:00:00Z'],
    ['2026-11-20T00:10:00Z', { at: '23:59', zone: 'UTC' }, '2026-11-19T23:59:00Z'],
  ];
  for (const [now, over, due] of cases)
    it(`at ${now} ${JSON.stringify(over)} was last due at ${due}`, () => {
      const last = lastTime(digestOf(over), at(now));
      assert.equal(last === undefined ? undefined : new Date(last).toISOString(), due?.replace('Z', '.000Z'));
    });

  it('is said once at its time, by one gateway of two, and again the next day', async () => {
    rig.time.now = at('2026-11-20T08:00:05Z');
    const said = await Promise.all([say(), say()]);
    assert.deepEqual(said.toSorted(), [0, 1]);
    assert.equal(await say(), 0);
    rig.time.now += DAY;
    assert.equal(await say(), 1);
    assert.notEqual(paper.said[0]?.notice.id, paper.said[1]?.notice.id);
  });

  it('that a gateway was down for is left to the next', async () => {
    rig.time.now = at('2026-11-20T15:00:00Z');
    assert.equal(await say(), 0);
  });

  it('says what waits, oldest first, what was decided since, and what lapsed', async () => {
    const first = held(await rig.call('write', { n: 1 })).id;
    held(await rig.call('soon', { n: 2 }));
    rig.time.now += SEAT.within_ms + 1;
    await sweep(rig.deps);
    held(await rig.call('write', { n: 3 }));
    const third = held(await rig.call('write', { n: 4 })).id;
    await rig.answer(third, 'bob', { decision: 'denied' });
    rig.time.now = at('2026-11-20T08:00:00Z');
    await say();
    const [only] = paper.said;
    assert.equal(only?.to, 'hall');
    assert.equal(only?.notice.title, '2 requests wait for review');
    const lines = only?.notice.lines ?? [];
    assert.equal(lines.length, 4);
    assert.match(lines[0] ?? '', /^coder, for 17 hours: /);
    assert.equal(lines[2], 'Since the last summary: 0 approved, 1 denied, 0 withdrawn.');
    assert.equal(lines[3], '1 request lapsed with nobody’s answer.');
    await rig.requests.cancel(first, 'alice');
  });

  it('one that cannot be said does not keep another place from hearing it', async () => {
    rig.time.now = at('2026-11-20T08:00:00Z');
    const digest = digestOf({ to: ['paper:gone', 'paper:hall'] });
    const { channel } = paper;
    const breaking = {
      ...channel,
      say: async (...[notice, to]: Parameters<NonNullable<typeof channel.say>>) => {
        if (to === 'gone') throw new Error('no such place');
        await channel.say?.(notice, to);
      },
    };
    assert.equal(await say(digest, [breaking]), 1);
    assert.deepEqual(
      paper.said.map(({ to }) => to),
      ['hall'],
    );
  });

  it('a service that never answers does not keep another place from hearing it', async () => {
    rig.time.now = at('2026-11-20T08:00:00Z');
    const digest = digestOf({ to: ['paper:gone', 'paper:hall'] });
    const { channel } = paper;
    const silent = {
      ...channel,
      patience_ms: 50,
      say: async (...[notice, to]: Parameters<NonNullable<typeof channel.say>>) => {
        if (to === 'gone') await new Promise(() => undefined);
        await channel.say?.(notice, to);
      },
    };
    assert.equal(await say(digest, [silent]), 1);
    assert.deepEqual(
      paper.said.map(({ to }) => to),
      ['hall'],
    );
  });
});
