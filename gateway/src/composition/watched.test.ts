import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairShare } from '../limits/share.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { watchCards, watchLimits, watchPauses, watchWebhooks } from './watched.ts';

const turn = () => new Promise((done) => setImmediate(done));
const numbers = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const endpoint = { configured: true, to: [], events: [], waiting: 0, dead: 0, delivered: 0 };
const webhook = {
  url: 'https://a.example',
  secret: 'env:A',
  events: [],
  runs: 'reviewed',
  sentence: false,
  allow_networks: [],
} as const;

test('each place that is told, and the callbacks of all agents as one: no agent is a label (I7)', async () => {
  const metrics = createMetrics();
  const now = 100_000;
  const list = async () => [
    { ...endpoint, name: 'webhook:siem', waiting: 3, dead: 1, oldest_at: 40_000, failing_since: 50_000 },
    { ...endpoint, name: 'callback:coder', waiting: 1, oldest_at: 90_000 },
    { ...endpoint, name: 'callback:deployer', waiting: 2, dead: 4, oldest_at: 70_000 },
    { ...endpoint, name: 'webhook:left', configured: false, dead: 9 },
  ];
  const told = { webhooks: { siem: { ...webhook, events: [], allow_networks: [] } }, callbacks: {} };
  watchWebhooks({ webhooks: { list }, told, metrics, now: () => now });
  await turn();
  assert.deepEqual(numbers(metrics.render()), [
    'countersign_webhook_waiting{place="webhook:siem"} 3',
    'countersign_webhook_waiting{place="callbacks"} 3',
    'countersign_webhook_dead{place="webhook:siem"} 1',
    'countersign_webhook_dead{place="callbacks"} 4',
    'countersign_webhook_failing{place="webhook:siem"} 1',
    'countersign_webhook_failing{place="callbacks"} 0',
    'countersign_webhook_oldest_waiting_seconds{place="webhook:siem"} 60',
    'countersign_webhook_oldest_waiting_seconds{place="callbacks"} 30',
  ]);
});

test('with nobody to tell, nothing is looked for', async () => {
  const metrics = createMetrics();
  const list = () => assert.fail('looked');
  watchWebhooks({ webhooks: { list }, told: { webhooks: {}, callbacks: {} }, metrics, now: () => 0 });
  assert.equal(metrics.render().trim(), '');
});

test('each channel, as it was found last; one look at a time, and a store that fails keeps the number', async () => {
  const metrics = createMetrics();
  let looks = 0;
  let answer: () => Promise<void> = async () => undefined;
  const state = {
    kind: 'slack',
    places: [],
    waiting: 2,
    failing: 0,
    dead: 1,
    health: { ok: true, says: '' },
  } as const;
  watchCards(
    {
      list: async () => {
        looks += 1;
        await answer();
        return [state];
      },
      aside: async () => ({ count: 3, oldest: [] }),
    },
    metrics,
  );
  await turn();
  assert.equal(looks, 1);
  const found = [
    'countersign_channel_up{channel="slack"} 1',
    'countersign_cards_waiting{channel="slack"} 2',
    'countersign_cards_dead{channel="slack"} 1',
    'countersign_cards_set_aside 3',
  ];
  answer = () => Promise.reject(new Error('the store is gone'));
  assert.deepEqual(numbers(metrics.render()), found);
  assert.equal(looks, 2, 'three numbers, one look');
  await turn();
  assert.deepEqual(numbers(metrics.render()), found);
});

test('agents that are paused, by number only; limits, how much of them is taken, and who found none', () => {
  const metrics = createMetrics();
  const paused = new Map([['coder', {}]]);
  watchPauses({ current: () => ({ paused }) } as unknown as Parameters<typeof watchPauses>[0], metrics);
  const share = new FairShare(() => 2);
  watchLimits([{ shares: () => ({ tasks_max: share }) }], metrics);
  const giveBack = share.take('coder');
  share.take('other');
  share.take('coder');
  assert.deepEqual(numbers(metrics.render()), [
    'countersign_agents_paused 1',
    'countersign_limit_used{limit="tasks_max"} 2',
    'countersign_limit_max{limit="tasks_max"} 2',
    'countersign_limit_refused_total{limit="tasks_max"} 1',
  ]);
  giveBack?.();
  assert.match(metrics.render(), /^# TYPE countersign_limit_refused_total counter$/m);
  assert.match(metrics.render(), /used\{limit="tasks_max"\} 1/);
});
