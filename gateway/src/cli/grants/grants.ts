/** `countersign grants`: what people have given beyond one call, and taking it back. */
import type { Grant } from '@countersign/sdk';
import { group } from '../dispatch/group.ts';
import { listVerb } from '../dispatch/list.ts';
import { revokeVerb } from '../dispatch/revoke.ts';
import { ago, left } from '../render/time.ts';
import type { Column } from '../table.ts';

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

const revoke = revokeVerb({ about: 'Take a grant back before it is used up', group: 'grants' });

export const verb = group('grants', 'See and revoke standing grants', { list, revoke });
