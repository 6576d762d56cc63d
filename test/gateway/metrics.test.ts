/** What `/metrics` tells of a whole gateway: every number there is, each in docs/metrics.md, and no name of anybody (I7). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { until } from '../../gateway/testing/until.ts';
import { type Receiver, startReceiver } from '../webhooks/receiver.ts';
import { callHeld, openYard, type Yard } from './yard.ts';

const AT_MOST = { timeout: 60_000 };
const SECRET = newSecret();
let yard: Yard;
let there: Receiver;
before(async () => {
  there = await startReceiver([SECRET]);
  yard = await openYard();
  await writeFile(path.join(yard.dir, 'hook'), SECRET, { mode: 0o600 });
  await yard.restart(() =>
    yard.editConfig(
      (text) => `${text}
channels:
  mail: { server: "127.0.0.1:1", from: gate@example.com, to: dba@example.com }
  webhooks: { siem: { url: "${there.url}", secret: file:./hook, allow_networks: [127.0.0.1] } }
`,
    ),
  );
}, AT_MOST);
after(async () => {
  await yard?.close();
  await there?.close();
});

const scrape = async (): Promise<string> => (await fetch(`${yard.house.gateway.url}/metrics`)).text();
const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

it('counts what agents and people do, and what leaves', AT_MOST, async () => {
  there.answer = 500;
  assert.ok(await callHeld(yard));
  const operator = await yard.house.signIn('alice');
  await operator.agents.pause('coder', 'it is looked into');
  const has = async (line: string) => (await scrape()).split('\n').includes(line);
  for (const line of [
    'countersign_held_total{upstream="tools"} 1',
    'countersign_webhook_notices_total{place="webhook:siem",outcome="failed"} 1',
    'countersign_webhook_failing{place="webhook:siem"} 1',
    'countersign_agents_paused 1',
    'countersign_pauses_total{change="paused"} 1',
    'countersign_limit_max{limit="tasks_max"} 10000',
    'countersign_limit_used{limit="held_calls_max"} 0',
    'countersign_channel_up{channel="mail"} 0',
  ])
    await until(line, () => has(line));
  there.answer = 204;
  await operator.agents.resume('coder');
  await until('it goes on', () => has('countersign_pauses_total{change="resumed"} 1'));
  assert.ok(await has('countersign_agents_paused 0'));
  const taken = /notices_total\{place="webhook:siem",outcome="taken"\} [1-9]/;
  await until('it is told after all', async () => taken.test(await scrape()));
  await until('and nothing waits', () => has('countersign_webhook_waiting{place="webhook:siem"} 0'));
});

it('is written down: every number, and none that is not there', AT_MOST, async () => {
  const text = await scrape();
  const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const there_are = namesIn(text, /^# TYPE (\w+) /gm);
  assert.deepEqual(namesIn(page.split('## Alerts')[0] ?? '', /`(countersign_\w+)`/g), there_are);
  for (const name of namesIn(page, /(countersign_\w+?)(?:_bucket)?(?=[\s`{[)])/g))
    assert.ok(there_are.includes(name), `${name}: an alert about what is not there`);
  for (const somebody of ['coder', 'alice', 'bob']) assert.ok(!text.includes(somebody), somebody);
});
