/** `countersign sessions`: where somebody is signed in, and ending it: one's own, or as an operator anybody's. */
import type { Session } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { lookOf, writeJson } from '../output.ts';
import { ago, left } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, UsageError, type Verb } from '../verb.ts';

const ID: Column<Session> = { title: 'session', cell: ({ id }) => id };
const columnsAt = (now: number): readonly Column<Session>[] => [
  { title: 'of', cell: ({ kind }) => (kind === 'cli' ? 'command line' : 'browser') },
  { title: 'with', cell: ({ provider }) => provider ?? 'link' },
  { title: 'since', cell: ({ created_at }) => ago(created_at, now) },
  { title: 'used', cell: ({ last_seen_at, current }) => (current ? 'this one' : ago(last_seen_at, now)) },
  { title: 'ends', cell: ({ expires_at }) => left(expires_at, now) },
];

const PERSON = { person: { type: 'string' } } as const;

const list: Verb = {
  about: 'List live sessions',
  usage: `countersign sessions list [--person PERSON] [--json] [--url URL]

  --person PERSON   another person’s (operators)`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...CLIENT_OPTIONS, ...PERSON } });
    const { person } = values;
    const page = await (await openClient(io, values)).sessions.list(person === undefined ? {} : { person });
    if (values.json === true) writeJson(io, page);
    else
      io.stdout.write(
        table(page.items, { id: ID, columns: columnsAt(Date.now()), none: 'No live session.' }, lookOf(io)),
      );
    return EXIT.ok;
  },
};

const end: Verb = {
  about: 'End a session, or all of a person',
  usage: `countersign sessions end (SESSION | --person PERSON) [--json] [--url URL]

  --person PERSON   all of theirs: your own, or as an operator anybody’s

It is over at the next request, and open streams end at once.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, ...PERSON },
      arguments: ['SESSION?'],
    });
    const [session] = given;
    if ((session === undefined) === (values.person === undefined))
      throw new UsageError('give SESSION (countersign sessions list) or --person');
    const client = await openClient(io, values);
    const ended =
      session === undefined
        ? await client.reviewers.signOut(values.person ?? '')
        : await client.sessions.end(session).then(() => ({ ended: 1 }));
    if (values.json === true) writeJson(io, ended);
    else io.stdout.write(`${ended.ended} ${ended.ended === 1 ? 'session' : 'sessions'} ended.\n`);
    return EXIT.ok;
  },
};

export const verb = group('sessions', 'See where people are signed in, and end it', { list, end });
