/** `countersign log list` and `show`. */
import { escapeTerminal, visible } from '@countersign/core';
import type { LogEntry } from '@countersign/sdk';
import { CLIENT_OPTIONS, PAGES_USAGE, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { contained, jsonText, lookOf, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { FILTER_OPTIONS, filterOf, filterUsage } from './filter.ts';

const LIMIT_MAX = 200;

/** A run that nobody can answer for needs a look as much as one that was refused. */
const ALARMS = new Set(['denied', 'failed', 'unknown', 'not counted']);
const HEAD: readonly Column<LogEntry>[] = [
  { title: '#', cell: ({ leaf_index }) => String(leaf_index), align: 'right', style: () => 'dim' },
  {
    title: 'time',
    cell: ({ occurred_at }) => new Date(occurred_at).toISOString().slice(0, 19).replace('T', ' '),
  },
  { title: 'kind', cell: ({ kind }) => kind },
  {
    title: 'outcome',
    cell: ({ outcome = '–', broken_glass }) =>
      broken_glass === undefined ? outcome : `${outcome}, glass broken`,
    style: ({ outcome, broken_glass }) =>
      broken_glass !== undefined || (outcome !== undefined && ALARMS.has(outcome)) ? 'alarm' : 'plain',
  },
  { title: 'who', cell: ({ agent, reviewer }) => reviewer ?? agent ?? '–', yields: true },
];

/** What changed, where an entry is about a change and its outcome does not say so, and what it is about. */
function whatOf({ change, outcome, resource, upstream }: LogEntry): string {
  const about = upstream === undefined ? resource : resource && `${resource} on ${upstream}`;
  const said = [change === outcome ? undefined : change, about].filter((each) => each !== undefined);
  return said.length === 0 ? '–' : said.join(': ');
}

/** Two rows an entry on a terminal, where one would not fit; one row an entry for anything that reads lines. */
function entryTable(items: readonly LogEntry[], io: Pick<Io, 'stdout' | 'env'>): string {
  const none = 'No entry matches.';
  if (io.stdout.isTTY === true) {
    const below = (entry: LogEntry): string => visible(`${entry.event_id}  ${whatOf(entry)}`).text;
    return table(items, { columns: HEAD, none, below }, lookOf(io));
  }
  const columns: readonly Column<LogEntry>[] = [
    ...HEAD,
    { title: 'what', cell: whatOf },
    { title: 'event', cell: ({ event_id }) => event_id },
  ];
  return table(items, { columns, none }, lookOf(io));
}

export const list: Verb = {
  about: 'Look entries up',
  usage: `countersign log list ${filterUsage('[--limit N] [--cursor CURSOR] ')}
${PAGES_USAGE}`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: { ...FILTER_OPTIONS, limit: { type: 'string' }, cursor: { type: 'string' } },
    });
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const client = await openClient(io, values);
    const page = await client.log.lookUp({
      ...filterOf(values),
      limit,
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
    });
    if (values.json === true) {
      writeJson(io, page);
      return EXIT.ok;
    }
    io.stdout.write(entryTable(page.items, io));
    if (page.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(page.next_cursor)}\n`);
    return EXIT.ok;
  },
};

export const show: Verb = {
  about: 'Show one entry: the statement that was signed',
  usage: 'countersign log show EVENT [--json] [--url URL]\n\n  --json   with the signed envelope',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['EVENT'] });
    const entry = await (await openClient(io, values)).log.entry(given[0] ?? '');
    if (values.json === true) writeJson(io, entry);
    else
      io.stdout.write(
        `Entry ${entry.leaf_index}, ${escapeTerminal(entry.kind)}\n${jsonText(entry.statement)}\n`,
      );
    return EXIT.ok;
  },
};
