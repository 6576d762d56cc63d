/** The `channels.attention` part of the configuration: how people are asked without being worn down (A19). Every setting has a default that is safe and quiet. */
import { z } from 'zod';
import { parseDuration } from '../../config/duration.ts';
import { count, duration, id } from '../../config/values.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** `to` before or at `from`: they end on the next day. */
export type Hours = {
  readonly zone: string;
  readonly days: readonly Day[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
};

export function isZone(text: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
    return true;
  } catch {
    // It says so by throwing.
    return false;
  }
}

const STEPS_MAX = 20;
const REMINDERS_MAX = 10;

const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as "08:00", in quotes')
  .meta({ title: 'time of day' });

const zone = z
  .string()
  .refine(isZone, 'must be a time zone such as Europe/Zurich or UTC')
  .describe('The time zone, by its IANA name.');
const days = z.array(z.enum(DAYS)).min(1).max(DAYS.length).describe('On which days.');

const hoursSchema = z.strictObject({
  zone,
  days: days.default(['mon', 'tue', 'wed', 'thu', 'fri']),
  from: time.default('08:00').describe('When they begin.'),
  to: time.default('18:00').describe('When they end; at or before `from`, on the next day.'),
});

const remindSchema = z.strictObject({
  after: duration.default('15m').describe('How long after it was asked, if nobody has resolved it.'),
  every: duration.default('30m').describe('How long until the next reminder.'),
  most: z.int().min(0).max(REMINDERS_MAX).default(1).describe('How many reminders; 0: none.'),
});

/** `places` and `when` are those of routes, which know which channels there are. */
export const attentionSchema = <P extends z.ZodType, W extends z.ZodType>({
  to,
  when,
}: {
  readonly to: P;
  readonly when: W;
}) =>
  z
    .strictObject({
      hours: z
        .record(id, hoursSchema)
        .default({})
        .describe(
          'Office hours of groups, by group. Outside them a member is not written to one by one: it is kept until they begin, and not sent when the request is over by then. Places everyone reads, such as a Slack channel, get every request at once. Who is in several groups with hours is on duty in any of them.',
        ),
      urgent_from: z
        .enum(['low', 'medium', 'high', 'critical', 'never'])
        .default('high')
        .describe('Risk from which people are written to whatever their office hours.'),
      remind: remindSchema
        .prefault({})
        .describe('A request nobody has resolved is shown once more where it was asked.'),
      escalate: z
        .array(
          z.strictObject({
            after: duration.describe('How long after it was asked, if nobody has resolved it by then.'),
            when,
            to,
          }),
        )
        .max(STEPS_MAX)
        .default([])
        .describe(
          'Who is told besides, and when. It shows them the request; whether they may answer is the policy’s word.',
        ),
      per_person_per_hour: count(1000)
        .default(20)
        .describe(
          'How many cards one person is sent within an hour, over all channels. What is over waits its turn, and is not sent when it is resolved by then; it stands in their inbox all the same.',
        ),
      digest: z
        .array(
          z.strictObject({
            to,
            zone: zone.default('UTC'),
            days: days.default(DAYS.slice()),
            at: time.default('09:00').describe('When.'),
          }),
        )
        .max(STEPS_MAX)
        .default([])
        .describe(
          'A summary at a time of day: what waits, since when, what was decided since the last one, and what lapsed with no answer.',
        ),
      together_from: z
        .int()
        .min(2)
        .max(1000)
        .default(3)
        .describe(
          'Nearly the same asked again and again (one requester, one tool, the same rules): from so many waiting at one place on, the oldest stands for the others and says how many there are.',
        ),
    })
    .prefault({})
    .describe('How people are asked without being worn down.');

export type Digest = Attention['digest'][number];

type Parsed = z.infer<ReturnType<typeof attentionSchema<z.ZodArray<z.ZodString>, z.ZodAny>>>;
export type Attention = Omit<Parsed, 'escalate'>;

export const remindersOf = ({ remind }: Pick<Attention, 'remind'>): readonly number[] => {
  const [after, every] = [parseDuration(remind.after) ?? 0, parseDuration(remind.every) ?? 0];
  return Array.from({ length: remind.most }, (_, nth) => after + nth * every);
};
