/** What one agent may do now, tool by tool, in the gateway’s words: nothing is worked out here. */
import type { AgentPolicy, UpstreamPowers } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { agentPolicyQuery } from '../../../data/directory.ts';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import { clockTime } from '../../../words/time.ts';
import { Answer, Rules, Why } from './answer.tsx';
import { type Line, linesOf } from './lines.ts';
import styles from './may.module.css';

export function MayDo({ agent }: { readonly agent: string }) {
  const { data } = useSuspenseQuery(agentPolicyQuery(agent));
  return (
    <Section title="What it may do now" aside={<AsOf powers={data} />}>
      <Stack>
        <Before powers={data} />
        {data.upstreams.map((upstream) => (
          <OfUpstream key={upstream.upstream} of={upstream} />
        ))}
        {data.access === undefined ? null : (
          <p>
            On its own, as it asks over AuthZEN: <Answer may={data.access} /> <Why may={data.access} />
          </p>
        )}
        <BearingRules powers={data} />
        <Soft>
          Told for arguments that fit the tool; others are answered no more mildly. A grant, or an approval
          with uses left, answers before people are asked.
          {data.left_out === 0
            ? null
            : ` ${counted(data.left_out, 'more tool or rule', 'more tools and rules')} not listed.`}
        </Soft>
      </Stack>
    </Section>
  );
}

const AsOf = ({ powers: { policy, at } }: { readonly powers: AgentPolicy }) => (
  <>
    policy <Shown text={policy.version} mono />, as of {clockTime(at)}
  </>
);

const STOPPED = {
  paused: ['It is paused', 'Everything it asks is refused until somebody resumes it, whatever stands below.'],
  no_credential: ['It cannot come in', 'It has no key that is good, and no token makes its name.'],
} as const;
const SAID = { owner: 'who owns it', subject: 'for whom it acts', team: 'of which team it is' } as const;

/** What comes before any rule. */
function Before({ powers: { stopped, unknown } }: { readonly powers: AgentPolicy }) {
  const [title, text] = stopped === undefined ? [] : STOPPED[stopped];
  return (
    <>
      {title === undefined ? null : (
        <Note tone="red" title={title}>
          <p>{text}</p>
        </Note>
      )}
      {unknown.length === 0 ? null : (
        <Note tone="plain">
          <p>Its token says {unknown.map((what) => SAID[what]).join(', ')}: not known before it comes.</p>
        </Note>
      )}
    </>
  );
}

function OfUpstream({ of }: { readonly of: UpstreamPowers }) {
  const { upstream, env, scopes, not_accepted } = of;
  return (
    <div>
      <h3 className={styles['upstream']}>
        <Link to="/upstreams/$upstream" params={{ upstream }}>
          <Shown text={upstream} />
        </Link>{' '}
        <Soft>
          <Shown text={env} />
        </Soft>
      </h3>
      <Table
        label={`What it may do on ${upstream}`}
        columns={COLUMNS}
        rows={linesOf(of)}
        keyOf={({ id }) => id}
      />
      {scopes === undefined ? null : (
        <Soft>
          A token must have been granted <Shown text={scopes.join(' ')} mono />; a key need not.
        </Soft>
      )}
      {not_accepted.length === 0 ? null : (
        <p>
          <Mark tone="red" shape="cross">
            Refused, as nobody accepted {not_accepted.length === 1 ? 'it' : 'them'}
          </Mark>{' '}
          <Shown text={not_accepted.join(', ')} mono />
        </p>
      )}
    </div>
  );
}

const named = ({ name, kind }: Line): ReactNode =>
  kind === 'tool' ? <Shown text={name} mono /> : <Soft>{name}</Soft>;

const COLUMNS: readonly Column<Line>[] = [
  { id: 'what', head: 'What', width: '24%', cell: named },
  {
    id: 'may',
    head: 'Answer',
    width: '18%',
    cell: (line) => (
      <>
        {line.changed ? (
          <Mark tone="red" shape="cross">
            Refused: it changed
          </Mark>
        ) : (
          <Answer may={line.may} />
        )}
        <div className={styles['narrow']}>
          <WhyOf line={line} />
        </div>
      </>
    ),
  },
  { id: 'why', head: 'Whom, and by what', wideOnly: true, cell: (line) => <WhyOf line={line} /> },
  { id: 'rules', head: 'Rules', width: '22%', wideOnly: true, cell: ({ may }) => <Rules may={may} /> },
];

const WhyOf = ({ line: { may, changed } }: { readonly line: Line }) =>
  changed ? <Soft>An operator accepts its new form first.</Soft> : <Why may={may} />;

function BearingRules({ powers: { rules } }: { readonly powers: AgentPolicy }) {
  if (rules.length === 0) return <p>No rule in force bears on it: everything it asks is refused.</p>;
  return (
    <details>
      <summary>{counted(rules.length, 'rule')} can bear on it</summary>
      <Table
        label="Rules that can bear on it"
        rows={rules}
        keyOf={({ rule }) => rule}
        columns={[
          {
            id: 'rule',
            head: 'Rule',
            width: '28%',
            cell: ({ rule }) => (
              <Link to="/policy" hash={rule}>
                <Shown text={rule} mono />
              </Link>
            ),
          },
          {
            id: 'then',
            head: 'It says',
            width: '18%',
            cell: ({ then, dry_run }) => (dry_run ? <Soft>{then}, only on record</Soft> : then),
          },
          { id: 'about', head: 'What it is about', cell: ({ about }) => <Shown text={about} /> },
        ]}
      />
    </details>
  );
}
