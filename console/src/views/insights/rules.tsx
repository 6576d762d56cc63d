/** How people decide what each rule holds: how often they agree, and how long it takes them. */
import type { RuleInsight } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Table } from '../../kit/data/table.tsx';
import { Section } from '../../kit/layout.tsx';
import { Shown } from '../../kit/shown.tsx';
import { count } from '../../words/size.ts';
import { took } from '../../words/time.ts';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';
import { percent } from './span.ts';

export function RuleTimes({ data, span }: PartProps) {
  if (data.rules.length === 0) return null;
  const within = { from: String(span.from), to: String(span.to), decision: 'held' };
  const slowest = Math.max(1, ...data.rules.map(({ time }) => time?.p90_ms ?? 0));
  return (
    <Section title="What people decide" aside="Bar: the middle decision, and nine in ten">
      <Table<RuleInsight>
        label="What people decide, by rule"
        rows={data.rules}
        keyOf={({ rules }) => rules.join(' ')}
        columns={[
          {
            id: 'rules',
            head: 'Held by',
            cell: ({ rules }) => <RuleNames rules={rules} within={within} />,
          },
          {
            id: 'held',
            head: 'Held',
            align: 'end',
            cell: (row) => <Counted row={row} n={row.held} within={within} />,
          },
          {
            id: 'approved',
            head: 'Approved',
            align: 'end',
            cell: ({ approved, approval_rate }) => (
              <>
                {count(approved)}
                {approval_rate === undefined ? null : (
                  <span className={styles['soft']}> · {percent(approval_rate)}</span>
                )}
              </>
            ),
          },
          {
            id: 'denied',
            head: 'Denied',
            align: 'end',
            wideOnly: true,
            cell: (row) => <Counted row={row} n={row.denied} within={{ ...within, outcome: 'denied' }} />,
          },
          {
            id: 'expired',
            head: 'Nobody answered',
            align: 'end',
            wideOnly: true,
            cell: (row) => <Counted row={row} n={row.expired} within={{ ...within, outcome: 'expired' }} />,
          },
          {
            id: 'time',
            head: 'Time to decision',
            width: '26%',
            cell: ({ time }) =>
              time === undefined ? (
                <span className={styles['zero']}>–</span>
              ) : (
                <Times median={time.median_ms} p90={time.p90_ms} slowest={slowest} />
              ),
          },
        ]}
      />
    </Section>
  );
}

type CountedProps = {
  readonly row: RuleInsight;
  readonly n: number;
  readonly within: { readonly [filter: string]: string };
};

/** The history is narrowed by one rule: what several held together has no list of its own. */
function Counted({ row: { rules }, n, within }: CountedProps) {
  const [rule] = rules;
  if (n === 0 || rule === undefined || rules.length > 1)
    return n === 0 ? <span className={styles['zero']}>0</span> : count(n);
  return (
    <Link to="/history" search={{ rule, ...within }}>
      {count(n)}
    </Link>
  );
}

type RuleNamesProps = {
  readonly rules: readonly string[];
  readonly within: { readonly [filter: string]: string };
};
export const RuleNames = ({ rules, within }: RuleNamesProps) =>
  rules.map((rule) => (
    <Link key={rule} to="/history" search={{ rule, ...within }} className={styles['rule']}>
      <Shown text={rule} />
    </Link>
  ));

/** A logarithm, since one rule takes seconds and another days. */
const along = (ms: number, slowest: number): number =>
  (Math.log10(ms + 10) - 1) / (Math.log10(slowest + 10) - 1 || 1);

type TimesProps = { readonly median: number; readonly p90: number; readonly slowest: number };
function Times({ median, p90, slowest }: TimesProps) {
  const [middle, nine] = [along(median, slowest) * 100, along(p90, slowest) * 100];
  return (
    <div className={styles['times']}>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" className={styles['bar']} aria-hidden="true">
        <rect x={0} y={3} width={nine} height={4} className={styles['faint']} />
        <rect x={0} y={3} width={middle} height={4} className={styles['ink']} />
      </svg>
      <span>
        {took(median)}
        <span className={styles['nine']}> · {took(p90)}</span>
      </span>
    </div>
  );
}
