/** Alike changes together: whose calls, from which decision to which, how often, and the newest to look at. */
import type { PolicySimulation, SimulatedChange, SimulatedDecision } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Section, Soft } from '../../../kit/layout.tsx';
import { Mark, type MarkProps } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { counted } from '../../../words/size.ts';
import { RISK_WORDS } from '../../../words/states.ts';
import { EFFECTS, UNKNOWN } from '../effects.ts';
import styles from './tried.module.css';

const TITLES: readonly (readonly [SimulatedChange['direction'], string])[] = [
  ['looser', 'Would have been looser'],
  ['different', 'Would have been put to other people, or masked otherwise'],
  ['stricter', 'Would have been stricter'],
];

export function Changes({ found: { changes, changes_left_out } }: { readonly found: PolicySimulation }) {
  return (
    <>
      {TITLES.map(([direction, title]) => {
        const those = changes.filter((change) => change.direction === direction);
        return those.length === 0 ? null : (
          <Section key={direction} title={title}>
            <ul>
              {those.map((change) => (
                <Change key={keyOf(change)} change={change} />
              ))}
            </ul>
          </Section>
        );
      })}
      {changes_left_out === 0 ? null : <Soft>{counted(changes_left_out, 'more kind')} of change</Soft>}
    </>
  );
}

const keyOf = ({ agent, upstream, action, resource, what, from, to }: SimulatedChange): string =>
  JSON.stringify([agent, upstream, action, resource, what, from, to]);

function Change({ change }: { readonly change: SimulatedChange }) {
  const { agent, upstream, resource, from, to, count, examples } = change;
  return (
    <li className={styles['change']}>
      <div className={styles['what']}>
        <span>
          <strong>
            <Shown text={resource} />
          </strong>{' '}
          on <Shown text={upstream} />
        </span>
        <Soft>
          <Shown text={agent} />, {counted(count, 'time')}
        </Soft>
      </div>
      <div className={styles['decisions']}>
        <Decision decision={from} rules={examples[0]?.from_rules ?? []} />
        <span aria-hidden="true">→</span>
        <span className="sr-only">would be</span>
        <Decision decision={to} rules={examples[0]?.to_rules ?? []} />
      </div>
      <ul className={styles['examples']} aria-label="The newest of them">
        {examples.map(({ event_id, occurred_at, request_id }) => (
          <li key={event_id}>
            {request_id === undefined ? (
              <Link to="/audit/$event" params={{ event: event_id }}>
                <When at={occurred_at} />
              </Link>
            ) : (
              <Link to="/requests/$id" params={{ id: request_id }}>
                <When at={occurred_at} />
              </Link>
            )}
          </li>
        ))}
      </ul>
    </li>
  );
}

type DecisionProps = { readonly decision: SimulatedDecision; readonly rules: readonly string[] };

function Decision({ decision: { effect, risk, requirement, obligations }, rules }: DecisionProps) {
  const mark: Pick<MarkProps, 'tone' | 'shape' | 'children'> = EFFECTS[effect] ?? UNKNOWN;
  const people = requirement?.seats.map(({ by, count }) => (count === 1 ? by : `${count} of ${by}`)) ?? [];
  return (
    <span className={styles['decision']}>
      <Mark {...mark} />
      {risk === undefined || risk === 'low' ? null : <Soft>{RISK_WORDS[risk].word}</Soft>}
      {people.length === 0 ? null : (
        <Soft>
          <Shown text={people.join(', ')} />
        </Soft>
      )}
      {obligations?.map(({ type }) => (
        <Soft key={type}>
          <Shown text={type} />
        </Soft>
      ))}
      <code>
        <Shown text={rules.join(', ') || 'no rule'} />
      </code>
    </span>
  );
}
