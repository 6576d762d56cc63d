/** `countersign trails`: what one agent did in one go, step by step. */
import type { Trail } from '@countersign/sdk';
import { CLIENT_OPTIONS, PAGES_USAGE, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { contained, lookOf, writeJson } from '../output.ts';
import { instant, span } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Verb } from '../verb.ts';
import { behindText, callTable } from './calls.ts';

const LIMIT_MAX = 200;
const TEXT = { type: 'string' } as const;
const PAGING = { ...CLIENT_OPTIONS, limit: TEXT, cursor: TEXT } as const;

const ID: Column<Trail> = { title: 'trail', cell: ({ id }) => id };
const COLUMNS: readonly Column<Trail>[] = [
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'began', cell: ({ started_at }) => instant(started_at).replace(' UTC', '') },
  { title: 'took', cell: ({ started_at, last_at }) => span(last_at - started_at), align: 'right' },
  { title: 'calls', cell: ({ calls }) => String(calls), align: 'right' },
  { title: 'held', cell: ({ held }) => String(held), align: 'right' },
  { title: 'denied', cell: ({ denied }) => String(denied), align: 'right' },
  {
    title: 'failed',
    cell: ({ failed }) => String(failed),
    align: 'right',
    style: ({ failed }) => (failed === 0 ? 'plain' : 'alarm'),
  },
];

const list: Verb = {
  about: 'List what agents did in one go, the latest first',
  usage: `countersign trails list [--agent ID] [--limit N] [--cursor CURSOR] [--json] [--url URL]

${PAGES_USAGE}`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...PAGING, agent: TEXT } });
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const page = await (await openClient(io, values)).trails.list({
      limit,
      ...(values.agent === undefined ? {} : { agent: values.agent }),
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
    });
    if (values.json === true) {
      writeJson(io, page);
      return EXIT.ok;
    }
    const shape = { id: ID, columns: COLUMNS, none: 'No agent did anything.' };
    io.stdout.write(table(page.items, shape, lookOf(io)) + behindText(page.followed));
    if (page.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(page.next_cursor)}\n`);
    return EXIT.ok;
  },
};

const show: Verb = {
  about: 'Show one trail, step by step',
  usage: `countersign trails show ID [--limit N] [--cursor CURSOR] [--json] [--url URL]

${PAGES_USAGE}
  --json            with what was asked and answered at each step`,
  async run(args, io) {
    const { values, given } = readArguments(args, { options: PAGING, arguments: ['ID'] });
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const trail = await (await openClient(io, values)).trails.show(given[0] ?? '', {
      limit,
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
    });
    if (values.json === true) {
      writeJson(io, trail);
      return EXIT.ok;
    }
    io.stdout.write(callTable(trail.steps, io) + behindText(trail.followed));
    if (trail.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(trail.next_cursor)}\n`);
    return EXIT.ok;
  },
};

export const verb = group('trails', 'See what an agent did in one go', { list, show });
