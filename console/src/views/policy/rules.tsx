/** Every rule in force: what it says, and how often it decided. A rule that never decides is asked about. */
import type { RuleCoverage } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { coverageQuery, policyQuery } from '../../data/policy.ts';
import { type Column, Table } from '../../kit/data/table.tsx';
import { Checkbox } from '../../kit/form/field.tsx';
import { Select } from '../../kit/form/select.tsx';
import { Row, Section, Soft } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { count } from '../../words/size.ts';
import { EFFECTS, UNKNOWN } from './effects.ts';
import styles from './policy.module.css';
import { SPANS, sinceOf } from './spans.ts';

const route = getRouteApi('/signed-in/policy/');

type Counted = RuleCoverage & { readonly about: string; readonly hits: number; readonly share: number };

export function RulesView() {
  const { span = 'month', only } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: policy } = useSuspenseQuery(policyQuery);
  const { data: coverage } = useSuspenseQuery(coverageQuery(sinceOf(span)));
  const abouts = new Map(policy.rules.map(({ id, about }) => [id, about]));
  const most = Math.max(1, ...coverage.rules.map(hitsOf));
  const rows = coverage.rules
    .map((rule): Counted => {
      const hits = hitsOf(rule);
      return { ...rule, about: abouts.get(rule.rule) ?? '', hits, share: hits / most };
    })
    .filter(({ last_hit }) => only === undefined || last_hit === undefined);
  return (
    <>
      <div className={styles['bar']}>
        <Checkbox
          isSelected={only === 'never'}
          onChange={(never) =>
            void navigate({ search: never ? { span, only: 'never' } : { span }, replace: true })
          }
        >
          Only rules that never decided
        </Checkbox>
        <Row>
          {coverage.complete ? null : <Soft>The log is still being counted</Soft>}
          <Select
            label="Counted over"
            quiet
            choices={SPANS}
            value={span}
            onChange={(chosen) =>
              void navigate({ search: (now) => ({ ...now, span: chosen }), replace: true })
            }
          />
        </Row>
      </div>
      <Table
        label="Rules"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ rule }) => rule}
        empty={<Empty title="Every rule has decided something" />}
      />
      {coverage.others.length === 0 ? null : (
        <Section
          title="Decided in this time, and not in force now"
          aside="taken out since, or the gateway’s own"
        >
          <Table
            label="Rules not in force"
            columns={OTHERS}
            rows={coverage.others}
            keyOf={({ rule }) => rule}
          />
        </Section>
      )}
    </>
  );
}

type Counts = Pick<RuleCoverage, 'allowed' | 'asked' | 'refused'>;
/** A held call is one decision, however it ended; `reviewed` counts its run again. */
const hitsOf = ({ allowed, asked, refused }: Counts): number => allowed + asked + refused;

const COLUMNS: readonly Column<Counted>[] = [
  {
    id: 'then',
    head: 'Effect',
    width: '104px',
    cell: ({ then }) => <Mark {...(EFFECTS[then] ?? UNKNOWN)} />,
  },
  {
    id: 'rule',
    head: 'Rule',
    cell: ({ rule, about, file, line, dry_run }) => (
      <span className={styles['rule']}>
        <Link to="/policy/draft" search={{ file, line }} className={styles['id']}>
          <Shown text={rule} />
        </Link>
        <span className={styles['about']}>
          <Shown text={about} />
        </span>
        {dry_run ? <Soft>Dry-run: recorded, never counted</Soft> : null}
      </span>
    ),
  },
  {
    id: 'where',
    head: 'Written in',
    width: '200px',
    wideOnly: true,
    cell: ({ file, line }) => (
      <code>
        <Shown text={file} />:{line}
      </code>
    ),
  },
  {
    id: 'hits',
    head: 'Decided',
    width: '200px',
    cell: ({ hits, share }) => (
      <span className={styles['hits']}>
        <span className={styles['track']} aria-hidden="true">
          <span style={{ width: `${Math.ceil(share * 100)}%` }} />
        </span>
        <span>{hits === 0 ? <Soft>0</Soft> : count(hits)}</span>
      </span>
    ),
  },
  {
    id: 'last',
    head: 'Last',
    width: '120px',
    wideOnly: true,
    cell: ({ last_hit }) =>
      last_hit === undefined ? (
        <Mark tone="violet" shape="dash">
          never
        </Mark>
      ) : (
        <When at={last_hit} />
      ),
  },
];

type Other = Pick<RuleCoverage, 'rule' | 'last_hit'> & Counts;
const OTHERS: readonly Column<Other>[] = [
  { id: 'rule', head: 'Rule', cell: ({ rule }) => <Shown text={rule} mono /> },
  { id: 'hits', head: 'Decided', width: '120px', cell: (row) => count(hitsOf(row)) },
  {
    id: 'last',
    head: 'Last',
    width: '120px',
    cell: ({ last_hit }) => (last_hit === undefined ? null : <When at={last_hit} />),
  },
];
