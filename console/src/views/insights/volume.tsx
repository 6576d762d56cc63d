/** Who asks, and which rules decide: a row each, its counts as numbers and as one bar on a common scale. */
import { Link } from '@tanstack/react-router';
import { Table } from '../../kit/data/table.tsx';
import { Section } from '../../kit/layout.tsx';
import { Shown } from '../../kit/shown.tsx';
import { count } from '../../words/size.ts';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';
import { byName, type NamedCounts } from './span.ts';

type Counted = 'allowed' | 'held' | 'denied';
const COLUMNS: readonly (readonly [id: Counted, head: string])[] = [
  ['allowed', 'Allowed'],
  ['held', 'Held'],
  ['denied', 'Refused'],
];

export type VolumeProps = PartProps & { readonly what: 'agent' | 'rule'; readonly title: string };

export function VolumeOf({ what, title, data, span }: VolumeProps) {
  const rows = byName(what === 'agent' ? data.volume.agents : data.volume.rules);
  if (rows.length === 0) return null;
  const most = Math.max(1, ...rows.map(({ all }) => all));
  const within = { from: String(span.from), to: String(span.to) };
  return (
    <Section
      title={title}
      aside={what === 'rule' ? 'A call that several rules decided counts under each' : undefined}
    >
      <Table<NamedCounts>
        label={`Calls ${title.toLowerCase()}`}
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            id: 'name',
            head: what === 'agent' ? 'Agent' : 'Rule',
            width: '30%',
            cell: ({ name }) => (
              <Link to="/history" search={{ [what]: name, ...within }}>
                <Shown text={name} />
              </Link>
            ),
          },
          {
            id: 'bar',
            head: <span className="sr-only">As a bar</span>,
            wideOnly: true,
            cell: (row) => <Bar row={row} most={most} />,
          },
          ...COLUMNS.map(([id, head]) => ({
            id,
            head: <Headed id={id} head={head} />,
            align: 'end' as const,
            width: '88px',
            cell: (row: NamedCounts) =>
              row[id] === 0 ? (
                <span className={styles['zero']}>0</span>
              ) : (
                <Link to="/history" search={{ [what]: row.name, decision: id, ...within }}>
                  {count(row[id])}
                </Link>
              ),
          })),
        ]}
      />
    </Section>
  );
}

/** The key to the bars stands where the numbers do. */
const Headed = ({ id, head }: { readonly id: Counted; readonly head: string }) => (
  <>
    <svg viewBox="0 0 8 8" width="8" height="8" aria-hidden="true" className={styles['key']}>
      <rect width="8" height="8" className={styles[id]} />
    </svg>
    {head}
  </>
);

function Bar({ row, most }: { readonly row: NamedCounts; readonly most: number }) {
  let from = 0;
  return (
    <svg viewBox={`0 0 ${most} 10`} preserveAspectRatio="none" className={styles['bar']} aria-hidden="true">
      {COLUMNS.map(([id]) => {
        const x = from;
        from += row[id];
        return <rect key={id} x={x} y={0} width={row[id]} height={10} className={styles[id]} />;
      })}
    </svg>
  );
}
