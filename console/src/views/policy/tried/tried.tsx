/**
 * The draft, tried on what is on record: every decision that would have been another, the looser ones first, and what
 * could not be told. The gateway replays; nothing is decided, and nothing changes.
 */
import type { PolicySimulation } from '@countersign/sdk';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { wordsOf } from '../../../data/gate.ts';
import { useMe } from '../../../data/me.ts';
import { policyFilesQuery, simulationQuery } from '../../../data/policy.ts';
import { Select } from '../../../kit/form/select.tsx';
import { Row, Section, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Empty, Note, Problem, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { count, counted } from '../../../words/size.ts';
import { type Draft, keyOf, useDraft } from '../draft/kept.ts';
import { mayDraft } from '../draft/may.ts';
import styles from '../policy.module.css';
import { SPANS, type Span, sinceOf } from '../spans.ts';
import { Changes } from './changes.tsx';
import { Untold } from './untold.tsx';

const route = getRouteApi('/signed-in/policy/tried');

export function TriedView() {
  const me = useMe();
  const { span = 'week' } = route.useSearch();
  const { data: inForce } = useSuspenseQuery(policyFilesQuery);
  const draft = useDraft(inForce);
  if (!mayDraft(me))
    return (
      <Empty title="Operators and auditors try drafts">What is on record is more than a reviewer sees.</Empty>
    );
  if (!draft.changed)
    return (
      <Empty title="The draft is what is in force">
        <Link to="/policy/draft">Change something</Link>, and see here which decisions of the past would have
        been others.
      </Empty>
    );
  return <Tried draft={draft.files} span={span} />;
}

type TriedProps = { readonly draft: Draft['files']; readonly span: Span };

function Tried({ draft, span }: TriedProps) {
  const navigate = route.useNavigate();
  const files = draft.map(({ path, text }) => ({ path, text }));
  const { data, error, isFetching, refetch } = useQuery(
    simulationQuery({ files, since: sinceOf(span) }, keyOf(files)),
  );
  return (
    <>
      <div className={styles['bar']}>
        <div>{data === undefined ? null : <Summary found={data} />}</div>
        <Select
          label="Tried on"
          quiet
          choices={SPANS}
          value={span}
          onChange={(chosen) => void navigate({ search: { span: chosen }, replace: true })}
        />
      </div>
      {error === null ? null : (
        <Problem
          title="The draft could not be tried"
          detail={wordsOf(error)}
          onAgain={() => void refetch()}
        />
      )}
      {isFetching && data === undefined ? (
        <Waiting what="Asking the draft about everything on record" />
      ) : null}
      {data === undefined ? null : <Found found={data} />}
    </>
  );
}

function Summary({ found: { check, replayed, changed } }: { readonly found: PolicySimulation }) {
  if (!check.ok && replayed === 0) return null;
  return (
    <Row gap="wide">
      <Mark tone={changed === 0 ? 'soft' : 'blue'} shape={changed === 0 ? 'tick' : 'diamond'}>
        {changed === 0
          ? 'Nothing would have been decided otherwise'
          : `${counted(changed, 'decision')} would have been another`}
      </Mark>
      <Soft>of {count(replayed)} on record</Soft>
    </Row>
  );
}

function Found({ found }: { readonly found: PolicySimulation }) {
  if (found.replayed === 0 && found.check.problems.length > 0)
    return (
      <Note tone="red" title="The draft does not load" action={<Link to="/policy/draft">See where</Link>}>
        <p>A draft that would not be taken up is not tried.</p>
      </Note>
    );
  const idle = found.rules.filter(
    ({ decided, outranked, would_have }) => decided + outranked + would_have === 0,
  );
  return (
    <>
      <Changes found={found} />
      <Untold found={found} />
      {idle.length === 0 ? null : (
        <Section
          title="Rules of the draft that bore on nothing"
          aside="in this time, where everything was known"
        >
          <Row>
            {idle.map(({ rule, file, line }) => (
              <Link key={rule} to="/policy/draft" search={{ file, line }} className={styles['id']}>
                <Shown text={rule} />
              </Link>
            ))}
          </Row>
        </Section>
      )}
    </>
  );
}
