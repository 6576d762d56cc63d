/** Where this one stands among what waits, and the way to the ones beside it: in the inbox’s order, by key or by thumb. */
import type { InboxItem } from '@countersign/sdk';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { useMe } from '../../data/me.ts';
import { requestQuery, waitingQuery } from '../../data/requests.ts';
import { useKeys } from '../../kit/key.tsx';
import { count } from '../../words/size.ts';
import { answers } from '../inbox/search.ts';
import { entriesOf, settle } from '../inbox/steady.ts';
import styles from './request.module.css';

const route = getRouteApi('/signed-in/requests/$id');

export function Along({ id }: { readonly id: string }) {
  const { at, all, more, previous, next } = useNeighbours(id);
  const { as } = route.useSearch();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const go = (to: string | undefined) =>
    to === undefined
      ? undefined
      : () => void navigate({ to: '/requests/$id', params: { id: to }, search: { as } });
  useKeys({ j: go(next), k: go(previous) });
  // Whoever goes on finds it there.
  useEffect(() => {
    if (next !== undefined) void cache.prefetchQuery(requestQuery(next));
  }, [cache, next]);
  return (
    <nav aria-label="What waits" className={styles['along']}>
      <Link to="/" search={at === undefined ? {} : { at: id }}>
        Inbox
      </Link>
      {all === 0 ? null : (
        <>
          <span className={styles['soft']}>
            {at === undefined ? '' : `${count(at + 1)} of `}
            {count(all)}
            {more ? '+' : ''} {all === 1 && at === undefined ? 'waits' : 'waiting'}
          </span>
          <Beside to={previous} name="Previous that waits" keys="k">
            <ChevronLeft size={18} strokeWidth={1.6} aria-hidden="true" />
          </Beside>
          <Beside to={next} name="Next that waits" keys="j">
            <ChevronRight size={18} strokeWidth={1.6} aria-hidden="true" />
          </Beside>
        </>
      )}
    </nav>
  );
}

type BesideProps = {
  readonly to: string | undefined;
  readonly name: string;
  readonly keys: string;
  readonly children: ReactNode;
};

/** At either end it is still there, so that nothing moves under the thumb. */
function Beside({ to, name, keys, children }: BesideProps) {
  const { as } = route.useSearch();
  if (to === undefined)
    return (
      <span className={styles['beside']} data-off="">
        {children}
      </span>
    );
  return (
    <Link
      to="/requests/$id"
      params={{ id: to }}
      search={{ as }}
      className={styles['beside']}
      aria-label={name}
      aria-keyshortcuts={keys}
      title={`${name} (${keys})`}
    >
      {children}
    </Link>
  );
}

type Neighbours = {
  /** From 0; undefined where it does not wait, or not for this person. */
  readonly at: number | undefined;
  readonly all: number;
  readonly more: boolean;
  readonly previous: string | undefined;
  readonly next: string | undefined;
};

/** What was answered has left the list: from its place one goes on. */
function useNeighbours(id: string): Neighbours {
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(waitingQuery({ all: !answers(useMe()) }));
  const ids = useMemo(() => inOrder(data?.pages.flatMap(({ items }) => items) ?? []), [data]);
  const found = ids.indexOf(id);
  const place = useRef(0);
  if (found >= 0) place.current = found;
  const last = found >= 0 && found === ids.length - 1;
  useEffect(() => {
    if (last && hasNextPage) void fetchNextPage();
  }, [last, hasNextPage, fetchNextPage]);
  return {
    at: found < 0 ? undefined : found,
    all: ids.length,
    more: hasNextPage,
    previous: ids[place.current - 1],
    next: ids[found < 0 ? place.current : found + 1],
  };
}

const inOrder = (items: readonly InboxItem[]): readonly string[] =>
  entriesOf(settle(items), () => true).flatMap((entry) => (entry.kind === 'item' ? [entry.item.id] : []));
