/** What the trial does not say, said: what could not be replayed and why, and where it stopped. */
import { NOT_REPLAYED, type PolicySimulation } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Section, Soft } from '../../../kit/layout.tsx';
import { Note } from '../../../kit/said.tsx';
import { Exactly } from '../../../kit/time.tsx';
import { count, counted } from '../../../words/size.ts';
import styles from './tried.module.css';

export function Untold({ found }: { readonly found: PolicySimulation }) {
  const { not_replayed, reached, stopped, replayed_partly, decided_otherwise_then } = found;
  const partly = replayed_partly > 0 || decided_otherwise_then > 0;
  if (not_replayed.length === 0 && stopped === undefined && !partly) return null;
  return (
    <Section title="What this does not tell">
      {stopped === undefined ? null : (
        <Note tone="amber" title="Not everything was looked at">
          <p>
            {stopped === 'time' ? 'It took too long' : 'There was too much'}
            {reached === undefined ? '.' : ': nothing before '}
            {reached === undefined ? null : <Exactly at={reached} />}
          </p>
        </Note>
      )}
      <ul className={styles['untold']}>
        {not_replayed.map(({ why, count: n, examples }) => (
          <li key={why}>
            <strong>{count(n)}</strong> <span>{NOT_REPLAYED[why]}</span>{' '}
            {examples[0] === undefined ? null : (
              <Link to="/audit/$event" params={{ event: examples[0] }}>
                the newest
              </Link>
            )}
          </li>
        ))}
        {replayed_partly === 0 ? null : (
          <li>
            <Soft>
              Of {counted(replayed_partly, 'decision')} the arguments were not kept; both policies have one
              answer whatever they were.
            </Soft>
          </li>
        )}
        {decided_otherwise_then === 0 ? null : (
          <li>
            <Soft>
              {counted(decided_otherwise_then, 'decision')} fell under an earlier policy, and would be another
              already under the one in force.
            </Soft>
          </li>
        )}
      </ul>
    </Section>
  );
}
