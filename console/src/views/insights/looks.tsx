/** Single calls that deserve a second look: those nobody answered, and those that nearly ran. */
import type { Call, NearMiss } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Section } from '../../kit/layout.tsx';
import { Mark, type Shape, type Tone } from '../../kit/mark.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { CallSentence } from '../history/call/sentence.tsx';
import styles from './insights.module.css';
import type { PartProps } from './part.ts';

export function Unanswered({ data: { unanswered, asked }, span }: PartProps) {
  const within = { from: String(span.from), to: String(span.to), outcome: 'expired' };
  return (
    <Section
      title="Nobody answered"
      aside={
        asked.expired > unanswered.length ? (
          <Link to="/history" search={within}>
            All of them
          </Link>
        ) : undefined
      }
    >
      {unanswered.length === 0 ? (
        <p className={styles['soft']}>Every request was answered while it could be.</p>
      ) : (
        <ul className={styles['looks']}>
          {unanswered.map((call) => (
            <li key={call.id}>
              <Look call={call}>
                <Mark tone="soft" shape="dash">
                  Expired
                </Mark>
              </Look>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const MISSES: {
  readonly [K in NearMiss['kind']]: { readonly word: string; readonly tone: Tone; readonly shape: Shape };
} = {
  denied: { word: 'Denied', tone: 'red', shape: 'cross' },
  cancelled: { word: 'Withdrawn', tone: 'soft', shape: 'dash' },
  changed: { word: 'Approved in another form', tone: 'blue', shape: 'half' },
};

export function NearMisses({ data: { near_misses } }: PartProps) {
  return (
    <Section title="Near misses" aside="Held, and then not run as they were asked">
      {near_misses.length === 0 ? (
        <p className={styles['soft']}>None: what was held was also approved.</p>
      ) : (
        <ul className={styles['looks']}>
          {near_misses.map(({ kind, call, then }) => {
            const { word, tone, shape } = MISSES[kind];
            return (
              <li key={call.id}>
                <Look call={call}>
                  <Mark tone={tone} shape={shape}>
                    {word}
                  </Mark>
                </Look>
                {then === undefined ? null : (
                  <p className={styles['then']}>
                    Then:{' '}
                    <Link to="/history/$call" params={{ call: then.id }}>
                      <CallSentence call={then} />
                    </Link>
                  </p>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

function Look({ call, children }: { readonly call: Call; readonly children: ReactNode }) {
  return (
    <div className={styles['look']}>
      <span>
        <Link to="/history/$call" params={{ call: call.id }}>
          <CallSentence call={call} />
        </Link>
        <span className={styles['soft']}>
          {' '}
          <Shown text={call.agent} />, <When at={call.at} />
        </span>
      </span>
      {children}
    </div>
  );
}
