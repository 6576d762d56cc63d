/** Who is told when: at once, in their hours, again, and passed on; and that nothing is said twice or too late (A19). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Risk } from '@countersign/core';
import fc from 'fast-check';
import { type Place, type Planning, plan, type Telling } from './plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Friday evening in Zurich, after hours. */
const OPENED = Date.parse('2026-11-20T18:00:00Z');
const MONDAY = Date.parse('2026-11-23T07:00:00Z');
const HOURS = {
  zone: 'Europe/Zurich',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '18:00',
} as const;
const CHANNEL: Place = { at: 'slack:C1' };
const BOB: Place = { at: 'slack:@bob', hours: [HOURS] };
const LEAD: Place = { at: 'teams:lead' };

const tellings = (over: Partial<Planning> = {}, lasts = HOUR, risk: Risk = 'medium'): readonly Telling[] =>
  plan(
    { risk, opened_at: OPENED, expires_at: OPENED + lasts },
    {
      places: [CHANNEL],
      escalations: [],
      attention: { urgent_from: 'high', remind: { after: '15m', every: '30m', most: 1 } },
      ...over,
    },
  );
const said = (all: readonly Telling[]): readonly string[] =>
  all.map(({ place, because, due_at }) => `${place} ${because} +${(due_at - OPENED) / MINUTE}`);

describe('telling people', () => {
  it('asks at once and reminds once', () => {
    assert.deepEqual(said(tellings()), ['slack:C1 asked +0', 'slack:C1 reminded +15']);
  });

  it('reminds as often as asked, never after it is over or with no time left to look', () => {
    const remind = { after: '10m', every: '10m', most: 10 };
    const all = tellings({ attention: { urgent_from: 'high', remind } }, 30 * MINUTE + 20_000);
    assert.deepEqual(said(all), ['slack:C1 asked +0', 'slack:C1 reminded +10', 'slack:C1 reminded +20']);
  });

  it('asks once even of what lives for a moment', () => {
    assert.deepEqual(said(tellings({}, 1000)), ['slack:C1 asked +0']);
  });

  it('leaves who is off duty alone while others are asked, and asks them when they begin', () => {
    const all = tellings({ places: [CHANNEL, BOB] }, 4 * 24 * HOUR);
    assert.deepEqual(said(all), [
      'slack:C1 asked +0',
      'slack:C1 reminded +15',
      `slack:@bob asked +${(MONDAY - OPENED) / MINUTE}`,
    ]);
  });

  it('does not send what is over by then', () => {
    assert.deepEqual(said(tellings({ places: [BOB] })), []);
  });

  it('looks at no hours when it is urgent, unless nothing ever is', () => {
    assert.deepEqual(said(tellings({ places: [BOB] }, HOUR, 'high')), [
      'slack:@bob asked +0',
      'slack:@bob reminded +15',
    ]);
    const never = { urgent_from: 'never', remind: { after: '15m', every: '30m', most: 1 } } as const;
    assert.deepEqual(said(tellings({ places: [BOB], attention: never }, HOUR, 'critical')), []);
  });

  it('passes on, and does not remind the same place at the same moment', () => {
    const escalations = [
      { after_ms: 15 * MINUTE, places: [LEAD, CHANNEL] },
      { after_ms: 30 * MINUTE, places: [LEAD] },
    ];
    assert.deepEqual(said(tellings({ escalations })), [
      'slack:C1 asked +0',
      'teams:lead escalated +15',
      'slack:C1 escalated +15',
    ]);
  });

  it('says nothing twice at one place at one time, and nothing outside the request’s life', () => {
    const place = fc.constantFrom(CHANNEL, BOB, LEAD);
    const planning = fc.record({
      places: fc.array(place, { maxLength: 5 }),
      escalations: fc.array(
        fc.record({
          after_ms: fc.integer({ min: 1, max: 100 * HOUR }),
          places: fc.array(place, { maxLength: 3 }),
        }),
        { maxLength: 4 },
      ),
      attention: fc.record({
        urgent_from: fc.constantFrom('low' as const, 'high' as const, 'never' as const),
        remind: fc.record({
          after: fc.integer({ min: 1, max: 600 }).map((n) => `${n}m`),
          every: fc.integer({ min: 1, max: 600 }).map((n) => `${n}m`),
          most: fc.integer({ min: 0, max: 10 }),
        }),
      }),
    });
    fc.assert(
      fc.property(planning, fc.integer({ min: 1, max: 200 * HOUR }), (over, lasts) => {
        const all = tellings(over, lasts);
        const times = all.map(({ place: at, due_at }) => `${at} ${due_at}`);
        assert.equal(new Set(times).size, times.length);
        for (const { due_at } of all) assert.ok(due_at >= OPENED && due_at < OPENED + lasts);
        for (const { at } of over.places) {
          const there = all.filter((each) => each.place === at && each.because === 'asked');
          assert.ok(there.length <= 1);
        }
      }),
    );
  });
});
