/** One line on the whole log: how large, signed by whom, and whether it still continues what this browser saw. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { wordsOf } from '../../data/gate.ts';
import { canVerify, type LogState, logStateQuery } from '../../data/log/state.ts';
import { Mark } from '../../kit/mark.tsx';
import { Note } from '../../kit/said.tsx';
import { count, counted } from '../../words/size.ts';
import styles from './audit.module.css';
import { type Verdict, verdictOf } from './verdict.ts';

export function StateLine() {
  const { data: state, error } = useQuery({ ...logStateQuery, enabled: canVerify() });
  if (!canVerify())
    return (
      <p className={styles['state']}>
        <Mark tone="violet" shape="diamond">
          Not checked
        </Mark>
        This page did not come over https, so the browser gives it no cryptography to check the log with.
      </p>
    );
  if (error !== null)
    return (
      <p className={styles['state']}>
        <Mark tone="violet" shape="diamond">
          Not checked
        </Mark>
        {wordsOf(error)}
      </p>
    );
  return <Line {...(state === undefined ? {} : { state })} />;
}

function Line({ state }: { readonly state?: LogState }) {
  if (state === undefined)
    return (
      <p className={styles['state']} role="status">
        Checking the newest checkpoint …
      </p>
    );
  const verdict = verdictOf(state);
  if (verdict.kind === 'alarm') return <Alarm verdict={verdict} />;
  const size = state.head.ok ? state.head.head.checkpoint.size : 0;
  return (
    <p className={styles['state']}>
      <Mark tone="green" shape="tick">
        Checked in this browser
      </Mark>
      <span>
        {counted(size, 'entry', 'entries')} under one signature.{' '}
        {state.past.kind === 'continues'
          ? `The ${count(state.past.from)} seen here before are all still there.`
          : 'First visit: nothing older to compare with.'}{' '}
        {state.trust.from === 'pinned' ? null : (
          <>
            The key came from this gateway. <Link to="/audit/checkpoint">Pin the right one</Link>
          </>
        )}
      </span>
    </p>
  );
}

export function Alarm({ verdict }: { readonly verdict: Extract<Verdict, { kind: 'alarm' }> }) {
  return (
    <Note tone="red" title={verdict.title} live="alert">
      <p>{verdict.what}</p>
      <p>
        {verdict.then} <Link to="/audit/checkpoint">What this browser holds</Link>
      </p>
    </Note>
  );
}
