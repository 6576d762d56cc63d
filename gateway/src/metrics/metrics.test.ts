import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics, SERIES_MAX } from './metrics.ts';

test('counters, gauges and histograms in text exposition format', () => {
  const metrics = createMetrics();
  const calls = metrics.counter({ name: 'calls_total', help: 'Calls.\nAll.', labels: ['outcome'] });
  calls.add({ outcome: 'ok' });
  calls.add({ outcome: 'ok' }, 2);
  calls.add({ outcome: 'a "quoted"\\\nword' });
  metrics.gauge({ name: 'open', help: 'Open.' }).set(3);
  metrics.observed({ name: 'seen', help: 'Seen.' }, () => 7);
  const took = metrics.histogram({ name: 'took_seconds', help: 'Took.', buckets: [0.1, 1] });
  for (const seconds of [0.05, 0.1, 0.5, 5]) took.observe(seconds);
  assert.equal(
    metrics.render(),
    `# HELP calls_total Calls.\\nAll.
# TYPE calls_total counter
calls_total{outcome="ok"} 3
calls_total{outcome="a \\"quoted\\"\\\\\\nword"} 1
# HELP open Open.
# TYPE open gauge
open 3
# HELP seen Seen.
# TYPE seen gauge
seen 7
# HELP took_seconds Took.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} 2
took_seconds_bucket{le="1"} 3
took_seconds_bucket{le="+Inf"} 4
took_seconds_sum 5.65
took_seconds_count 4
`,
  );
});

test('series are bounded: the rest counts as other (I15)', () => {
  const metrics = createMetrics();
  const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: ['name'] });
  for (let at = 0; at < SERIES_MAX + 50; at += 1) calls.add({ name: String(at) });
  const lines = metrics
    .render()
    .split('\n')
    .filter((line) => line.startsWith('calls_total'));
  assert.equal(lines.length, SERIES_MAX + 1);
  assert.equal(lines.at(-1), 'calls_total{name="other"} 50');
});

test('a mistake in a metric is an error where it is made', () => {
  const metrics = createMetrics();
  const calls = metrics.counter({ name: 'calls_total', help: 'Calls.', labels: ['outcome'] });
  assert.throws(() => calls.add({ agent: 'x' }), /label agent was not declared/);
  assert.throws(() => calls.add({}, -1), /only grows/);
  assert.throws(() => metrics.gauge({ name: 'calls_total', help: 'Again.' }), /declared twice/);
  assert.throws(() => metrics.gauge({ name: 'Bad name', help: '' }), /metric name/);
});
