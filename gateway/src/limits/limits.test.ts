import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { atMost, Places } from './places.ts';
import { createRateLimit } from './rate.ts';
import { FairShare } from './share.ts';

it('A21: a bucket holds its burst, refills evenly, and what is refused costs nothing', () => {
  const time = { now: 1_000 };
  const limit = createRateLimit({ burst: 3, per_second: 2, keys_max: 10 }, () => time.now);
  const take = (): number => limit.take('a');
  assert.deepEqual([take(), take(), take(), take(), take()], [0, 0, 0, 1, 1]);
  time.now += 500;
  assert.deepEqual([take(), take()], [0, 1]);
  assert.equal(limit.take('b'), 0, 'another key has its own');
  time.now += 3_600_000;
  assert.deepEqual(
    [take(), take(), take(), take()],
    [0, 0, 0, 1],
    'an hour later it holds its burst, no more',
  );
});

it('says how long to wait, and that is enough', () => {
  const time = { now: 0 };
  const limit = createRateLimit({ burst: 1, per_second: 1 / 60, keys_max: 10 }, () => time.now);
  limit.take('a');
  const wait_s = limit.take('a');
  assert.equal(wait_s, 60);
  time.now += wait_s * 1000;
  assert.equal(limit.take('a'), 0);
});

it('A20: a clock that goes back refills nothing and forgives nothing', () => {
  const time = { now: 10_000 };
  const limit = createRateLimit({ burst: 1, per_second: 1, keys_max: 10 }, () => time.now);
  limit.take('a');
  for (const now of [0, 5_000, 10_000]) {
    time.now = now;
    assert.equal(limit.take('a'), 1);
  }
  time.now = 11_000;
  assert.equal(limit.take('a'), 0);
});

it('never lets more through than burst and rate, whatever the times', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 50 }),
      (gaps, burst, per_second) => {
        const time = { now: 0 };
        const limit = createRateLimit({ burst, per_second, keys_max: 2 }, () => time.now);
        const let_through = gaps.filter((gap) => {
          time.now += gap;
          return limit.take('a') === 0;
        }).length;
        assert.ok(let_through <= burst + (time.now / 1000) * per_second + 1e-6);
      },
    ),
  );
});

it('remembers so many keys and no more; a rate of its own may be named', () => {
  const limit = createRateLimit({ burst: 1, per_second: 1, keys_max: 2 }, () => 0);
  for (const key of ['a', 'b', 'c']) limit.take(key);
  assert.equal(limit.take('b'), 1);
  assert.equal(limit.take('a'), 0, 'forgotten');
  const own = { burst: 2, per_second: 1 };
  assert.deepEqual([limit.take('d', own), limit.take('d', own), limit.take('d', own)], [0, 0, 1]);
});

it('A21: one greedy holder gets half, the next half of the rest, and a newcomer always a place', () => {
  const share = new FairShare(() => 12);
  const greedy = (holder: string): number => {
    let places = 0;
    while (share.take(holder) !== undefined) places += 1;
    return places;
  };
  assert.deepEqual(['a', 'b', 'c', 'd'].map(greedy), [6, 3, 2, 1]);
});

it('a single place can be had; one given back is free once, however often it is given back', () => {
  const share = new FairShare(() => 1);
  const give = share.take('a');
  assert.ok(give);
  assert.equal(share.take('b'), undefined);
  give();
  give();
  assert.equal(share.total, 0);
  assert.ok(share.take('b'));
  assert.equal(share.take('a'), undefined);
});

it('never holds more than there are, and nobody who holds nothing is refused a free place', () => {
  const steps = fc.array(fc.record({ holder: fc.constantFrom('a', 'b', 'c'), takes: fc.boolean() }));
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 9 }), (asked, max) => {
      const share = new FairShare(() => max);
      const held: Record<string, (() => void)[]> = { a: [], b: [], c: [] };
      for (const { holder, takes } of asked) {
        const own = held[holder] ?? [];
        if (!takes) own.pop()?.();
        else {
          const free = max - share.total;
          const place = share.take(holder);
          if (own.length === 0 && free > 0) assert.ok(place);
          if (place !== undefined) own.push(place);
        }
        assert.equal(share.total, Object.values(held).flat().length);
        assert.ok(share.total <= max);
      }
    }),
  );
});

it('A21: so many places over all, so many of one holder, each given back once', () => {
  const places = new Places(atMost({ all: 3, each: 2 }));
  const [first, second] = [places.take('a'), places.take('a')];
  assert.ok(first && second);
  assert.equal(places.take('a'), undefined, 'as many as one may hold');
  const other = places.take('b');
  assert.ok(other);
  assert.equal(places.take('c'), undefined, 'as many as there are');
  first();
  first();
  assert.ok(places.take('c'));
  assert.equal(places.take('a'), undefined, 'given back twice is given back once');
  second();
  other();
  assert.ok(places.take('a') && places.take('a'), 'what was given back is free');
});
