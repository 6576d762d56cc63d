/** Approvals given sooner than what was shown can be read, and those of people who were never shown it here. */
import type { FastReview, Reading as ReadingOf } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Table } from '../../kit/data/table.tsx';
import { Section } from '../../kit/layout.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { count, counted } from '../../words/size.ts';
import { took } from '../../words/time.ts';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';
import { percent } from './span.ts';

export function Reading({ data: { reading }, span }: PartProps) {
  const { assumed, of, reviewers, fastest } = reading;
  const within = { from: String(span.from), to: String(span.to) };
  if (reviewers.length === 0 && reading.all === undefined) return null;
  return (
    <Section title="Faster than anyone can read">
      <p className={styles['lead']}>
        From the moment a request was first shown to somebody until they approved it. Assumed: nobody reads
        more than {count(assumed.characters_per_s)} characters a second, and nobody decides in less than{' '}
        {took(assumed.at_least_ms)}.
        {of === 'you' ? ' Operators and auditors see each person; you see yourself.' : null}
      </p>
      {reading.all === undefined ? null : <Together all={reading.all} />}
      <Table<ReadingOf>
        label="Approvals by reviewer"
        rows={reviewers}
        keyOf={({ reviewer }) => reviewer}
        empty={<p className={styles['soft']}>You approved nothing in this time.</p>}
        columns={[
          {
            id: 'reviewer',
            head: 'Reviewer',
            cell: ({ reviewer }) => (
              <Link to="/history" search={{ reviewer, ...within }}>
                <Shown text={reviewer} />
              </Link>
            ),
          },
          { id: 'approvals', head: 'Approvals', align: 'end', cell: ({ approvals }) => count(approvals) },
          {
            id: 'fast',
            head: 'Too fast to have read',
            align: 'end',
            cell: ({ fast, approvals }) => (
              <>
                {count(fast)}
                {fast === 0 ? null : <span className={styles['soft']}> · {percent(fast / approvals)}</span>}
              </>
            ),
          },
          {
            id: 'unseen',
            head: 'Never shown here',
            align: 'end',
            wideOnly: true,
            cell: ({ unseen }) => count(unseen),
          },
        ]}
      />
      {fastest.length === 0 ? null : (
        <details className={styles['more']}>
          <summary>The fastest {counted(fastest.length, 'approval')}</summary>
          <Table<FastReview>
            label="The fastest approvals"
            rows={fastest}
            keyOf={({ request_id, reviewer }) => `${request_id} ${reviewer}`}
            columns={[
              {
                id: 'request',
                head: 'Request',
                cell: ({ request_id, characters }) => (
                  <Link to="/requests/$id" params={{ id: request_id }}>
                    {counted(characters, 'character')} shown
                  </Link>
                ),
              },
              { id: 'reviewer', head: 'Reviewer', cell: ({ reviewer }) => <Shown text={reviewer} /> },
              { id: 'took', head: 'Approved after', align: 'end', cell: ({ took_ms }) => took(took_ms) },
              {
                id: 'when',
                head: 'When',
                align: 'end',
                wideOnly: true,
                cell: ({ reviewed_at }) => <When at={reviewed_at} />,
              },
            ]}
          />
        </details>
      )}
    </Section>
  );
}

function Together({ all }: Required<Pick<PartProps['data']['reading'], 'all'>>) {
  const people = all.reviewers === 1 ? 'one person' : `${count(all.reviewers)} people`;
  return (
    <p>
      {counted(all.approvals, 'approval')} by {people}: {count(all.fast)} too fast to have been read
      {all.unseen === 0 ? '' : `, ${count(all.unseen)} never shown here`}.
    </p>
  );
}
