/** After one’s answer: what happens now, and what waits next. */
import type { RequestDetail } from '@countersign/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { waitingQuery } from '../../../data/requests.ts';
import { Key, useKeys } from '../../../kit/key.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Marked } from '../../../kit/shown.tsx';
import { afterwards } from './afterwards.ts';
import styles from './answer.module.css';
import type { Given } from './props.ts';

type AnsweredProps = { readonly given: Given; readonly detail: Pick<RequestDetail, 'id' | 'executions'> };

export function Answered({ given, detail: { id, executions } }: AnsweredProps) {
  const yes = given.decision === 'approved';
  return (
    <div className={styles['said']} role="status">
      <Mark tone={yes ? 'green' : 'red'} shape={yes ? 'tick' : 'cross'}>
        {yes ? 'You approved' : 'You denied'}
      </Mark>
      <p>{afterwards({ given, executions })}</p>
      <Next id={id} />
    </div>
  );
}

/** The most urgent of what else waits for this person. */
export function Next({ id }: { readonly id: string }) {
  const { data } = useInfiniteQuery(waitingQuery());
  const navigate = useNavigate();
  const next = data?.pages.flatMap(({ items }) => items).find((item) => item.id !== id);
  useKeys({
    n: next === undefined ? undefined : () => void navigate({ to: '/requests/$id', params: { id: next.id } }),
  });
  if (next === undefined)
    return (
      <p>
        <Link to="/">Back to the inbox</Link>: nothing else waits for you.
      </p>
    );
  return (
    <p className={styles['next']}>
      <Link to="/requests/$id" params={{ id: next.id }}>
        Next: <Marked text={next.sentence} />
      </Link>{' '}
      <Key>n</Key>
    </p>
  );
}
