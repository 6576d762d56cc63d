/** Calls a day, as three rows of bars on one scale of time: each with its name, its total and its highest day written on it. */
import { Link } from '@tanstack/react-router';
import { Table } from '../../kit/data/table.tsx';
import { Section } from '../../kit/layout.tsx';
import { count } from '../../words/size.ts';
import { utcDay } from '../../words/time.ts';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';
import { DAY_MS, type DayCounts, everyDay } from './span.ts';

const ROWS = [
  ['allowed', 'Allowed at once'],
  ['held', 'Held for people'],
  ['denied', 'Refused'],
] as const;
type Row = (typeof ROWS)[number][0];

export function DayBars({ data, span }: PartProps) {
  const days = everyDay(span, data.volume.all);
  return (
    <Section title="Calls a day">
      <div className={styles['multiples']}>
        {ROWS.map(([row, name]) => (
          <Bars key={row} row={row} name={name} days={days} />
        ))}
      </div>
      <details className={styles['more']}>
        <summary>The numbers, day by day</summary>
        <Table<DayCounts>
          label="Calls a day"
          rows={days.toReversed()}
          keyOf={({ day }) => String(day)}
          columns={[
            { id: 'day', head: 'Day (UTC)', cell: ({ day }) => utcDay(day) },
            ...ROWS.map(([row, name]) => ({
              id: row,
              head: name,
              align: 'end' as const,
              cell: (counts: DayCounts) => <DayLink counts={counts} row={row} />,
            })),
          ]}
        />
      </details>
    </Section>
  );
}

const dayOf = (row: Row, day: number) => ({ decision: row, from: String(day), to: String(day + DAY_MS) });

const DayLink = ({ counts, row }: { readonly counts: DayCounts; readonly row: Row }) =>
  counts[row] === 0 ? (
    '0'
  ) : (
    <Link to="/history" search={dayOf(row, counts.day)}>
      {count(counts[row])}
    </Link>
  );

type BarsProps = { readonly row: Row; readonly name: string; readonly days: readonly DayCounts[] };
const HEIGHT = 56;

function Bars({ row, name, days }: BarsProps) {
  const most = Math.max(1, ...days.map((day) => day[row]));
  const total = days.reduce((sum, day) => sum + day[row], 0);
  const peak = days.reduce<DayCounts | undefined>(
    (best, day) => (best === undefined || day[row] > best[row] ? day : best),
    undefined,
  );
  const [first, last] = [days[0], days.at(-1)];
  return (
    <figure className={styles['bars']}>
      <figcaption>
        <span className={styles['bars-name']}>{name}</span> {count(total)}
        {peak === undefined || peak[row] === 0 ? null : (
          <span className={styles['peak']}>
            {' '}
            · most {count(peak[row])} on {utcDay(peak.day)}
          </span>
        )}
      </figcaption>
      <svg
        viewBox={`0 0 ${days.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={styles[row]}
        aria-hidden="true"
      >
        {days.map((day, at) => {
          const height = day[row] === 0 ? 0 : Math.max(2, (day[row] / most) * HEIGHT);
          return (
            <rect key={day.day} x={at + 0.12} y={HEIGHT - height} width={0.76} height={height}>
              <title>{`${utcDay(day.day)}: ${count(day[row])}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={styles['axis']} aria-hidden="true">
        <span>{first === undefined ? '' : utcDay(first.day)}</span>
        <span>{last === undefined ? '' : utcDay(last.day)}</span>
      </div>
    </figure>
  );
}
