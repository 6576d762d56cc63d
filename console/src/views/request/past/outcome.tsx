/** What came of it: the approval or grant it gave and what is left of it, and every run. “Approved” is not “ran” (A25). */
import type { Approval, Execution, Grant, Me, RequestDetail } from '@countersign/sdk';
import type { ReactNode } from 'react';
import { gate } from '../../../data/gate.ts';
import { Section } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Left, When } from '../../../kit/time.tsx';
import { wordsOfRun } from '../../../words/calls.ts';
import { counted } from '../../../words/size.ts';
import { Ask } from '../../ask/ask.tsx';
import { mayRevoke } from '../answer/stand.ts';
import styles from './past.module.css';

const STATES = {
  active: { tone: 'amber', shape: 'ring', word: 'not used yet' },
  used: { tone: 'green', shape: 'tick', word: 'used' },
  expired: { tone: 'soft', shape: 'dash', word: 'ran out' },
  revoked: { tone: 'red', shape: 'cross', word: 'revoked' },
} as const;

export function Outcome({ detail, me }: { readonly detail: RequestDetail; readonly me: Me }) {
  const { approval, grant, executions, status } = detail;
  if (approval === undefined && grant === undefined && executions.length === 0) return null;
  const revocable = mayRevoke(detail, me);
  return (
    <Section title="What came of it">
      <ul className={styles['outcome']}>
        {approval === undefined ? null : <ApprovalRow {...{ approval, revocable }} />}
        {grant === undefined ? null : <GrantRow {...{ grant, revocable }} />}
        {executions.map((execution) => (
          <Run key={execution.id} execution={execution} />
        ))}
        {executions.length === 0 && status === 'approved' ? (
          <li className={styles['soft']}>
            Nothing has run. It runs once <Shown text={detail.agent} /> asks for it again.
          </li>
        ) : null}
      </ul>
    </Section>
  );
}

function ApprovalRow({ approval, revocable }: { readonly approval: Approval; readonly revocable: boolean }) {
  const { id, status, approved_until, uses_left } = approval;
  const { tone, shape, word } = STATES[status];
  return (
    <Row
      name="Approval"
      mark={
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
      }
      action={
        status !== 'active' || !revocable ? null : (
          <Ask
            word="Revoke"
            title="Revoke this approval"
            reason="Why, for the record"
            run={(reason) => gate.approvals.revoke(id, reason)}
            said="Revoked: nothing more runs by it."
          >
            <p>It has not run. Once it is revoked it will not; the agent may ask anew.</p>
          </Ask>
        )
      }
    >
      {status === 'active' ? (
        <>
          {counted(uses_left, 'run')} left, for <Left until={approved_until} />
        </>
      ) : null}
    </Row>
  );
}

function GrantRow({ grant, revocable }: { readonly grant: Grant; readonly revocable: boolean }) {
  const { id, status, given_until, uses_left, uses_given, resource, upstream, agent } = grant;
  const { tone, shape, word } = STATES[status];
  return (
    <Row
      name="Grant"
      mark={
        <Mark tone={tone} shape={shape}>
          {status === 'active' ? 'in force' : word}
        </Mark>
      }
      action={
        status !== 'active' || !revocable ? null : (
          <Ask
            word="Revoke"
            title="Revoke this grant"
            reason="Why, for the record"
            run={(reason) => gate.grants.revoke(id, reason)}
            said="Revoked: nothing more runs by it."
          >
            <p>What has run by it has run. Nothing more will.</p>
          </Ask>
        )
      }
    >
      any <Shown text={resource} mono /> on <Shown text={upstream} /> by <Shown text={agent} />: {uses_left}{' '}
      of {counted(uses_given, 'run')} left
      {status === 'active' ? (
        <>
          , for <Left until={given_until} />
        </>
      ) : null}
    </Row>
  );
}

function Run({ execution }: { readonly execution: Execution }) {
  const { status, started_at, ended_at, broken_glass } = execution;
  const { word, tone, shape } = wordsOfRun(status);
  const took = ended_at === undefined ? '' : `, took ${ended_at - started_at} ms`;
  return (
    <Row
      name="Run"
      mark={
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
      }
      action={null}
    >
      <When at={started_at} />
      {took}
      {broken_glass === undefined ? '' : ', through broken glass'}
      {status === 'unknown'
        ? '. It may have run: look before asking again; it is never run twice by itself.'
        : ''}
    </Row>
  );
}

type RowProps = {
  readonly name: string;
  readonly mark: ReactNode;
  readonly action: ReactNode;
  readonly children: ReactNode;
};

const Row = ({ name, mark, action, children }: RowProps) => (
  <li className={styles['row']}>
    <span className={styles['name']}>{name}</span>
    {mark}
    <span className={styles['soft']}>{children}</span>
    {action}
  </li>
);
