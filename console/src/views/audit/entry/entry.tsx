/**
 * One entry: what it says in plain words, whether it really is in the log, and the very text that was signed. What it says
 * is read from the signed statement, never from what the gateway says beside it.
 */
import { type JsonObject, parseStatement, readEnvelope, type Statement } from '@countersign/core';
import type { LogEntryDetail } from '@countersign/sdk';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { entryQuery, storyQuery } from '../../../data/log/entries.ts';
import { Lines, pretty } from '../../../kit/data/lines.tsx';
import { Section, Soft, View } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Note } from '../../../kit/said.tsx';
import { Exactly, When } from '../../../kit/time.tsx';
import { count } from '../../../words/size.ts';
import { logTime } from '../../../words/time.ts';
import { Sentence } from '../said.tsx';
import { kindWord, outcomeMark, sentenceOf } from '../words.ts';
import styles from './entry.module.css';
import { StatementFacts } from './facts.tsx';
import { ProofDetails, ProofLine } from './proof.tsx';

const route = getRouteApi('/signed-in/audit/$event');

export function EntryView() {
  const { event } = route.useParams();
  const { data: entry } = useSuspenseQuery(entryQuery(event));
  const statement = statementIn(entry.envelope);
  const mark = outcomeMark(entry);
  return (
    <View
      width="reading"
      title={<Sentence parts={sentenceOf(saidBy(entry, statement))} />}
      about={
        <span className={styles['about']}>
          <Link to="/audit">Audit log</Link>
          <span>Entry {count(entry.leaf_index)}</span>
          <span>{kindWord(entry.kind)}</span>
          <span>
            <When at={entry.occurred_at} /> · <Exactly at={entry.occurred_at} />
          </span>
          {mark === undefined ? null : (
            <Mark tone={mark.tone} shape={mark.shape} strong>
              {mark.word}
            </Mark>
          )}
        </span>
      }
    >
      <ProofLine entry={entry} />
      <Section title="What it says">
        {statement === undefined ? (
          <Note tone="red" title="This is no statement of a Countersign log">
            <p>What the gateway gave cannot be read. Below it is, as it came.</p>
          </Note>
        ) : (
          <StatementFacts statement={statement} />
        )}
      </Section>
      {entry.request_id === undefined ? null : <SameRequest request={entry.request_id} event={event} />}
      <ProofDetails entry={entry} />
      <Section title="The statement, as it was signed" aside="in-toto Statement v1">
        <Lines label="The statement" text={pretty(statement ?? entry.statement)} />
      </Section>
    </View>
  );
}

function statementIn(envelope: JsonObject): Statement | undefined {
  try {
    return parseStatement(readEnvelope(envelope).payload);
  } catch (error) {
    // Not one of ours: said on the page, where the proof fails too.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const saidBy = (entry: LogEntryDetail, statement: Statement | undefined) => {
  const change = statement?.predicate['change'];
  return typeof change === 'string' ? { ...entry, change } : entry;
};

/** What else the log says of the same request, in the order it happened. */
function SameRequest({ request, event }: { readonly request: string; readonly event: string }) {
  const { data } = useQuery(storyQuery(request));
  const entries = (data?.items ?? []).toReversed();
  return (
    <Section
      title="The same request in the log"
      aside={
        <Link to="/requests/$id" params={{ id: request }}>
          Open the request
        </Link>
      }
    >
      <ol className={styles['story']}>
        {entries.map((entry) => (
          <li key={entry.event_id} aria-current={entry.event_id === event ? 'true' : undefined}>
            <span className={styles['time']}>{logTime(entry.occurred_at)}</span>
            {entry.event_id === event ? (
              <strong>
                <Sentence parts={sentenceOf(entry)} />
              </strong>
            ) : (
              <Link to="/audit/$event" params={{ event: entry.event_id }}>
                <Sentence parts={sentenceOf(entry)} />
              </Link>
            )}
          </li>
        ))}
      </ol>
      {data?.next_cursor === undefined ? null : (
        <Soft>
          <Link to="/audit" search={{ request }}>
            All of its entries
          </Link>
        </Soft>
      )}
    </Section>
  );
}
