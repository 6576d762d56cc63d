/** `countersign reviewers`: who may sign in and review, and one-time links for them. */
import type { Reviewer } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { settle } from '../operators/held.ts';
import { lookOf, writeJson } from '../output.ts';
import { personPowers } from '../powers/person.ts';
import { inline } from '../render/frame.ts';
import { instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { COMMAND, EXIT, type Verb } from '../verb.ts';

const COLUMNS: readonly Column<Reviewer>[] = [
  { title: 'person', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'name', cell: ({ name }) => name, yields: true },
  { title: 'roles', cell: ({ roles }) => roles.join(', ') },
  { title: 'groups', cell: ({ groups }) => groups.join(', ') || '–', yields: true },
  {
    title: 'active',
    cell: ({ active }) => (active ? 'yes' : 'no'),
    style: ({ active }) => (active ? 'plain' : 'dim'),
  },
];

const list: Verb = {
  about: 'List people, their roles and groups',
  usage: 'countersign reviewers list [--json] [--url URL]',
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const page = await (await openClient(io, values)).reviewers.list();
    if (values.json === true) writeJson(io, page);
    else io.stdout.write(table(page.items, { columns: COLUMNS, none: 'Nobody is configured.' }, lookOf(io)));
    return EXIT.ok;
  },
};

const show: Verb = {
  about: 'Show one person, and what they may review now: seats of each rule, and of whose agents',
  usage: 'countersign reviewers show PERSON [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['PERSON'] });
    const client = await openClient(io, values);
    const { items } = await client.reviewers.list();
    const person = items.find(({ id }) => id === given[0]);
    if (person === undefined) {
      io.stderr.write('Nobody has this id; see: countersign reviewers list\n');
      return EXIT.no;
    }
    const may = await client.reviewers.policy(person.id);
    if (values.json === true) writeJson(io, { ...person, may });
    else {
      io.stdout.write(table([person], { columns: COLUMNS, none: '' }, lookOf(io)));
      io.stdout.write(personPowers(may, lookOf(io)));
    }
    return EXIT.ok;
  },
};

const link: Verb = {
  about: 'Write a one-time sign-in link for a person',
  usage: `countersign reviewers link PERSON [--json] [--url URL]

The gateway writes the link to a file on its own host that only its user can read, and puts on the record who asked
for it. The link never crosses the network: hand it over yourself. It is good once, for ten minutes.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['PERSON'] });
    const written = await (await openClient(io, values)).writeSignInLink(given[0] ?? '');
    if (values.json === true) writeJson(io, written);
    else
      io.stdout.write(
        `On the gateway’s host: ${written.path}\nGood once, until ${instant(written.expires_at)}. They open it in a browser, or run:\n  ${COMMAND} login --link-file FILE\n`,
      );
    return EXIT.ok;
  },
};

const setActive = (active: boolean): Verb => ({
  about: active ? 'Let a deactivated person in again' : 'Make somebody a provider made known inactive',
  usage: active
    ? `countersign reviewers activate PERSON [--wait] [--json] [--url URL]

  --wait    waits until the others have answered

Where two operators are needed, another must agree. They sign in anew, and review what is asked from then on: what they answered before does not count again.`
    : `countersign reviewers deactivate PERSON [--json] [--url URL]

At once: their sessions end, and what they reviewed no longer counts for anything that has not run.
People of the configuration are changed there (active: false).`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, wait: { type: 'boolean' } },
      arguments: ['PERSON'],
    });
    const [person = ''] = given;
    const client = await openClient(io, values);
    const held = await client.reviewers.setActive(person, active);
    if (held !== undefined) return settle(client, held, { io, values });
    if (values.json === true) writeJson(io, { person, active });
    else io.stdout.write(`${inline(person)} is ${active ? 'active' : 'inactive'}.\n`);
    return EXIT.ok;
  },
});

export const verb = group('reviewers', 'See reviewers, let them in and keep them out', {
  list,
  show,
  link,
  deactivate: setActive(false),
  activate: setActive(true),
});
