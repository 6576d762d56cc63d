/** `countersign requests list`. */
import { REQUEST_STATUSES, RISKS } from '@countersign/core';
import type { RequestFilter, RequestSummary } from '@countersign/sdk';
import { CLIENT_OPTIONS, oneOf, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { contained, lookOf, writeJson } from '../output.ts';
import { ago, left } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';

const LIMIT_MAX = 200;

export const list: Verb = {
  about: 'List requests, the most urgent first',
  usage: `countersign requests list [--status STATUS | --all] [--mine] [--agent ID]
                          [--upstream ID] [--risk RISK] [--limit N]
                          [--cursor CURSOR] [--json] [--url URL]

  --status STATUS   pending (as when nothing is said), approved, denied, expired,
                    cancelled or failed
  --all             whatever their status
  --mine            only those you may review now
  --agent ID        only this agent’s
  --upstream ID     only for this upstream
  --risk RISK       ${RISKS.join(', ')}
  --limit N         how many at most (default 50, at most ${LIMIT_MAX})
  --cursor CURSOR   goes on where the last list ended`,
  run,
};

const OPTIONS = {
  ...CLIENT_OPTIONS,
  status: { type: 'string' },
  all: { type: 'boolean' },
  mine: { type: 'boolean' },
  agent: { type: 'string' },
  upstream: { type: 'string' },
  risk: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
} as const;

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, { options: OPTIONS });
  const { agent, upstream, cursor, mine, all } = values;
  const status = oneOf('status', values.status, REQUEST_STATUSES) ?? (all === true ? undefined : 'pending');
  const risk = oneOf('risk', values.risk, RISKS);
  const filter: RequestFilter = {
    ...(status === undefined ? {} : { status }),
    ...(agent === undefined ? {} : { agent }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(risk === undefined ? {} : { risk }),
    ...(mine === true ? { reviewable: true } : {}),
  };
  const limit = wholeNumber('limit', values.limit, LIMIT_MAX) ?? 50;
  const client = await openClient(io, values);
  const page = await client.requests.list({ ...filter, limit, ...(cursor === undefined ? {} : { cursor }) });
  if (values.json === true) writeJson(io, page);
  else {
    io.stdout.write(requestTable(page.items, io));
    if (page.next_cursor !== undefined)
      io.stdout.write(`More: the same with --cursor ${contained(page.next_cursor)}\n`);
  }
  return EXIT.ok;
}

export function requestTable(items: readonly RequestSummary[], io: Pick<Io, 'stdout' | 'env'>): string {
  const none = 'No requests.';
  const below = ({ sentence }: RequestSummary): string => sentence;
  return table(items, { columns: columnsAt(Date.now()), none, below }, lookOf(io));
}

const columnsAt = (now: number): readonly Column<RequestSummary>[] => [
  {
    title: 'risk',
    cell: ({ risk }) => risk,
    style: ({ risk }) => (risk === 'high' || risk === 'critical' ? 'alarm' : 'plain'),
  },
  { title: 'request', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'answers', cell: ({ quorum }) => `${quorum.filled} of ${quorum.needed}` },
  {
    title: 'status',
    cell: ({ status, expires_at, resolved_at, broken_glass }) =>
      status === 'pending'
        ? left(expires_at, now)
        : `${broken_glass === undefined ? status : 'GLASS BROKEN'} ${ago(resolved_at ?? expires_at, now)}`,
    style: ({ broken_glass }) => (broken_glass === undefined ? 'plain' : 'alarm'),
  },
];
