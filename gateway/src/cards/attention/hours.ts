/** Office hours of a group of people, in their own time zone: when somebody may be written to. Pure; days of 23 and 25 hours are as the zone has them. */

import { DAYS, type Hours } from '../../channels/attention/config.ts';

/** From the day before, whose night may reach into today, to the same day next week. */
const LOOKED_AT = [-1, 0, 1, 2, 3, 4, 5, 6, 7];

/** `at` itself within the hours, else when they next begin. Unix milliseconds. */
export function opensAt({ zone, days, from, to }: Hours, at: number): number {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate();
  const night = to <= from ? 1 : 0;
  for (const ahead of LOOKED_AT) {
    const date = today.add({ days: ahead });
    const day = DAYS[date.dayOfWeek - 1];
    if (day === undefined || !days.includes(day)) continue;
    if (at >= momentOf(date.add({ days: night }), to, zone)) continue;
    return Math.max(at, momentOf(date, from, zone));
  }
  // No day at all: never. The configuration does not take such hours.
  return Number.POSITIVE_INFINITY;
}

const momentOf = (date: Temporal.PlainDate, time: string, timeZone: string): number =>
  date.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds;

/** Who is in several groups is on duty while any of them is; who is in none with hours, always. */
export const onDutyAt = (hours: readonly Hours[], at: number): number =>
  hours.length === 0 ? at : Math.min(...hours.map((each) => opensAt(each, at)));
