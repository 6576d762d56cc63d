/** Where there is nothing to answer: over, run out, or not theirs; each says why, and what was being written is not lost. */
import { visible } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';
import { Link, useLocation } from '@tanstack/react-router';
import { CopyButton } from '../../../kit/data/copy.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { REQUEST_WORDS } from '../../../words/states.ts';
import styles from './answer.module.css';
import { Next } from './answered.tsx';

export function Over({ detail, draft }: { readonly detail: RequestDetail; readonly draft: string }) {
  const { word, tone, shape } = REQUEST_WORDS[detail.status];
  return (
    <div className={styles['said']} role="status">
      <Mark tone={tone} shape={shape}>
        {word}
        {detail.resolved_at === undefined ? null : (
          <span className={styles['soft']}>
            <When at={detail.resolved_at} />
          </span>
        )}
      </Mark>
      <p>{endWords(detail)}</p>
      <Unsent draft={draft} />
      <Next id={detail.id} />
    </div>
  );
}

function endWords({ status, broken_glass, reviews, refused_by }: RequestDetail): string {
  const no = reviews.find(({ decision }) => decision === 'denied');
  switch (status) {
    case 'approved':
      return broken_glass === undefined
        ? 'Enough people agreed.'
        : 'One person let it through in an emergency, without the others.';
    case 'denied':
      if (refused_by !== undefined)
        return `The ticket system ${visible(refused_by).text} refused it. It will not run.`;
      return no === undefined ? 'It will not run.' : 'One no is enough. It will not run.';
    case 'expired':
      return 'Nobody answered in time. Silence is no: nothing ran.';
    case 'cancelled':
      return 'It was taken back before anybody decided. Nothing ran.';
    case 'failed':
      return 'It could not go on. Nothing ran.';
    case 'pending':
      return '';
  }
}

export function Expired({ draft, id }: { readonly draft: string; readonly id: string }) {
  return (
    <div className={styles['said']} role="status">
      <Mark tone="soft" shape="dash">
        Time is up
      </Mark>
      <p>It ran out before enough people answered. Silence is no: nothing runs.</p>
      <Unsent draft={draft} />
      <Next id={id} />
    </div>
  );
}

export type BarredProps = {
  readonly why: string;
  readonly answered: boolean;
  readonly id: string;
  readonly draft: string;
};

export function Barred({ why, answered, id, draft }: BarredProps) {
  return (
    <div className={styles['said']}>
      <p className={styles['lead']}>{answered ? 'You have answered' : 'Not yours to answer'}</p>
      <p>{answered ? 'Your first answer stands.' : `You may not review this: ${why}.`}</p>
      <Unsent draft={draft} />
      {answered ? <Next id={id} /> : <AsSomebodyElse />}
    </div>
  );
}

/** A link sent to one person is opened in the browser of another, or of the same one's other account. */
function AsSomebodyElse() {
  const to = useLocation({ select: ({ href }) => href });
  return (
    <p className={styles['soft']}>
      Not you?{' '}
      <Link to="/sign-in" search={{ to, other: '1' }}>
        Sign in as somebody else
      </Link>
    </p>
  );
}

function Unsent({ draft }: { readonly draft: string }) {
  if (draft.trim() === '') return null;
  return (
    <div className={styles['unsent']}>
      <p className={styles['soft']}>Your reason was not sent:</p>
      <blockquote>
        <Shown text={draft} /> <CopyButton text={draft} what="your reason" />
      </blockquote>
    </div>
  );
}
