/** `countersign delegations`: who sits in for whom, giving one's own seat away for a time, and taking it back. */
import type { Delegation } from '@countersign/sdk';
import { parseDuration } from '../../config/duration.ts';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { listVerb } from '../dispatch/list.ts';
import { contained, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import type { Column } from '../table.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';

const COLUMNS: readonly Column<Delegation>[] = [
  { title: 'delegation', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'seat of', cell: ({ from }) => from },
  { title: 'sits in', cell: ({ to }) => to },
  { title: 'from', cell: ({ starts_at }) => moment(starts_at) },
  { title: 'until', cell: ({ until }) => moment(until) },
  {
    title: 'status',
    cell: ({ status, revoked_by }) => (revoked_by === undefined ? status : `${status} by ${revoked_by}`),
    style: ({ status }) => (status === 'active' ? 'plain' : 'dim'),
  },
];

const list = listVerb({
  about: 'List who sits in for whom',
  group: 'delegations',
  all: 'also those that are over',
  none: { all: 'Nobody has given a seat away.', active: 'Everyone answers for themselves.' },
  page: (client, asked) => client.delegations.list(asked),
  columnsAt: () => COLUMNS,
  cut: false,
});

const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

const give: Verb = {
  about: 'Give your seat to another reviewer while you are away',
  usage: `countersign delegations give PERSON --for DURATION [--from TIME] [--json] [--url URL]

  --for DURATION    how long, such as 3d or 8h
  --from TIME       when it begins, such as 2027-08-02 or 2027-08-02T07:00Z (default: now)

Until then PERSON may sit in your seat wherever you could review and so could they. They are one
person all the same: one vote, in their own seat or in yours. You do not review meanwhile; revoke it
when you are back early. A seat does not pass on. Everything of it is on the record.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, for: { type: 'string' }, from: { type: 'string' } },
      arguments: ['PERSON'],
    });
    const lasts_ms = values.for === undefined ? undefined : parseDuration(values.for);
    if (lasts_ms === undefined)
      throw new UsageError(
        values.for === undefined
          ? '--for DURATION is missing: such as --for 3d'
          : `--for ${values.for}: give a duration such as 8h or 3d`,
      );
    const starts_at = values.from === undefined ? undefined : momentOf(values.from);
    const made = await (await openClient(io, values)).delegations.give(
      {
        to: given[0] ?? '',
        until: (starts_at ?? Date.now()) + lasts_ms,
        ...(starts_at === undefined ? {} : { starts_at }),
      },
      { idempotency_key: crypto.randomUUID() },
    );
    if (values.json === true) writeJson(io, made);
    else
      io.stdout.write(
        `${contained(made.to)} sits in your seat from ${moment(made.starts_at)} until ${moment(made.until)} UTC.\nTake it back: countersign delegations revoke ${contained(made.id)}\n`,
      );
    return EXIT.ok;
  },
};

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/;

/** A day begins at midnight UTC; a time of day must say in which zone. */
function momentOf(text: string): number {
  const at = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(`--from ${text}: give a day or a time with its zone, such as 2027-08-02T07:00Z`);
  return at;
}

const revoke: Verb = {
  about: 'Take a seat back, or give one up',
  usage: `countersign delegations revoke ID [--json] [--url URL]

For whoever gave it, whoever sits in it, and operators. Votes cast in it stop counting at once; what has run has run.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const [id = ''] = given;
    await (await openClient(io, values)).delegations.revoke(id, { idempotency_key: crypto.randomUUID() });
    if (values.json === true) writeJson(io, { id, status: 'revoked' });
    else io.stdout.write('Taken back. Everyone answers for themselves again.\n');
    return EXIT.ok;
  },
};

export const verb = group('delegations', 'Give your seat to another while you are away', {
  list,
  give,
  revoke,
});
