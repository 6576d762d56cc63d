/** What would happen, how grave it is, how long is left: the largest things on the page; then who, for whom, and where. */
import type { RequestDetail } from '@countersign/sdk';
import { useRef } from 'react';
import { Mark } from '../../kit/mark.tsx';
import { Marked, Shown } from '../../kit/shown.tsx';
import { Left, When } from '../../kit/time.tsx';
import { useTitle } from '../../kit/title.ts';
import { REQUEST_WORDS, RISK_WORDS } from '../../words/states.ts';
import styles from './request.module.css';
import { throughWords } from './through.ts';

export function Head({ detail }: { readonly detail: RequestDetail }) {
  const { risk, status, sentence, expires_at, resolved_at } = detail;
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(heading);
  const [danger, state] = [RISK_WORDS[risk], REQUEST_WORDS[status]];
  return (
    <header className={styles['head']}>
      <div className={styles['top']}>
        <Mark tone={danger.tone} shape={danger.shape} strong>
          {danger.word}
        </Mark>
        {detail.broken_glass === undefined ? (
          <Mark tone={state.tone} shape={state.shape}>
            {state.word}
          </Mark>
        ) : (
          <Mark tone="red" shape="diamond" strong>
            Glass broken
          </Mark>
        )}
        {status === 'pending' ? (
          <span className={styles['left']}>
            <Left until={expires_at} over="Time is up" /> <span className={styles['soft']}>left</span>
          </span>
        ) : (
          <span className={styles['soft']}>
            <When at={resolved_at ?? expires_at} />
          </span>
        )}
      </div>
      <h1 ref={heading} className={styles['sentence']}>
        <Marked text={sentence} />
      </h1>
      <Who detail={detail} />
    </header>
  );
}

function Who({ detail }: { readonly detail: RequestDetail }) {
  const { agent, subject, owner, team, upstream, env, opened_at, principal } = detail;
  const through = throughWords(principal.act, agent);
  const operation = agent === 'countersign:operations';
  return (
    <p className={styles['who']}>
      {operation ? (
        <span>
          {subject === 'countersign:files' ? 'Changed in its files' : 'Asked by '}
          {subject === 'countersign:files' ? null : <Shown text={subject} />}
        </span>
      ) : (
        <>
          <span>
            <strong>
              <Shown text={agent} />
            </strong>
            {team === null ? '' : ' of '}
            {team === null ? null : <Shown text={team} />}
          </span>
          {subject === agent ? null : (
            <span>
              for <Shown text={subject} />
            </span>
          )}
          {through === undefined ? null : (
            <span>
              through <Shown text={through} />
            </span>
          )}
          <span>
            {owner === null ? 'owned by nobody' : 'owned by '}
            {owner === null ? null : <Shown text={owner} />}
          </span>
        </>
      )}
      <span>
        on <Shown text={upstream} /> (<Shown text={env} />)
      </span>
      <span>
        asked <When at={opened_at} />
      </span>
    </p>
  );
}
