/** Everything agents did, found by words and by names. Only looks: nothing here decides or changes a call. */
import type { Call } from '@countersign/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { callsQuery, lookAgain } from '../../data/history/calls.ts';
import { useKnown } from '../../data/history/known.ts';
import { Button } from '../../kit/button.tsx';
import { useRowKeys } from '../../kit/data/row-keys.ts';
import { Rows } from '../../kit/data/rows.tsx';
import { Filters } from '../../kit/form/filters.tsx';
import { SearchField } from '../../kit/form/search.tsx';
import { useTyped } from '../../kit/form/typed.ts';
import { Row, View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { markOfCall } from '../../words/calls.ts';
import { clockTime, exactTime, logTime } from '../../words/time.ts';
import { CallSentence } from './call/sentence.tsx';
import { callFields } from './fields.ts';
import styles from './history.module.css';
import { SavedSearches } from './saved.tsx';
import { filterOf, type HistorySearch, readSearch } from './search.ts';

const route = getRouteApi('/signed-in/history');

export function HistoryView() {
  const search = readSearch(route.useSearch());
  const navigate = useNavigate();
  const set = useCallback(
    (next: HistorySearch, replace = false): void => void navigate({ to: '/history', search: next, replace }),
    [navigate],
  );
  const known = useKnown();
  useRowKeys('main', '#history-words input, input#history-words');
  return (
    <View
      title="History"
      about="What agents asked for, what came of it, and who agreed."
      actions={<SavedSearches search={search} onOpen={set} />}
    >
      <div className={styles['top']}>
        <Words search={search} onSearch={set} />
        <Filters
          fields={callFields(known)}
          values={search}
          onChange={(id, value) => set({ ...search, [id]: value })}
          onClear={() => set(search.q === undefined ? {} : { q: search.q })}
        />
      </div>
      <Calls search={search} />
    </View>
  );
}

type WordsProps = {
  readonly search: HistorySearch;
  readonly onSearch: (next: HistorySearch, replace: boolean) => void;
};

function Words({ search, onSearch }: WordsProps) {
  const [text, type] = useTyped(search.q ?? '', (q) => {
    const { q: _, ...rest } = search;
    onSearch(q === '' ? rest : { ...rest, q }, true);
  });
  return (
    <SearchField
      id="history-words"
      label="Search what agents did"
      placeholder="Words: a tool, an argument, a name"
      value={text}
      onChange={type}
    />
  );
}

function Calls({ search }: { readonly search: HistorySearch }) {
  const filter = filterOf(search);
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...callsQuery(filter),
    placeholderData: (before) => before,
  });
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const followed = data?.pages[0]?.followed;
  return (
    <>
      {followed === undefined ? null : (
        <Row>
          <span className={styles['until']}>
            Up to {clockTime(followed.until)}
            {followed.behind === 0 ? '' : ', the newest entries are still being read in'}
          </span>
          <Button kind="quiet" size="small" onPress={() => void lookAgain(filter)}>
            Look again
          </Button>
        </Row>
      )}
      {items.length === 0 ? (
        <Nothing search={search} />
      ) : (
        <Rows
          label="Calls, newest first"
          items={items}
          keyOf={({ id }) => id}
          row={callRow}
          height={37}
          onMore={hasNextPage ? more : undefined}
        />
      )}
    </>
  );
}

const Nothing = ({ search }: { readonly search: HistorySearch }) =>
  Object.keys(search).length === 0 ? (
    <Empty title="No agent has asked for anything yet">
      <Link to="/start">Connect a first agent</Link>
    </Empty>
  ) : (
    <Empty title="Nothing matches">
      All words must be found; the last may be a beginning. Take a filter away, or look at a longer time.
    </Empty>
  );

const callRow = (call: Call) => <CallRow call={call} />;

function CallRow({ call }: { readonly call: Call }) {
  const mark = markOfCall(call);
  return (
    <Link to="/history/$call" params={{ call: call.id }} className={styles['row']} data-row="">
      <time className={styles['time']} dateTime={new Date(call.at).toISOString()} title={exactTime(call.at)}>
        {logTime(call.at)}
      </time>
      <span className={styles['agent']}>
        <Shown text={call.agent} />
      </span>
      <span className={styles['sentence']}>
        <CallSentence call={call} />
      </span>
      <span className={styles['by']}>
        {call.reviews.length === 0 ? null : (
          <Shown text={[...new Set(call.reviews.map(({ reviewer }) => reviewer))].join(', ')} />
        )}
      </span>
      <span className={styles['outcome']}>
        <Mark tone={mark.tone} shape={mark.shape}>
          {mark.word}
        </Mark>
      </span>
    </Link>
  );
}
