/** `countersign calls`: what agents did. Looks only; the gateway says how far it has followed its log. */
import { visible } from '@countersign/core';
import type { Call, CallFilter, CallPage, Followed } from '@countersign/sdk';
import { CLIENT_OPTIONS, PAGES_USAGE, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { timeOf } from '../log/filter.ts';
import { contained, jsonText, lookOf, writeJson } from '../output.ts';
import { instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';

const LIMIT_MAX = 200;
const ALARMS = new Set(['failed', 'unknown', 'denied', 'refused']);

const COLUMNS: readonly Column<Call>[] = [
  { title: 'time', cell: ({ at }) => instant(at).replace(' UTC', ''), style: () => 'dim' },
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'decision', cell: ({ decision }) => decision },
  {
    title: 'outcome',
    cell: ({ outcome, permitted_by }) =>
      permitted_by === 'break-glass' ? `${outcome}, GLASS BROKEN` : outcome,
    style: ({ outcome, permitted_by }) =>
      ALARMS.has(outcome) || permitted_by === 'break-glass' ? 'alarm' : 'plain',
  },
];

/** Two rows a call on a terminal, one for whatever reads lines. The sentence has been made visible where it was made. */
export function callTable(items: readonly Call[], io: Pick<Io, 'stdout' | 'env'>): string {
  const none = 'No call matches.';
  if (io.stdout.isTTY === true) {
    const below = ({ id, sentence }: Call): string => `${visible(id).text}  ${contained(sentence)}`;
    return table(items, { columns: COLUMNS, none, below }, lookOf(io));
  }
  const columns: readonly Column<Call>[] = [
    ...COLUMNS,
    { title: 'tool', cell: ({ resource, upstream }) => `${resource} on ${upstream}` },
    { title: 'call', cell: ({ id }) => id },
  ];
  return table(items, { columns, none }, lookOf(io));
}

/** Empty when all of the log was seen. */
export const behindText = ({ until, behind }: Followed): string =>
  behind === 0
    ? ''
    : `The history is ${behind} entries behind the log: nothing after ${instant(until)} is in it yet.\n`;

const TEXT = { type: 'string' } as const;
const NAMES = [
  'agent',
  'subject',
  'owner',
  'team',
  'reviewer',
  'rule',
  'upstream',
  'action',
  'resource',
  'class',
  'env',
  'risk',
  'decision',
  'outcome',
  'trail',
] as const;
const OPTIONS = {
  ...CLIENT_OPTIONS,
  ...(Object.fromEntries(NAMES.map((name) => [name, TEXT])) as {
    [N in (typeof NAMES)[number]]: typeof TEXT;
  }),
  since: TEXT,
  until: TEXT,
  limit: TEXT,
  cursor: TEXT,
} as const;

type Given = { readonly [name: string]: string | boolean | undefined };

function filterOf(values: Given, q: string | undefined): CallFilter {
  const named = NAMES.flatMap((name) => (typeof values[name] === 'string' ? [[name, values[name]]] : []));
  const { since, until } = values;
  // What a name may be is the gateway's to say; it names the option that is wrong.
  const filter = Object.fromEntries(named) as CallFilter;
  return {
    ...filter,
    ...(q === undefined ? {} : { q }),
    ...(typeof since === 'string' ? { from: timeOf('since', since) } : {}),
    ...(typeof until === 'string' ? { to: timeOf('until', until) } : {}),
  };
}

const list: Verb = {
  about: 'Search what agents did: by names, outcomes, times and words',
  usage: `countersign calls list [--search WORDS] [--agent ID] [--subject ID] [--owner ID] [--team ID] [--reviewer ID]
    [--rule ID] [--upstream ID] [--action NAME] [--resource ID] [--class CLASS] [--env ENV] [--risk RISK]
    [--decision allowed|held|denied] [--outcome OUTCOME] [--trail ID] [--since TIME] [--until TIME] [--limit N] [--cursor CURSOR]
    [--json] [--url URL]

  WORDS             of names and of arguments as reviewers see them; the last may be a beginning
  OUTCOME           waiting, approved, unused, revoked, running, succeeded, failed, unknown, permitted, refused, denied, expired, …
  TIME              2026-11-21, 2026-11-21T06:00Z; --until is exclusive
${PAGES_USAGE}`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...OPTIONS, search: TEXT } });
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const client = await openClient(io, values);
    const page: CallPage = await client.calls.list({
      ...filterOf(values, values.search),
      limit,
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
    });
    if (values.json === true) {
      writeJson(io, page);
      return EXIT.ok;
    }
    io.stdout.write(callTable(page.items, io) + behindText(page.followed));
    if (page.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(page.next_cursor)}\n`);
    return EXIT.ok;
  },
};

const show: Verb = {
  about: 'Show one call: what was asked, what came back',
  usage: 'countersign calls show ID [--json] [--url URL]',
  async run(args, io) {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const call = await (await openClient(io, values)).calls.show(given[0] ?? '');
    if (values.json === true) writeJson(io, call);
    else io.stdout.write(`${jsonText(call)}\n`);
    return EXIT.ok;
  },
};

export const verb = group('calls', 'Look through what agents did', { list, show });
