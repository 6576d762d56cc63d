/** When nothing waits: that all is well, what the day came to, and where to begin where there was no day yet. */
import type { Today } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { anyQuery, todayQuery } from '../../data/requests.ts';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { count } from '../../words/size.ts';
import { span } from '../../words/time.ts';
import styles from './inbox.module.css';

export function AllIsWell({ all }: { readonly all: boolean }) {
  const { data: today } = useQuery(todayQuery);
  const { data: any } = useQuery(anyQuery);
  const others = today === undefined ? 0 : today.waiting.all;
  return (
    <>
      <Empty
        title="All is well"
        mark={
          <Mark tone="green" shape="tick">
            Nothing waits {all ? 'for anybody' : 'for you'}
          </Mark>
        }
      >
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

function Numbers({ today: { calls, requests, median_ms, my_reviews } }: { readonly today: Today }) {
  const numbers: readonly (readonly [string, string])[] = [
    ['Ran at once', `${count(calls.allowed)}${calls.more ? '+' : ''}`],
    ['Held for people', count(calls.held)],
    ['Refused by policy', count(calls.denied)],
    ['Approved', count(requests.approved)],
    ['Denied', count(requests.denied)],
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

export const NothingMatches = () => (
  <Empty title="Nothing that waits matches">
    <Link to="/" search={({ all }) => ({ all })}>
      Show all that waits
    </Link>
  </Empty>
);
