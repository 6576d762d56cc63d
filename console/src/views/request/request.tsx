/**
 * One request: what will happen, to what, why somebody is asked, what has happened before. It shows what the gateway says
 * of one request and sends one person's answer; it must never fill in what it was not told.
 */
import type { RequestDetail } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { gate, isKind, wordsOf } from '../../data/gate.ts';
import { useMe } from '../../data/me.ts';
import { myKeysQuery } from '../../data/own/account.ts';
import { requestQuery } from '../../data/requests.ts';
import { drawAction } from '../../data/shown-action.ts';
import { useKeys } from '../../kit/key.tsx';
import { View } from '../../kit/layout.tsx';
import { Empty, Note, Problem, Waiting } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { Ask } from '../ask/ask.tsx';
import { ActionSection } from './action/action.tsx';
import { isOperation } from './action/present.ts';
import { Along } from './along.tsx';
import { AnswerPanel } from './answer/answer.tsx';
import { Emergency } from './answer/emergency.tsx';
import { useSeen } from './answer/seen.ts';
import { mayWithdraw } from './answer/stand.ts';
import { GlassSection } from './glass/glass.tsx';
import { Head } from './head.tsx';
import { BeforeSection } from './past/before.tsx';
import { Outcome } from './past/outcome.tsx';
import { Timeline } from './past/timeline.tsx';
import { PreviewSection } from './preview/preview.tsx';
import { Redacted } from './redacted.tsx';
import styles from './request.module.css';
import { Claim } from './why/claim.tsx';
import { Notes } from './why/notes.tsx';
import { Stepper } from './why/stepper.tsx';
import { Why } from './why/why.tsx';

const route = getRouteApi('/signed-in/requests/$id');

export function RequestView() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(requestQuery(id));
  if (data !== undefined) return <Request key={id} detail={data} lost={error} />;
  if (isKind(error, 'not_found') || isKind(error, 'invalid_request'))
    return (
      <View title="No such request" width="reading">
        <Empty title="There is no request at this address">
          The link may be cut off, or belong to another gateway. <Link to="/">Back to the inbox</Link>
        </Empty>
      </View>
    );
  if (error === null) return <Waiting what="Loading the request" />;
  return (
    <View title="This did not load" width="reading">
      <Problem title="The request cannot be shown" detail={wordsOf(error)} onAgain={() => void refetch()} />
    </View>
  );
}

function Request({ detail, lost }: { readonly detail: RequestDetail; readonly lost: Error | null }) {
  const me = useMe();
  const { data: keys = [] } = useQuery(myKeysQuery(me.id));
  const search = route.useSearch();
  const navigate = useNavigate();
  const drawn = useMemo(() => drawAction(detail), [detail]);
  const [seen, end] = useSeen(detail.rendered_digest);
  const back = (): void =>
    void navigate({ to: '/', search: detail.status === 'pending' ? { at: detail.id } : {} });
  useKeys({ ['Escape']: back });
  const erased = detail.erased !== undefined;
  return (
    <div className={styles['view']}>
      {lost === null ? null : <Problem title="This may be old" detail={wordsOf(lost)} />}
      <Along id={detail.id} />
      <Head detail={detail} />
      <div className={styles['grid']}>
        <div className={styles['main']}>
          <GlassSection detail={detail} />
          <Erased detail={detail} />
          {erased ? null : <PreviewSection detail={detail} />}
          {erased ? null : <ActionSection detail={detail} drawn={drawn} end={end} />}
          <Redacted detail={detail} />
          {detail.claim === undefined ? null : <Claim text={detail.claim} />}
          <Notes detail={detail} />
          <Why detail={detail} />
        </div>
        <aside className={styles['aside']} aria-label="Deciding it">
          <AnswerPanel {...{ detail, drawn, me, keys, seen }} wants={search.do} />
          <Stepper detail={detail} />
          <Emergency {...{ detail, me, keys }} blocked={drawn.blocked} />
          <Withdraw detail={detail} />
        </aside>
        <div className={styles['main']}>
          <Outcome detail={detail} me={me} />
          {erased || isOperation(detail) ? null : <BeforeSection detail={detail} />}
          <Timeline detail={detail} />
        </div>
      </div>
    </div>
  );
}

function Withdraw({ detail }: { readonly detail: RequestDetail }) {
  const me = useMe();
  const over = detail.status !== 'pending' && detail.erased === undefined;
  return (
    <div className={styles['other']}>
      {mayWithdraw(detail, me) ? (
        <Ask
          word="Withdraw it"
          title="Withdraw this request"
          kind="quiet"
          run={() => gate.requests.cancel(detail.id)}
          said="Withdrawn: nobody is asked any more."
        >
          <p>Nobody is asked any more and nothing runs. The agent may ask anew.</p>
        </Ask>
      ) : null}
      {over && me.roles.includes('operator') ? (
        <Ask
          word="Erase its clear text"
          title="Erase the clear text for good"
          kind="quiet"
          reason="Why, for the record"
          run={(reason) => gate.requests.erase(detail.id, reason)}
          said="Erased. The log keeps its digests, names and times."
        >
          <p>
            The action, the agent’s claim, reasons and answers go for good. The log keeps digests, names and
            times, and still verifies. This cannot be undone.
          </p>
        </Ask>
      ) : null}
    </div>
  );
}

function Erased({ detail: { erased } }: { readonly detail: RequestDetail }) {
  if (erased === undefined) return null;
  return (
    <Note tone="plain" title="Its clear text was erased">
      <p>
        By <Shown text={erased.by} />, <When at={erased.at} />
        {erased.reason === undefined ? '.' : ': '}
        {erased.reason === undefined ? null : <Shown text={erased.reason} />} What is left are names, times,
        digests and who decided.
      </p>
    </Note>
  );
}
