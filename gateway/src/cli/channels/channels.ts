/** `countersign channels`: where requests are shown outside the console, whether that works, and what could not be shown. */
import type { ChannelList, ChannelStatus, DeadCard } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { contained, lookOf, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Verb } from '../verb.ts';

const moment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

const STATUS: readonly Column<ChannelStatus>[] = [
  { title: 'channel', cell: ({ kind }) => kind, style: () => 'accent' },
  {
    title: 'works',
    cell: ({ ok, since }) => (ok ? 'yes' : since === undefined ? 'no' : `no, since ${moment(since)}`),
    style: ({ ok }) => (ok ? 'plain' : 'alarm'),
  },
  { title: 'says', cell: ({ says }) => says },
  { title: 'places', cell: ({ places }) => (places.length === 0 ? '–' : places.join(', ')) },
  {
    title: 'on the way',
    cell: ({ waiting, failing }) => (failing === 0 ? `${waiting}` : `${waiting} (${failing} failing)`),
  },
  { title: 'dead', cell: ({ dead }) => `${dead}`, style: ({ dead }) => (dead === 0 ? 'dim' : 'alarm') },
];

function asideIn({ set_aside: { count, oldest } }: ChannelList): string {
  if (count === 0) return '';
  const lines = oldest.map(
    ({ request_id, since, attempts }) =>
      `  ${contained(request_id)}  since ${moment(since)}, tried ${attempts === 1 ? 'once' : `${attempts} times`}`,
  );
  const more = count > oldest.length ? [`  and ${count - oldest.length} more`] : [];
  const head =
    'No card can be made for these requests; why is in the gateway’s log. They are tried again, and wait in the inbox:';
  return `${[head, ...lines, ...more].join('\n')}\n`;
}

const list: Verb = {
  about: 'List channels, and whether each works',
  usage: `countersign channels list [--json] [--url URL]

For operators and auditors. \`dead\` counts cards given up on: countersign channels dead. Below stand requests no card can
be made for.`,
  async run(args, io) {
    const { values } = readArguments(args, { options: CLIENT_OPTIONS });
    const found = await (await openClient(io, values)).channels.list();
    if (values.json === true) writeJson(io, found);
    else
      io.stdout.write(
        table(
          found.items,
          { columns: STATUS, none: 'No channel is configured (channels in countersign.yaml).' },
          lookOf(io),
        ),
      );
    if (values.json !== true) io.stdout.write(asideIn(found));
    const well = found.items.every(({ ok, dead }) => ok && dead === 0) && found.set_aside.count === 0;
    return well ? EXIT.ok : EXIT.no;
  },
};

const DEAD: readonly Column<DeadCard>[] = [
  { title: 'card', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'request', cell: ({ request_id }) => request_id },
  { title: 'place', cell: ({ channel, place }) => `${channel}:${place}` },
  { title: 'made', cell: ({ made_at }) => moment(made_at) },
  { title: 'why', cell: ({ trouble }) => trouble },
];

const LIMIT_MAX = 200;

const dead: Verb = {
  about: 'List cards that could not be shown',
  usage: `countersign channels dead [--limit N] [--cursor CURSOR] [--json] [--url URL]

  --limit N         how many at most (default 50, at most ${LIMIT_MAX})
  --cursor CURSOR   goes on where the last list ended

Newest first. Their requests wait all the same, in the inbox; once what is wrong is mended: countersign channels replay CARD.`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, limit: { type: 'string' }, cursor: { type: 'string' } },
    });
    const { cursor } = values;
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const client = await openClient(io, values);
    const found = await client.channels.dead({ limit, ...(cursor === undefined ? {} : { cursor }) });
    if (values.json === true) {
      writeJson(io, found);
      return EXIT.ok;
    }
    io.stdout.write(
      table(found.items, { columns: DEAD, none: 'Every card is where it should be.' }, lookOf(io)),
    );
    if (found.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(found.next_cursor)}\n`);
    return EXIT.ok;
  },
};

const replay: Verb = {
  about: 'Try a card again that could not be shown',
  usage: `countersign channels replay CARD [--json] [--url URL]

CARD is an id of \`countersign channels dead\`. It then shows its request as it is now, or nothing when that is over.`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['CARD'] });
    const [card = ''] = given;
    await (await openClient(io, values)).channels.replay(card);
    if (values.json === true) writeJson(io, { id: card, status: 'replayed' });
    else io.stdout.write('It is tried again. What came of it: countersign channels dead\n');
    return EXIT.ok;
  },
};

const test: Verb = {
  about: 'Post a card that says it is a test',
  usage: `countersign channels test CHANNEL [--place PLACE] [--json] [--url URL]

  --place PLACE   there, as a route would write it without the channel (default: each place of its own)

For operators.`,
  async run(args, io) {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, place: { type: 'string' } },
      arguments: ['CHANNEL'],
    });
    const { place } = values;
    const client = await openClient(io, values);
    const tested = await client.channels.test(given[0] ?? '', place === undefined ? {} : { place });
    if (values.json === true) writeJson(io, tested);
    else if (tested.trouble !== undefined) io.stdout.write(`Not taken: ${contained(tested.trouble)}\n`);
    else if (tested.places.length === 0)
      io.stdout.write('It has no place of its own. Name one: --place PLACE\n');
    else io.stdout.write(`Posted to ${tested.places.map(contained).join(', ')}.\n`);
    return tested.trouble === undefined && tested.places.length > 0 ? EXIT.ok : EXIT.no;
  },
};

export const verb = group('channels', 'See whether requests reach people where they are', {
  list,
  dead,
  replay,
  test,
});
