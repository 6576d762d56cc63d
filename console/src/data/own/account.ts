/** One's own: passkeys, sessions, seats given away; asked of the gateway, and never kept here. */
import type { Passkey } from '@countersign/sdk';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { gate } from '../gate.ts';

export const accountQueries = {
  /** For operators and auditors everybody's; else one's own. */
  passkeys: queryOptions({
    queryKey: ['passkeys'],
    queryFn: async () => (await gate.passkeys.list()).items,
  }),
  /** One's own, or for operators another person's. */
  sessions: (person?: string) =>
    queryOptions({
      queryKey: ['sessions', { person }],
      queryFn: async () => (await gate.sessions.list(person === undefined ? {} : { person })).items,
    }),
  delegations: infiniteQueryOptions({
    queryKey: ['delegations'],
    queryFn: ({ pageParam }) =>
      gate.delegations.list({ limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  }),
};

/** What this person can sign an answer with: the keys that count, the one used last first. */
export const myKeysQuery = (person: string) =>
  queryOptions({
    queryKey: ['passkeys', 'of', person],
    queryFn: async (): Promise<readonly Passkey[]> =>
      (await gate.passkeys.list()).items
        .filter((key) => key.person === person && key.status === 'active')
        .toSorted((a, b) => (b.last_used_at ?? 0) - (a.last_used_at ?? 0)),
  });
