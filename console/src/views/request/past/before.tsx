/** What has happened before: this very call, calls of its shape, this tool by this agent; and how they went. */
import type { Before, Call, RequestDetail } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { beforeQuery } from '../../../data/requests.ts';
import { Section } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Marked, Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { markOfCall } from '../../../words/calls.ts';
import { count, counted } from '../../../words/size.ts';
import { countsInWords } from './outcomes.ts';
import styles from './past.module.css';

export function BeforeSection({ detail }: { readonly detail: RequestDetail }) {
  const { data, error } = useQuery(beforeQuery(detail.id));
  if (data === undefined)
    return (
      <Section title="Before this">
        <p className={styles['soft']}>
          {error === null ? 'Looking it up …' : 'The history cannot be asked now.'}
        </p>
      </Section>
    );
  const { tool, shape, same } = data;
  const shown = [same, shape, tool].find(({ last }) => last.length > 0);
  return (
    <Section
      title="Before this"
      aside={data.followed.behind > 0 ? 'The newest calls are still being read in.' : undefined}
    >
      {shown === undefined ? (
        <p>
          Never before: <Shown text={detail.agent} /> has not used <Shown text={detail.resource} mono /> here.
        </p>
      ) : (
        <>
          <dl className={styles['counts']}>
            <Count what="This very call" before={same} none="never before" />
            <Count what="With these arguments’ names" before={shape} none="never before" />
            <Count what="This tool, by this agent" before={tool} none="never before" />
          </dl>
          <ul className={styles['calls']}>
            {shown.last.map((call) => (
              <li key={call.id}>
                <OneCall call={call} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

type CountProps = { readonly what: string; readonly before: Before; readonly none: string };

const Count = ({ what, before: { counted: looked, more, outcomes }, none }: CountProps) => (
  <div>
    <dt>{what}</dt>
    <dd>
      {looked === 0
        ? none
        : `${more ? `${count(looked)}+ times` : counted(looked, 'time')}: ${countsInWords(outcomes)}`}
    </dd>
  </div>
);

function OneCall({ call }: { readonly call: Call }) {
  const { word, tone, shape } = markOfCall(call);
  const said = <Marked text={call.sentence} />;
  return (
    <>
      <Mark tone={tone} shape={shape}>
        {word}
      </Mark>
      <span className={styles['sentence']}>
        {call.request_id === undefined ? (
          said
        ) : (
          <Link to="/requests/$id" params={{ id: call.request_id }}>
            {said}
          </Link>
        )}
      </span>
      <span className={styles['soft']}>
        <When at={call.at} />
      </span>
    </>
  );
}
