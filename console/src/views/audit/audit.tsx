/** The log as a log: what was recorded, newest first, and what this browser makes of it. Nothing here changes anything. */
import type { LogEntry } from '@countersign/sdk';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { cache } from '../../data/gate.ts';
import { useKnown } from '../../data/history/known.ts';
import { entriesQuery } from '../../data/log/entries.ts';
import { canVerify, logStateQuery } from '../../data/log/state.ts';
import { Button } from '../../kit/button.tsx';
import { useRowKeys } from '../../kit/data/row-keys.ts';
import { Rows } from '../../kit/data/rows.tsx';
import { Filters } from '../../kit/form/filters.tsx';
import { View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { count, counted } from '../../words/size.ts';
import { exactTime, logTime } from '../../words/time.ts';
import styles from './audit.module.css';
import { ExportButton } from './export.tsx';
import { logFields } from './fields.ts';
import { Sentence } from './said.tsx';
import { type AuditSearch, filterOf, readSearch } from './search.ts';
import { StateLine } from './state-line.tsx';
import { AuditTabs } from './tabs.tsx';
import { kindWord, outcomeMark, sentenceOf } from './words.ts';

const route = getRouteApi('/signed-in/audit');

export function AuditView() {
  const search = readSearch(route.useSearch());
  const navigate = useNavigate();
  const known = useKnown();
  useRowKeys('main');
  const set = (next: AuditSearch): void => void navigate({ to: '/audit', search: next });
  return (
    <View
      title="Audit log"
      about="Everything that was asked, decided, changed and run: signed, in order, never taken out."
      actions={<ExportButton filter={filterOf(search)} />}
    >
      <AuditTabs />
      <div className={styles['top']}>
        <StateLine />
        <Filters
          fields={logFields(known)}
          values={search}
          onChange={(id, value) => set({ ...search, [id]: value })}
          onClear={() => set({})}
        />
      </div>
      <Entries search={search} />
    </View>
  );
}

function Entries({ search }: { readonly search: AuditSearch }) {
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    entriesQuery(filterOf(search)),
  );
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  if (items.length === 0)
    return Object.keys(search).length === 0 ? (
      <Empty title="Nothing has been recorded yet" />
    ) : (
      <Empty title="No entry matches">Take a filter away, or look at a longer time.</Empty>
    );
  return (
    <>
      <Newer items={items} />
      <Rows
        label="Entries, newest first"
        items={items}
        keyOf={({ event_id }) => event_id}
        row={entryRow}
        height={35}
        onMore={hasNextPage ? more : undefined}
      />
    </>
  );
}

/** Rows do not jump while somebody reads: what is new is offered. */
function Newer({ items }: { readonly items: readonly LogEntry[] }) {
  const { data: state } = useQuery({ ...logStateQuery, enabled: canVerify() });
  const newest = items.reduce((last, { leaf_index }) => Math.max(last, leaf_index), -1);
  const size = state?.head.ok === true ? state.head.head.checkpoint.size : 0;
  const grown = size - 1 - newest;
  const filtered = Object.keys(readSearch(route.useSearch())).length > 0;
  if (grown <= 0 || filtered) return null;
  return (
    <div className={styles['newer']}>
      <Button
        kind="quiet"
        onPress={() => {
          window.scrollTo({ top: 0 });
          void cache.resetQueries({ queryKey: ['log', 'entries'] });
        }}
      >
        {counted(grown, 'newer entry', 'newer entries')}: show
      </Button>
    </div>
  );
}

const entryRow = (entry: LogEntry) => <EntryRow entry={entry} />;

function EntryRow({ entry }: { readonly entry: LogEntry }) {
  const mark = outcomeMark(entry);
  return (
    <Link to="/audit/$event" params={{ event: entry.event_id }} className={styles['row']} data-row="">
      <span className={styles['index']}>{count(entry.leaf_index)}</span>
      <time
        className={styles['time']}
        dateTime={new Date(entry.occurred_at).toISOString()}
        title={exactTime(entry.occurred_at)}
      >
        {logTime(entry.occurred_at)}
      </time>
      <span className={styles['kind']}>{kindWord(entry.kind)}</span>
      <span className={styles['sentence']}>
        <Sentence parts={sentenceOf(entry)} />
      </span>
      <span className={styles['outcome']}>
        {mark === undefined ? null : (
          <Mark tone={mark.tone} shape={mark.shape}>
            {mark.word}
          </Mark>
        )}
      </span>
    </Link>
  );
}
