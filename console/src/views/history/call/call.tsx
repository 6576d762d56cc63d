/** One call, whole: what was asked, who decided, what ran, what came back, and where each of it stands in the log. */
import type { CallDetail } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { callQuery } from '../../../data/history/calls.ts';
import { Id } from '../../../kit/data/copy.tsx';
import { Facts, Section, View } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly, When } from '../../../kit/time.tsx';
import { markOfCall, reasonWords } from '../../../words/calls.ts';
import { count } from '../../../words/size.ts';
import { RISK_WORDS } from '../../../words/states.ts';
import { logTime } from '../../../words/time.ts';
import { kindWord } from '../../audit/words.ts';
import { Answer, Asked } from './asked.tsx';
import styles from './call.module.css';
import { Moments } from './moments.tsx';
import { CallSentence } from './sentence.tsx';

const route = getRouteApi('/signed-in/history/$call');

export function CallView() {
  const { call: id } = route.useParams();
  const { data: call } = useSuspenseQuery(callQuery(id));
  const mark = markOfCall(call);
  return (
    <View
      width="reading"
      title={<CallSentence call={call} />}
      about={
        <span className={styles['about']}>
          <Link to="/history">History</Link>
          <span>
            <When at={call.at} /> · <Exactly at={call.at} />
          </span>
          <Mark tone={mark.tone} shape={mark.shape} strong>
            {mark.word}
          </Mark>
        </span>
      }
    >
      <Section title="What happened">
        <Moments call={call} />
      </Section>
      <Section title="What it asked">
        <Asked asked={call.asked} />
      </Section>
      <Section title="What it was answered">
        <Answer answer={call.answer} />
      </Section>
      <Section title="Who, what and why">
        <CallFacts call={call} />
      </Section>
      <InTheLog call={call} />
    </View>
  );
}

function CallFacts({ call }: { readonly call: CallDetail }) {
  const risk = call.risk === null ? undefined : RISK_WORDS[call.risk];
  const text = (value: string | null): ReactNode => (value === null ? undefined : <Shown text={value} />);
  return (
    <Facts
      rows={[
        [
          'Agent',
          <Link key="agent" to="/history" search={{ agent: call.agent }}>
            <Shown text={call.agent} />
          </Link>,
        ],
        ['On behalf of', call.subject === call.agent ? undefined : text(call.subject)],
        ['Owner', text(call.owner)],
        ['Team', text(call.team)],
        [
          'Tool or resource',
          <Link key="tool" to="/history" search={{ upstream: call.upstream, resource: call.resource }}>
            <Shown text={call.resource} />
          </Link>,
        ],
        ['Upstream', text(`${call.upstream} (${call.env})`)],
        ['Action', text(call.action)],
        ['Class', text(call.class)],
        [
          'Risk',
          risk === undefined ? undefined : (
            <Mark key="risk" tone={risk.tone} shape={risk.shape}>
              {risk.word}
            </Mark>
          ),
        ],
        [
          'Rules that decided',
          call.rules.length === 0 ? 'none matched' : <Rules key="rules" rules={call.rules} />,
        ],
        ['Reason', call.reason === undefined ? undefined : text(reasonWords(call))],
        ['Told the same again', call.asked_again === 0 ? undefined : `${count(call.asked_again)} times`],
        [
          'Request',
          call.request_id === undefined ? undefined : <RequestLink key="request" id={call.request_id} />,
        ],
        [
          'Given by request',
          call.granted_by === undefined ? undefined : <RequestLink key="given" id={call.granted_by} />,
        ],
        [
          'Run',
          <Link key="run" to="/runs/$trail" params={{ trail: call.trail }} search={{ call: call.id }}>
            Replay the run it is part of
          </Link>,
        ],
        ['Call', <Id key="id" text={call.id} />],
      ]}
    />
  );
}

const Rules = ({ rules }: { readonly rules: readonly string[] }) =>
  rules.map((rule) => (
    <Link key={rule} to="/history" search={{ rule }} className={styles['rule']}>
      <Shown text={rule} />
    </Link>
  ));

const RequestLink = ({ id }: { readonly id: string }) => (
  <Link to="/requests/$id" params={{ id }}>
    <Shown text={id} mono />
  </Link>
);

/** Each entry's own page checks it; the list exports all of a request as evidence. */
function InTheLog({ call: { entries, request_id } }: { readonly call: CallDetail }) {
  const aside =
    request_id === undefined ? (
      'Each can be checked in this browser'
    ) : (
      <Link to="/audit" search={{ request: request_id }}>
        All of its request, to export
      </Link>
    );
  return (
    <Section title="In the audit log" aside={aside}>
      <ol className={styles['entries']}>
        {entries.map(({ event_id, kind, at, leaf_index }) => (
          <li key={event_id}>
            <span className={styles['time']}>{logTime(at)}</span>
            <Link to="/audit/$event" params={{ event: event_id }}>
              Entry {count(leaf_index)}: {kindWord(kind).toLowerCase()}
            </Link>
          </li>
        ))}
      </ol>
    </Section>
  );
}
