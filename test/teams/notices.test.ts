/** What is said in Teams that is no request: a summary, in a channel and to one person, taken by a counterpart that refuses what Teams refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardIn, wordsOf } from './cloud/model.ts';
import { openRig } from './rig.ts';

const HOSTILE = 'coder: **urgent** <at>everyone</at> [your bank](https://evil.example) {{DATE(2020-01-01)}}';

test('a summary is said as it is written, with a link and nothing to answer (A2)', async () => {
  const rig = await openRig();
  try {
    const { channel, cloud, place, bob } = rig;
    const lines = [HOSTILE, ...Array.from({ length: 40 }, (_, at) => `line ${at} ${'x'.repeat(700)}`)];
    const notice = {
      id: 'dig_1',
      title: '2 requests wait for review',
      lines,
      link: 'https://gate.example.com/',
    };
    await channel.say?.(notice, place.id);
    await channel.say?.(notice, `user:${bob.object_id}`);
    for (const message of [place.messages[0], cloud.connector.personal(bob).messages[0]]) {
      const card = cardIn(message?.activity ?? {}) ?? {};
      assert.match(wordsOf(card), /2 requests wait for review/);
      const drawn = JSON.stringify(card);
      assert.doesNotMatch(drawn, /Action\.Execute|"TextBlock"|"refresh"/);
      assert.ok(drawn.includes('https://gate.example.com/'));
    }
    assert.deepEqual(cloud.connector.refused, []);
  } finally {
    await rig.close();
  }
});
