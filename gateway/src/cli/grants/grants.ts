/** `countersign grants`: what people have given beyond one call, and taking it back. */
import type { Grant } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments, requiredReason } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { listVerb } from '../dispatch/list.ts';
import { writeJson } from '../output.ts';
import { ago, left } from '../render/time.ts';
import { openClient } from '../session.ts';
import type { Column } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';

const columnsAt = (now: number): readonly Column<Grant>[] => [
  { title: 'grant', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'for', cell: ({ resource, upstream }) => `any ${resource} on ${upstream}`, yields: true },
  { title: 'uses', cell: ({ uses_left, uses_given }) => `${uses_left} of ${uses_given}`, align: 'right' },
  {
    title: 'status',
    cell: ({ status, given_until, given_at }) =>
      status === 'active' ? left(given_until, now) : `${status}, given ${ago(given_at, now)}`,
  },
];

const list = listVerb({
  about: 'List grants that can still be used',
  group: 'grants',
  all: 'also used, expired and revoked ones',
  none: { all: 'No grants.', active: 'No grant is open.' },
  page: (client, asked) => client.grants.list(asked),
  columnsAt,
  cut: true,
});

const revoke: Verb = {
  about: 'Take a grant back before it is used up',
  usage: `countersign grants revoke ID --reason TEXT [--json] [--url URL]

  --reason TEXT     for the record; required

What has run already has run.`,
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, reason: { type: 'string' } },
      arguments: ['ID'],
    });
    const [id = ''] = given;
    const reason = requiredReason(values.reason, 'a revocation');
    const client = await openClient(io, values);
    await client.grants.revoke(id, reason, { idempotency_key: crypto.randomUUID() });
    if (values.json === true) writeJson(io, { id, status: 'revoked' });
    else io.stdout.write('Revoked. It can no longer be used.\n');
    return EXIT.ok;
  },
};

export const verb = group('grants', 'See and revoke standing grants', { list, revoke });
