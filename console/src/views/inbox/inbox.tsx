/**
 * What waits, most urgent first, for whoever looks: to read in one line each, never to be decided blind. The inbox orders
 * and groups what the gateway gave; it must never leave anything out that no filter names.
 */
import type { InboxItem } from '@countersign/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import { wordsOf } from '../../data/gate.ts';
import { useMe } from '../../data/me.ts';
import { waitingQuery } from '../../data/requests.ts';
import { Button } from '../../kit/button.tsx';
import { Rows } from '../../kit/data/rows.tsx';
import { View } from '../../kit/layout.tsx';
import { Problem, Waiting } from '../../kit/said.tsx';
import { counted } from '../../words/size.ts';
import { BrokenGlassNotes } from './broken-glass.tsx';
import { AllIsWell, NothingMatches } from './empty.tsx';
import { Filters } from './filters.tsx';
import styles from './inbox.module.css';
import { GroupRow, RequestRow } from './row.tsx';
import { answers, isFiltered, matches, readSearch } from './search.ts';
import { type Entry, entriesOf } from './steady.ts';
import { useListKeys } from './use-list-keys.ts';
import { useSteady } from './use-steady.ts';

const route = getRouteApi('/signed-in/');
const ROW_PX = 72;

export function InboxView() {
  const search = readSearch({ ...route.useSearch() });
  const me = useMe();
  const all = search.all === true || !answers(me);
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(waitingQuery({ all }));
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  return (
    <View title="Inbox" about={about(items, { all, more: hasNextPage })}>
      <BrokenGlassNotes />
      {error === null ? null : (
        <Problem title="What you see may be old" detail={wordsOf(error)} onAgain={() => void refetch()} />
      )}
      {data === undefined ? (
        error === null ? (
          <Waiting what="Looking for what waits" />
        ) : null
      ) : (
        // Another list, not a changed one: nothing of it has to stay where it was.
        <List key={String(all)} all={all} items={items} onMore={hasNextPage ? more : undefined} />
      )}
    </View>
  );
}

type About = { readonly all: boolean; readonly more: boolean };

function about(items: readonly InboxItem[], { all, more }: About): string | undefined {
  if (items.length === 0) return undefined;
  const many = more ? `More than ${counted(items.length, 'request')}` : counted(items.length, 'request');
  const wait = items.length === 1 ? 'waits' : 'wait';
  return `${many} ${wait} for ${all ? 'somebody' : 'you'}, the most urgent first`;
}

type ListProps = {
  readonly all: boolean;
  readonly items: readonly InboxItem[];
  readonly onMore: (() => void) | undefined;
};

function List({ all, items, onMore }: ListProps) {
  const given = route.useSearch();
  const search = useMemo(() => readSearch({ ...given }), [given]);
  const list = useRef<HTMLDivElement>(null);
  const [steady, show] = useSteady(items, list);
  const entries = useMemo(() => entriesOf(steady, (item) => matches(item, search)), [steady, search]);
  useListKeys(list, search.at);
  return (
    <>
      {items.length === 0 && !all ? null : <Filters items={items} />}
      {steady.fresh === 0 ? null : (
        <div className={styles['fresh']} role="status">
          <Button kind="quiet" size="small" onPress={show}>
            {counted(steady.fresh, 'new request')}: show
          </Button>
        </div>
      )}
      <div ref={list}>
        {entries.length > 0 ? (
          <Rows
            label="Requests that wait"
            items={entries}
            keyOf={keyOf}
            row={rowOf}
            height={ROW_PX}
            onMore={onMore}
          />
        ) : isFiltered(search) && items.length > 0 ? (
          <NothingMatches />
        ) : (
          <AllIsWell all={all} />
        )}
      </div>
    </>
  );
}

const keyOf = ({ kind, key }: Entry): string => `${kind} ${key}`;
const rowOf = (entry: Entry) =>
  entry.kind === 'group' ? <GroupRow items={entry.items} /> : <RequestRow {...entry} />;
