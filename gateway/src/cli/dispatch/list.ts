/** The verb that lists what people have given: approvals, grants, delegations. Page by page, what can still be used first. */
import type { Client, Page } from '@countersign/sdk';
import { contained, lookOf, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Verb } from '../verb.ts';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from './arguments.ts';

const LIMIT_MAX = 200;

export type Listing<Item> = {
  readonly about: string;
  /** The group of verbs it stands in: `grants`. */
  readonly group: string;
  /** What `--all` adds. */
  readonly all: string;
  /** Said of an empty list, of all and of what can be used. */
  readonly none: { readonly all: string; readonly active: string };
  readonly page: (client: Client, options: Asked) => Promise<Page<Item>>;
  readonly columnsAt: (now: number) => readonly Column<Item>[];
  /** A row stays one line of the terminal. */
  readonly cut: boolean;
};
type Asked = { readonly limit: number; readonly active?: true; readonly cursor?: string };

export const listVerb = <Item>({ about, group, all, none, page, columnsAt, cut }: Listing<Item>): Verb => ({
  about,
  usage: `countersign ${group} list [--all] [--limit N] [--cursor CURSOR] [--json]
${' '.repeat(`countersign ${group} list`.length)} [--url URL]

  --all             ${all}
  --limit N         how many at most (default 50, at most ${LIMIT_MAX})
  --cursor CURSOR   goes on where the last list ended`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: {
        ...CLIENT_OPTIONS,
        all: { type: 'boolean' },
        limit: { type: 'string' },
        cursor: { type: 'string' },
      },
    });
    const { cursor } = values;
    const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
    const found = await page(await openClient(io, values), {
      limit,
      ...(values.all === true ? {} : { active: true }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (values.json === true) {
      writeJson(io, found);
      return EXIT.ok;
    }
    const look = cut ? { ...lookOf(io), cut: io.stdout.isTTY === true } : lookOf(io);
    const empty = values.all === true ? none.all : none.active;
    io.stdout.write(table(found.items, { columns: columnsAt(Date.now()), none: empty }, look));
    if (found.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(found.next_cursor)}\n`);
    return EXIT.ok;
  },
});
