/** What the history adds up to: how people decide, where the work is, and what deserves a second look. Counts, never judges. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { insightsQuery } from '../../data/history/calls.ts';
import { View } from '../../kit/layout.tsx';
import { Empty, Note } from '../../kit/said.tsx';
import { TabLinks, tabLink } from '../../kit/tabs.tsx';
import { count, counted } from '../../words/size.ts';
import { clockTime, took } from '../../words/time.ts';
import { AlwaysApproved } from './always.tsx';
import { DayBars } from './bars.tsx';
import styles from './insights.module.css';
import { NearMisses, Unanswered } from './looks.tsx';
import type { PartProps } from './part.ts';
import { Reading } from './reading.tsx';
import { RuleTimes } from './rules.tsx';
import { percent, readInsightsSearch, SPANS } from './span.ts';
import { VolumeOf } from './volume.tsx';

const route = getRouteApi('/signed-in/insights');

export function InsightsView() {
  const span = route.useLoaderData();
  const { data } = useSuspenseQuery(insightsQuery(span));
  const { days = 30 } = readInsightsSearch({ ...route.useSearch() });
  return (
    <View
      title="Insights"
      about={`The last ${days} days, up to ${clockTime(data.followed.until)}. Days are UTC. A linked number opens the list it counts.`}
    >
      <TabLinks label="Time">
        {SPANS.map((one) => (
          <Link
            key={one}
            to="/insights"
            search={one === 30 ? {} : { days: one }}
            className={tabLink}
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {one === 365 ? 'A year' : `${one} days`}
          </Link>
        ))}
      </TabLinks>
      {data.volume.all.length === 0 ? (
        <Empty title="No agent asked for anything in this time">Look at a longer time.</Empty>
      ) : (
        <Found data={data} span={span} />
      )}
    </View>
  );
}

function Found({ data, span }: PartProps) {
  return (
    <>
      {data.looked_at === undefined ? null : (
        <Note tone="amber" title="Not all of it">
          <p>There were more held calls: what people did is of the newest {count(data.looked_at)}.</p>
        </Note>
      )}
      <Figures data={data} span={span} />
      <DayBars data={data} span={span} />
      <VolumeOf what="agent" title="By agent" data={data} span={span} />
      <VolumeOf what="rule" title="By rule" data={data} span={span} />
      <RuleTimes data={data} span={span} />
      <AlwaysApproved data={data} span={span} />
      <Reading data={data} span={span} />
      <Unanswered data={data} span={span} />
      <NearMisses data={data} span={span} />
    </>
  );
}

/** The few numbers one comes for. */
function Figures({ data: { asked, time }, span }: PartProps) {
  const held = { decision: 'held', from: String(span.from), to: String(span.to) };
  return (
    <dl className={styles['figures']}>
      <Figure name="Held for people" value={count(asked.held)} search={held} />
      <Figure
        name="Approved, of those decided"
        value={asked.approval_rate === undefined ? '–' : percent(asked.approval_rate)}
        about={`${count(asked.approved)} of ${count(asked.approved + asked.denied)}`}
      />
      <Figure
        name="Time to decision, median"
        value={time === undefined ? '–' : took(time.median_ms)}
        about={time === undefined ? 'nothing was decided' : `nine in ten within ${took(time.p90_ms)}`}
      />
      <Figure
        name="Nobody answered"
        value={count(asked.expired)}
        search={{ ...held, outcome: 'expired' }}
        about={`${counted(asked.waiting, 'call')} still ${asked.waiting === 1 ? 'waits' : 'wait'}`}
      />
    </dl>
  );
}

type FigureProps = {
  readonly name: string;
  readonly value: string;
  readonly about?: string;
  readonly search?: { readonly [filter: string]: string };
};

function Figure({ name, value, about, search }: FigureProps) {
  return (
    <div className={styles['figure']}>
      <dt>{name}</dt>
      <dd className={styles['value']}>
        {search === undefined ? (
          value
        ) : (
          <Link to="/history" search={search}>
            {value}
          </Link>
        )}
      </dd>
      {about === undefined ? null : <dd className={styles['about']}>{about}</dd>}
    </div>
  );
}
