/** What agents did in one go, newest first: one line a run, to replay it or to lay two beside each other. */
import type { Trail } from '@countersign/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { trailsQuery } from '../../data/history/calls.ts';
import { type Known, useKnown } from '../../data/history/known.ts';
import { useRowKeys } from '../../kit/data/row-keys.ts';
import { Rows } from '../../kit/data/rows.tsx';
import { type FilterField, Filters } from '../../kit/form/filters.tsx';
import { View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty, Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { BOUND_WORDS } from '../../words/calls.ts';
import { count, counted } from '../../words/size.ts';
import { exactTime, logTime, took } from '../../words/time.ts';
import styles from './runs.module.css';
import { filterOf, type RunsSearch, readRunsSearch } from './search.ts';

const route = getRouteApi('/signed-in/runs');

const fieldsOf = ({ agent }: Known): readonly FilterField<'agent' | 'from' | 'to'>[] => [
  { id: 'agent', label: 'Agent', kind: 'text', values: agent },
  { id: 'from', label: 'From', kind: 'time' },
  { id: 'to', label: 'Until', kind: 'time' },
];

export function RunsView() {
  const search = readRunsSearch(route.useSearch());
  const navigate = useNavigate();
  const set = (next: RunsSearch): void => void navigate({ to: '/runs', search: next });
  const known = useKnown();
  useRowKeys('main');
  return (
    <View
      title="Runs"
      about="What an agent did in one go: one session, one trace, or calls without a long pause between."
    >
      <div className={styles['top']}>
        {search.first === undefined ? null : (
          <Note
            tone="blue"
            title="Choose the run to compare with"
            action={
              <Link to="/runs" search={{ ...search, first: undefined }}>
                Cancel
              </Link>
            }
          />
        )}
        <Filters
          fields={fieldsOf(known)}
          values={search}
          onChange={(id, value) => set({ ...search, [id]: value })}
          onClear={() => set(search.first === undefined ? {} : { first: search.first })}
        />
      </div>
      <Trails search={search} />
    </View>
  );
}

function Trails({ search }: { readonly search: RunsSearch }) {
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    trailsQuery(filterOf(search)),
  );
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const { first } = search;
  const row = useCallback(
    (trail: Trail) => <TrailRow trail={trail} {...(first === undefined ? {} : { first })} />,
    [first],
  );
  if (items.length === 0)
    return (
      <Empty title={Object.keys(search).length === 0 ? 'No agent has done anything yet' : 'No run matches'} />
    );
  return (
    <Rows
      label="Runs, newest first"
      items={items}
      keyOf={({ id }) => id}
      row={row}
      height={37}
      onMore={hasNextPage ? more : undefined}
    />
  );
}

function TrailRow({ trail, first }: { readonly trail: Trail; readonly first?: string }) {
  const said = (
    <>
      <time
        className={styles['time']}
        dateTime={new Date(trail.started_at).toISOString()}
        title={exactTime(trail.started_at)}
      >
        {logTime(trail.started_at)}
      </time>
      <span className={styles['agent']}>
        <Shown text={trail.agent} />
      </span>
      <span className={styles['bound']}>
        {counted(trail.calls, 'call')} in {took(trail.last_at - trail.started_at)}
        <span className={styles['soft']}> · {BOUND_WORDS[trail.bound_by]}</span>
      </span>
      <span className={styles['ends']}>
        <Ends trail={trail} />
      </span>
    </>
  );
  return (
    <div className={styles['line']}>
      {first === undefined ? (
        <Link to="/runs/$trail" params={{ trail: trail.id }} className={styles['row']} data-row="">
          {said}
        </Link>
      ) : first === trail.id ? (
        <span className={styles['row']}>{said}</span>
      ) : (
        <Link to="/runs/compare" search={{ a: first, b: trail.id }} className={styles['row']} data-row="">
          {said}
        </Link>
      )}
    </div>
  );
}

/** Only what is not simply well. */
function Ends({ trail: { held, denied, failed } }: { readonly trail: Trail }) {
  return (
    <>
      {held === 0 ? null : (
        <Mark tone="amber" shape="half">
          {count(held)} held
        </Mark>
      )}
      {denied === 0 ? null : (
        <Mark tone="red" shape="cross">
          {count(denied)} refused or denied
        </Mark>
      )}
      {failed === 0 ? null : (
        <Mark tone="red" shape="diamond">
          {count(failed)} failed
        </Mark>
      )}
    </>
  );
}
