/** Every entry of the log that speaks of this request, in order; each can be looked at and proven there. */
import type { RequestDetail } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Section } from '../../../kit/layout.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly, When } from '../../../kit/time.tsx';
import styles from './past.module.css';

export function Timeline({ timeline }: Pick<RequestDetail, 'timeline'>) {
  return (
    <Section title="On the record" aside="Every line is an entry of the log">
      <ol className={styles['timeline']}>
        {timeline.map(({ at, event_id, leaf_index, summary }) => (
          <li key={event_id}>
            <span className={styles['soft']}>
              <When at={at} />
            </span>
            <span>
              <Shown text={summary} />
            </span>
            <span className={styles['exact']}>
              <Exactly at={at} />
            </span>
            <Link
              to="/audit/$event"
              params={{ event: event_id }}
              aria-label={`Entry ${leaf_index}: ${summary}`}
            >
              {leaf_index}
            </Link>
          </li>
        ))}
      </ol>
    </Section>
  );
}
