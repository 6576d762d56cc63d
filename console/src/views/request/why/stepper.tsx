/** Who is asked, in order, and who has answered. */
import { NO_LONGER } from '@countersign/core';
import type { RequestDetail, ShownReview } from '@countersign/sdk';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { type Step, stepsOf } from './seats.ts';
import styles from './why.module.css';

const STATES = {
  done: { tone: 'green', shape: 'tick', word: 'done' },
  now: { tone: 'amber', shape: 'half', word: 'asked now' },
  later: { tone: 'soft', shape: 'ring', word: 'not yet' },
} as const;

export function Stepper({ detail }: { readonly detail: RequestDetail }) {
  const { reviews, quorum } = detail;
  const steps = stepsOf(detail);
  return (
    <section aria-label="Who answers" className={styles['seats']}>
      <h2 className={styles['title']}>
        Who answers
        <span>
          {quorum.filled} of {quorum.needed}
        </span>
      </h2>
      <ol className={styles['steps']}>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a stage's number is its name.
          <li key={at}>
            <OneStep step={step} stage={steps.length > 1 ? at + 1 : undefined} />
          </li>
        ))}
      </ol>
      <Able detail={detail} />
      {reviews.length === 0 ? null : (
        <ul className={styles['reviews']}>
          {reviews.map((review) => (
            <li key={`${review.reviewer} ${review.reviewed_at}`}>
              <Review review={review} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Whom to wake: who could answer it now, as the gateway says. */
function Able({ detail: { may_answer } }: { readonly detail: RequestDetail }) {
  if (may_answer === undefined) return null;
  const { people, more } = may_answer;
  if (people.length === 0 && !more)
    return (
      <p className={styles['nobody']}>Nobody can answer it now: it waits until somebody can, or runs out.</p>
    );
  return (
    <p className={styles['soft']}>
      Can answer now: <Shown text={people.map(({ name }) => name).join(', ')} />
      {more ? ' and others' : ''}
    </p>
  );
}

function OneStep({ step, stage }: { readonly step: Step; readonly stage: number | undefined }) {
  const { tone, shape, word } = STATES[step.state];
  return (
    <Mark tone={tone} shape={shape}>
      <span className="sr-only">{word}: </span>
      <span className={styles['asks']}>
        {stage === undefined ? '' : `${stage}. `}
        {step.asks.map((ask) => (
          <span key={ask}>
            <Shown text={ask} />
          </span>
        ))}
      </span>
    </Mark>
  );
}

export function Review({ review }: { readonly review: ShownReview }) {
  const { name, decision, reason, reviewed_at, signed, relayed, counts, why_not, for: absent } = review;
  const yes = decision === 'approved';
  return (
    <>
      <Mark tone={counts ? (yes ? 'green' : 'red') : 'soft'} shape={yes ? 'tick' : 'cross'}>
        <span>
          <Shown text={name} /> {yes ? 'approved' : 'denied'}
        </span>
      </Mark>{' '}
      <span className={styles['soft']}>
        <When at={reviewed_at} />
        {signed === true ? ', signed' : ''}
        {relayed === undefined ? null : <Relayed {...relayed} />}
        {absent === undefined ? null : ', for '}
        {absent === undefined ? null : <Shown text={absent.join(', ')} />}
      </span>
      {counts ? null : (
        <p className={styles['soft']}>No longer counts: {NO_LONGER[why_not ?? 'inactive']}.</p>
      )}
      {reason === undefined ? null : (
        <blockquote className={styles['reason']}>
          <Shown text={reason} />
        </blockquote>
      )}
    </>
  );
}

/** The answer is the person's own; a ticket system handed it over. */
function Relayed({ by, proof }: NonNullable<ShownReview['relayed']>) {
  return (
    <>
      , relayed by <Shown text={by} />, {proof === 'passkey' ? 'passkey' : 'OpenID Connect proof'}
    </>
  );
}
