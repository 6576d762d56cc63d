/** `countersign approvals`: what people have approved and has not run yet, and taking it back. */
import type { Approval } from '@countersign/sdk';
import { group } from '../dispatch/group.ts';
import { listVerb } from '../dispatch/list.ts';
import { revokeVerb } from '../dispatch/revoke.ts';
import { ago, left } from '../render/time.ts';
import type { Column } from '../table.ts';

const columnsAt = (now: number): readonly Column<Approval>[] => [
  { title: 'approval', cell: ({ id }) => id, style: () => 'accent' },
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'for', cell: ({ resource, upstream }) => `${resource} on ${upstream}`, yields: true },
  { title: 'uses', cell: ({ uses_left }) => String(uses_left), align: 'right' },
  {
    title: 'status',
    cell: ({ status, approved_until, approved_at, broken_glass }) => {
      const given = broken_glass === undefined ? 'approved' : 'GLASS BROKEN';
      if (status !== 'active') return `${status}, ${given} ${ago(approved_at, now)}`;
      return broken_glass === undefined
        ? left(approved_until, now)
        : `${given}, ${left(approved_until, now)}`;
    },
    style: ({ broken_glass }) => (broken_glass === undefined ? 'plain' : 'alarm'),
  },
];

const list = listVerb({
  about: 'List approvals that can still be used',
  group: 'approvals',
  all: 'also used, expired and revoked ones',
  none: { all: 'No approvals.', active: 'No approval waits to be used.' },
  page: (client, asked) => client.approvals.list(asked),
  columnsAt,
  cut: true,
});

const revoke = revokeVerb({ about: 'Take an approval back before it is used', group: 'approvals' });

export const verb = group('approvals', 'See and revoke approvals', { list, revoke });
