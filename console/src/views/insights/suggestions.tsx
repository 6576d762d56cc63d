/** Narrower rules the gateway proposes for what is always approved: shown with what they would change, applied by nobody here. */
import { visible } from '@countersign/core';
import { NOT_SUGGESTED, type PolicySuggestion, type PolicySuggestions } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { wordsOf } from '../../data/gate.ts';
import { suggestionsQuery } from '../../data/history/calls.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { Button } from '../../kit/button.tsx';
import { Lines } from '../../kit/data/lines.tsx';
import { saveFile } from '../../kit/data/save.ts';
import { Row, Stack } from '../../kit/layout.tsx';
import { Problem } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { count, counted } from '../../words/size.ts';
import styles from './insights.module.css';

/** For those who may see the policy’s record; asked for, since trying each takes the gateway a while. */
export function Suggestions({ since }: { readonly since: number }) {
  const me = useMe();
  const [asked, setAsked] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({ ...suggestionsQuery(since), enabled: asked });
  if (!hasRole(me, 'operator') && !hasRole(me, 'auditor')) return null;
  if (error !== null)
    return <Problem title="Nothing was proposed" detail={wordsOf(error)} onAgain={() => void refetch()} />;
  if (data === undefined)
    return (
      <Row>
        <Button isPending={isFetching} onPress={() => setAsked(true)}>
          {isFetching ? 'Trying them against the record …' : 'Propose narrower rules'}
        </Button>
        <span className={styles['soft']}>Tried against what is on record. Nothing is changed.</span>
      </Row>
    );
  return <Proposed found={data} />;
}

function Proposed({ found }: { readonly found: PolicySuggestions }) {
  return (
    <Stack>
      <p role="status">
        {found.suggestions.length === 0
          ? `No narrower rule can be proposed from ${counted(found.requests, 'request')}.`
          : `${counted(found.suggestions.length, 'narrower rule')} proposed from ${counted(found.requests, 'request')}.`}
        {found.stopped === undefined ? '' : ' Only the newest were looked at.'}
      </p>
      {found.suggestions.map((one) => (
        <Suggestion key={one.proposed.id} one={one} />
      ))}
      {found.not_suggested.length === 0 ? null : <NotSuggested found={found} />}
    </Stack>
  );
}

function Suggestion({ one }: { readonly one: PolicySuggestion }) {
  const { rule, file, line, requests, reviewers, proposed, simulated, patch } = one;
  return (
    <article className={styles['suggestion']} aria-label={`A narrower rule beside ${visible(rule).text}`}>
      <h3>
        Beside <Shown text={rule} />: let <Shown text={one.agent} /> use <Shown text={one.resource} /> on{' '}
        <Shown text={one.upstream} /> (<Shown text={one.env} />)
      </h3>
      <p>
        {counted(requests, 'request')}, all approved, by {counted(reviewers, 'person', 'people')}. On record,{' '}
        {count(simulated.changed)} of {counted(simulated.replayed, 'decision')} would change
        {simulated.not_replayed === 0 ? '' : `; ${count(simulated.not_replayed)} could not be tried`}.
      </p>
      <ul className={styles['explains']}>
        {one.explains.map((text) => (
          <li key={text}>
            <Shown text={text} />
          </li>
        ))}
      </ul>
      <Lines label="The rule" text={proposed.text} />
      <Row>
        <Button onPress={() => saveFile(`${proposed.id}.patch`, patch)}>Save the patch</Button>
        <Link to="/policy/draft" search={{ file, line }}>
          See the rule that asks
        </Link>
      </Row>
    </article>
  );
}

function NotSuggested({ found }: { readonly found: PolicySuggestions }) {
  return (
    <details className={styles['more']}>
      <summary>Where nothing narrower is proposed, and why</summary>
      <ul className={styles['plain']}>
        {found.not_suggested.map(({ rule, why, requests, agent, resource, detail }) => (
          <li key={`${rule} ${agent} ${resource} ${why}`}>
            <strong>
              <Shown text={rule} />
            </strong>
            {agent === undefined ? null : (
              <>
                , <Shown text={agent} />
              </>
            )}
            {resource === undefined ? null : (
              <>
                , <Shown text={resource} />
              </>
            )}
            : {NOT_SUGGESTED[why]} ({counted(requests, 'request')})
            {detail === undefined ? null : (
              <>
                . <Shown text={detail} />
              </>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
