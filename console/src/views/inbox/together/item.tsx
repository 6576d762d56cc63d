/** One of several, in full: what would run, what the agent says, and whether it is among those answered. */

import { INELIGIBLE } from '@countersign/core';
import type { RequestDetail, ReviewsResult } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { drawAction } from '../../../data/shown-action.ts';
import { Checkbox } from '../../../kit/form/field.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Marked, Shown } from '../../../kit/shown.tsx';
import { Left } from '../../../kit/time.tsx';
import { REQUEST_WORDS, RISK_WORDS } from '../../../words/states.ts';
import { Action } from '../../request/action/action.tsx';
import { useSeen } from '../../request/answer/seen.ts';
import { Claim } from '../../request/why/claim.tsx';
import styles from './together.module.css';

export type ItemProps = {
  readonly detail: RequestDetail;
  readonly number: number;
  readonly chosen: boolean;
  readonly onChosen: (chosen: boolean) => void;
  /** Its last line has been on the screen. */
  readonly onSeen: () => void;
  readonly result: ReviewsResult['results'][number] | undefined;
};

export function Item({ detail, number, chosen, onChosen, onSeen, result }: ItemProps) {
  const { id, sentence, risk, status, expires_at, eligibility, claim, rendered_digest } = detail;
  const drawn = useMemo(() => drawAction(detail), [detail]);
  const [seen, end] = useSeen(rendered_digest);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once, when it has been seen.
  useEffect(() => {
    if (seen) onSeen();
  }, [seen, rendered_digest]);
  const state = status === 'pending' ? RISK_WORDS[risk] : REQUEST_WORDS[status];
  return (
    <article
      className={styles['item']}
      aria-labelledby={`item-${number}`}
      data-out={chosen ? undefined : true}
    >
      <header className={styles['head']}>
        <Mark tone={state.tone} shape={state.shape}>
          {state.word}
        </Mark>
        {status === 'pending' ? <Left until={expires_at} over="Time is up" /> : null}
        <Link to="/requests/$id" params={{ id }}>
          Open by itself
        </Link>
      </header>
      <h2 id={`item-${number}`}>
        {number}. <Marked text={sentence} />
      </h2>
      <Action detail={detail} drawn={drawn} end={end} />
      {claim === undefined ? null : <Claim text={claim} />}
      {drawn.blocked === undefined ? null : (
        <p className={styles['off']}>It cannot be approved from here. {drawn.blocked}</p>
      )}
      {result !== undefined ? (
        <Result result={result} />
      ) : status !== 'pending' ? null : eligibility.eligible ? (
        <Checkbox isSelected={chosen} onChange={onChosen}>
          Answer this one too
        </Checkbox>
      ) : (
        <p className={styles['off']}>You may not review this: {INELIGIBLE[eligibility.why]}.</p>
      )}
    </article>
  );
}

function Result({ result }: { readonly result: NonNullable<ItemProps['result']> }) {
  if (!result.recorded)
    return (
      <p role="alert">
        <Mark tone="red" shape="cross">
          Not taken
        </Mark>{' '}
        <Shown text={result.message} />
      </p>
    );
  const { word, tone, shape } = REQUEST_WORDS[result.status];
  const { filled, needed } = result.quorum;
  return (
    <p role="status">
      <Mark tone={tone} shape={shape}>
        {result.status === 'pending' ? `Recorded: ${filled} of ${needed} so far` : word}
      </Mark>
    </p>
  );
}
