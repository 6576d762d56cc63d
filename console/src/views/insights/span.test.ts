import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byName, DAY_MS, everyDay, percent, readInsightsSearch, spanOf } from './span.ts';

const NOON = Date.UTC(2026, 10, 21, 12, 0, 30);

test('a span is whole days and ends with this minute', () => {
  const { from, to } = spanOf({ days: 7 }, NOON);
  assert.equal(new Date(from).toISOString(), '2026-11-15T00:00:00.000Z');
  assert.equal(new Date(to).toISOString(), '2026-11-21T12:01:00.000Z');
  assert.deepEqual(
    spanOf({}, NOON),
    spanOf({ days: 30 }, NOON + 20_000),
    'looking again in the same minute asks for the same',
  );
});

test('what is no span in the address is the usual one', () => {
  for (const [days, want] of [
    ['7', { days: 7 }],
    [90, { days: 90 }],
    [30, {}],
    [8, {}],
    ['__proto__', {}],
    [undefined, {}],
  ] as const)
    assert.deepEqual(readInsightsSearch({ days }), want);
});

test('days without a call are there too', () => {
  const span = spanOf({ days: 7 }, NOON);
  const busy = { day: span.from + 2 * DAY_MS, allowed: 1, held: 2, denied: 3 };
  const days = everyDay(span, [busy]);
  assert.equal(days.length, 7);
  assert.deepEqual(days[2], busy);
  assert.deepEqual(days.filter(({ held }) => held === 0).length, 6);
});

test('counts are added up by name, the busiest first', () => {
  const day = { day: 0, denied: 0 };
  assert.deepEqual(
    byName([
      { ...day, name: 'a', allowed: 1, held: 1 },
      { ...day, name: 'b', allowed: 5, held: 0 },
      { ...day, name: 'a', allowed: 1, held: 1, denied: 1 },
    ]).map(({ name, all }) => `${name} ${all}`),
    ['a 5', 'b 5'],
  );
});

test('a share is never rounded to all or nothing', () => {
  for (const [part, want] of [
    [0, '0 %'],
    [0.001, '1 %'],
    [0.5, '50 %'],
    [0.999, '99 %'],
    [1, '100 %'],
  ] as const)
    assert.equal(percent(part), want);
});
