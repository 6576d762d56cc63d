// What is said in Slack that is no request: a summary, taken by a counterpart that refuses what Slack refuses.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { wordsOf } from './counterpart/block-kit.ts';
import { openStage, ROOM } from './stage.ts';

const HOSTILE = 'coder: <!channel> *urgent* <https://evil.example|your bank> ```rm -rf```';

it('a summary is said as it is written, with a link and nothing to answer (A2)', async () => {
  const stage = await openStage({});
  try {
    const link = 'https://gate.example.com/';
    const lines = [HOSTILE, ...Array.from({ length: 40 }, (_, at) => `line ${at} ${'x'.repeat(700)}`)];
    await stage.channel.say?.({ id: 'dig_1', title: '2 requests wait for review', lines, link }, ROOM);
    const [message, ...more] = stage.seen();
    assert.deepEqual(more, []);
    const said = wordsOf(message?.blocks);
    assert.match(said, /2 requests wait for review/);
    assert.ok(said.includes(HOSTILE), said);
    const drawn = JSON.stringify(message?.blocks);
    assert.doesNotMatch(drawn, /mrkdwn|"approve"|"deny"/);
    assert.ok(drawn.includes(link));
  } finally {
    await stage.close();
  }
});
