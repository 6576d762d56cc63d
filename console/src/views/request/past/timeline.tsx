/** Every entry of the log that speaks of this request, in order; each can be looked at and proven there. */
import { visible } from '@countersign/core';
import type { RequestDetail, TimelineEntry } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { Section } from '../../../kit/layout.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly, When } from '../../../kit/time.tsx';
import { entryWords } from './outcomes.ts';
import styles from './past.module.css';

type TimelineProps = { readonly detail: Pick<RequestDetail, 'timeline' | 'executions'> };

export function Timeline({ detail: { timeline, executions } }: TimelineProps) {
  return (
    <Section title="On the record" aside="Every line is an entry of the log">
      <ol className={styles['timeline']}>
        {timeline.map((entry) => (
          <Line key={entry.event_id} entry={entry} words={entryWords(entry, timeline, executions)} />
        ))}
      </ol>
    </Section>
  );
}

function Line({ entry, words }: { readonly entry: TimelineEntry; readonly words: string }) {
  const { at, event_id, leaf_index } = entry;
  return (
    <li>
      <span className={styles['soft']}>
        <When at={at} />
      </span>
      <span>
        <Shown text={words} />
      </span>
      <span className={styles['exact']}>
        <Exactly at={at} />
      </span>
      <Link
        to="/audit/$event"
        params={{ event: event_id }}
        aria-label={`Entry ${leaf_index}: ${visible(words).text}`}
      >
        {leaf_index}
      </Link>
    </li>
  );
}
