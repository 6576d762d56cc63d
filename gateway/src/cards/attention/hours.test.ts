/** When somebody may be written to, in their own zone, over nights, weekends and changes of the clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DAYS, type Hours, isZone } from '../../channels/attention/config.ts';
import { onDutyAt, opensAt } from './hours.ts';

const OFFICE: Hours = {
  zone: 'Europe/Zurich',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '18:00',
};
const NIGHT: Hours = { zone: 'America/New_York', days: ['fri'], from: '22:00', to: '06:00' };
const at = (text: string): number => Date.parse(text);

describe('office hours', () => {
  const cases: readonly (readonly [what: string, Hours, asked: string, opens: string])[] = [
    ['within them', OFFICE, '2026-11-20T09:30:00Z', '2026-11-20T09:30:00Z'],
    ['the first moment is within', OFFICE, '2026-11-20T07:00:00Z', '2026-11-20T07:00:00Z'],
    ['the last is not', OFFICE, '2026-11-19T17:00:00Z', '2026-11-20T07:00:00Z'],
    ['early in the morning', OFFICE, '2026-11-20T02:00:00Z', '2026-11-20T07:00:00Z'],
    ['over the weekend', OFFICE, '2026-11-20T20:00:00Z', '2026-11-23T07:00:00Z'],
    ['in summer time', OFFICE, '2026-07-06T02:00:00Z', '2026-07-06T06:00:00Z'],
    ['over the change of the clock', OFFICE, '2026-10-23T20:00:00Z', '2026-10-26T07:00:00Z'],
    ['a night that began the day before', NIGHT, '2026-11-21T08:00:00Z', '2026-11-21T08:00:00Z'],
    ['after that night, a week on', NIGHT, '2026-11-21T11:00:00Z', '2026-11-28T03:00:00Z'],
    [
      'all day and night',
      { ...OFFICE, days: DAYS, from: '00:00', to: '00:00' },
      '2026-11-22T23:59:59Z',
      '2026-11-22T23:59:59Z',
    ],
    [
      'hours a clock never shows begin after the gap',
      { ...OFFICE, days: ['sun'], from: '02:30', to: '04:00' },
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:30:00Z',
    ],
  ];
  for (const [what, hours, asked, opens] of cases)
    it(what, () =>
      assert.equal(new Date(opensAt(hours, at(asked))).toISOString(), new Date(at(opens)).toISOString()),
    );

  it('never say a time gone by, and what they say is within them', () => {
    const time = fc.integer({ min: 0, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00`);
    const hours = fc.record({
      zone: fc.constantFrom('Europe/Zurich', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
      days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
      from: time,
      to: time,
    });
    fc.assert(
      fc.property(hours, fc.integer({ min: at('2025-01-01'), max: at('2028-01-01') }), (each, asked) => {
        const opens = opensAt(each, asked);
        assert.ok(opens >= asked && opens - asked <= 8 * 86_400_000);
        assert.equal(opensAt(each, opens), opens);
      }),
    );
  });

  it('of several groups, any; of none, always', () => {
    const early = at('2026-11-20T02:00:00Z');
    assert.equal(onDutyAt([], early), early);
    assert.equal(onDutyAt([OFFICE, { ...OFFICE, zone: 'Asia/Tokyo' }], early), early);
    assert.equal(onDutyAt([OFFICE], early), at('2026-11-20T07:00:00Z'));
  });

  it('know a zone from a word', () => {
    assert.deepEqual(['Europe/Zurich', 'UTC', 'Mars/Olympus', ''].map(isZone), [true, true, false, false]);
  });
});
