/** Several alike requests on one page, each in full, answered in one go. */
import type { RequestDetail, ReviewsResult } from '@countersign/sdk';
import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMe } from '../../../data/me.ts';
import { myKeysQuery } from '../../../data/own/account.ts';
import { requestQuery } from '../../../data/requests.ts';
import { View } from '../../../kit/layout.tsx';
import { Empty, Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import { compare, shownAs } from './alike.ts';
import { AnswerAll } from './answer-all.tsx';
import { Item } from './item.tsx';
import styles from './together.module.css';

const route = getRouteApi('/signed-in/requests/together');

export function TogetherView() {
  const { ids } = route.useSearch();
  const found = useQueries({
    queries: ids.map((id) => requestQuery(id)),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
  if (found.length === 0)
    return (
      <View title="Several requests" width="reading">
        <Empty title="None of them can be shown">
          They may be over, or the link cut off. <Link to="/">Back to the inbox</Link>
        </Empty>
      </View>
    );
  return <Together key={ids.join()} details={found} missing={ids.length - found.length} />;
}

type TogetherProps = { readonly details: readonly RequestDetail[]; readonly missing: number };

function Together({ details, missing }: TogetherProps) {
  const me = useMe();
  const { data: keys = [] } = useQuery(myKeysQuery(me.id));
  const [left_out, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [results, setResults] = useState<ReviewsResult['results']>([]);
  const chosen = details.filter(
    ({ id, status, eligibility }) => status === 'pending' && eligibility.eligible && !left_out.has(id),
  );
  const put = (id: string, there: boolean): void =>
    setLeftOut((before) => new Set(there ? [...before].filter((each) => each !== id) : [...before, id]));
  return (
    <View
      title={`${counted(details.length, 'request')} together`}
      about="Each is an answer of its own. What you leave out stays as it is."
      width="reading"
    >
      {missing === 0 ? null : <Note tone="amber">{counted(missing, 'request')} could not be shown.</Note>}
      <Common details={details} />
      <ol className={styles['items']}>
        {details.map((detail, at) => (
          <li key={detail.id}>
            <Item
              detail={detail}
              number={at + 1}
              chosen={chosen.includes(detail)}
              onChosen={(there) => put(detail.id, there)}
              onSeen={() => setSeen((before) => new Set([...before, shownAs(detail)]))}
              result={results.find(({ request_id }) => request_id === detail.id)}
            />
          </li>
        ))}
      </ol>
      <AnswerAll {...{ chosen, seen, me, keys }} done={results.length > 0} onDone={setResults} />
    </View>
  );
}

function Common({ details }: { readonly details: readonly RequestDetail[] }) {
  const { alike, differ, sums } = useMemo(() => compare(details), [details]);
  const [first] = details;
  if (first === undefined) return null;
  if (!alike)
    return (
      <Note tone="amber" title="These are not alike">
        <p>They differ in who asks, for whom, or for what. Look at each by itself.</p>
      </Note>
    );
  return (
    <div className={styles['common']}>
      <p>
        <strong>
          <Shown text={first.agent} />
        </strong>{' '}
        asks for <Shown text={first.resource} mono /> on <Shown text={first.upstream} /> (
        <Shown text={first.env} />
        ). {differ.length === 0 ? 'Their arguments are the same.' : 'They differ in '}
        {differ.length === 0 ? null : <Shown text={differ.join(', ')} mono />}
      </p>
      {sums.map(({ name, sum }) => (
        <p key={name}>
          Together: <Shown text={name} mono /> comes to <strong>{sum}</strong>
        </p>
      ))}
    </div>
  );
}
