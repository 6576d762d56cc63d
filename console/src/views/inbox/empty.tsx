/** When nothing waits: that all is well, what the day came to, and where to begin where there was no day yet. */
import type { Today } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentsQuery } from '../../data/directory.ts';
import { anyQuery, todayQuery } from '../../data/requests.ts';
import { Listed } from '../../kit/listed.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { count, counted } from '../../words/size.ts';
import { span } from '../../words/time.ts';
import styles from './inbox.module.css';

export function AllIsWell({ all }: { readonly all: boolean }) {
  const { data: today } = useQuery(todayQuery);
  const { data: any } = useQuery(anyQuery);
  const { data: agents = [] } = useQuery(agentsQuery);
  const paused = agents.flatMap(({ id, paused }) => (paused === undefined ? [] : [id]));
  const others = today === undefined ? 0 : today.waiting.all;
  return (
    <>
      <Empty
        title={
          paused.length === 0
            ? 'All is well'
            : `Nothing waits${all ? '' : ' for you'}, and not every agent may ask`
        }
        mark={
          <Mark
            {...(paused.length === 0 ? { tone: 'green', shape: 'tick' } : { tone: 'red', shape: 'cross' })}
          >
            {paused.length === 0
              ? `Nothing waits ${all ? 'for anybody' : 'for you'}`
              : counted(paused.length, 'agent is paused', 'agents are paused')}
          </Mark>
        }
      >
        <PausedAgents ids={paused} />
        {!all && others > 0 ? (
          <p>
            <Link to="/" search={{ all: true }}>
              {others === 1 ? '1 request waits' : `${count(others)} requests wait`} for somebody else
            </Link>
            .
          </p>
        ) : null}
        {any === false ? (
          <p>
            Nothing has ever been asked here. <Link to="/start">Connect a first agent</Link>: it takes three
            minutes.
          </p>
        ) : null}
      </Empty>
      {today === undefined ? null : <Numbers today={today} />}
    </>
  );
}

const NAMED_MAX = 5;

function PausedAgents({ ids }: { readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  const more = ids.length - NAMED_MAX;
  return (
    <p>
      Nothing of{' '}
      <Listed of={ids.slice(0, NAMED_MAX)}>
        {(agent) => (
          <Link to="/agents/$agent" params={{ agent }}>
            <Shown text={agent} />
          </Link>
        )}
      </Listed>
      {more > 0 ? ` and ${count(more)} more` : ''} runs, and none of it is asked for, until somebody resumes{' '}
      {ids.length === 1 ? 'it' : 'them'}.
    </p>
  );
}

function Numbers({ today: { calls, requests, median_ms, my_reviews } }: { readonly today: Today }) {
  const numbers: readonly (readonly [string, string])[] = [
    ['Ran at once', `${count(calls.allowed)}${calls.more ? '+' : ''}`],
    ['Held for people', count(calls.held)],
    ['Refused by policy', count(calls.denied)],
    ...some('Refused: agent paused', calls.paused),
    ...some('Refused: nobody to ask', calls.unasked),
    ['Approved by people', count(requests.approved)],
    ['Denied by people', count(requests.denied)],
    ['Nobody answered', count(requests.expired)],
    [
      'Time to decide, median',
      median_ms === undefined ? '–' : median_ms < 1000 ? 'under 1 s' : span(median_ms),
    ],
    ['Answered by you', count(my_reviews)],
  ];
  return (
    <section aria-label="Today" className={styles['today']}>
      <h2>Today</h2>
      <dl>
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** What is not of every day is told when it is of this one. */
const some = (name: string, n: number): readonly (readonly [string, string])[] =>
  n === 0 ? [] : [[name, count(n)]];

export const NothingMatches = () => (
  <Empty title="Nothing that waits matches">
    <Link to="/" search={({ all }) => ({ all })}>
      Show all that waits
    </Link>
  </Empty>
);
