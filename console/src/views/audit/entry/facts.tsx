/** A signed statement as names and values: the members people ask about. All of it stands below, as signed. */
import {
  isJsonArray,
  isJsonObject,
  isSealed,
  type Json,
  type JsonObject,
  type Statement,
} from '@countersign/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Id } from '../../../kit/data/copy.tsx';
import { type Fact, Facts, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly } from '../../../kit/time.tsx';
import { shortDigest } from '../../../words/size.ts';
import { RISK_WORDS } from '../../../words/states.ts';
import styles from './entry.module.css';

export function StatementFacts({ statement: { predicate } }: { readonly statement: Statement }) {
  const { who, what } = predicate;
  return (
    <Facts
      rows={[
        ['When', <Exactly key="at" at={Date.parse(predicate.occurred_at)} />],
        ...MEMBERS.map(([name, member, show]): Fact => {
          const value = predicate[member];
          return [name, value === undefined || value === null ? undefined : show(value)];
        }),
        ...(isJsonObject(what) ? whatRows(what) : []),
        ...(isJsonObject(who) ? whoRows(who) : []),
        ['Request or run', <Task key="task" id={predicate.task_id} />],
        [
          'Action digest',
          <Id key="digest" text={predicate.action_digest} short={shortDigest(predicate.action_digest)} />,
        ],
        ['Event', <Id key="event" text={predicate.event_id} />],
        ['Policy', policyOf(predicate.policy)],
        ['Answers', linksTo(predicate.answers)],
      ]}
    />
  );
}

type Show = (value: Json) => ReactNode;
const text: Show = (value) => <Shown text={typeof value === 'string' ? value : JSON.stringify(value)} />;
const list: Show = (value) =>
  isJsonArray(value)
    ? text(value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', '))
    : text(value);

/** What people ask about first, first. */
const MEMBERS: readonly (readonly [name: string, member: string, show: Show])[] = [
  ['Change', 'change', text],
  ['Person', 'person', text],
  ['Reviewer', 'reviewer', text],
  ['By', 'by', text],
  ['In the seat of', 'for', list],
  ['Decision', 'decision', text],
  ['Counted', 'counted', (value) => (value === true ? 'yes' : 'no')],
  ['Why it did not count', 'refused', text],
  ['Outcome', 'outcome', text],
  ['Phase', 'phase', text],
  ['Status', 'status', text],
  ['Cause', 'cause', text],
  ['Risk', 'risk', risk],
  ['Rules that decided', 'rules', rules],
  ['Class', 'class', text],
  ['Seats to fill', 'seats', seats],
  ['May wait until', 'expires_at', time],
  ['Over', 'channel', text],
  ['Proven by', 'proof', text],
  ['Signed by passkey', 'signed', () => 'yes, and the signature is in the entry'],
  ['Reason', 'reason', sealed],
  ['What was shown', 'shown', sealed],
  ['Approval', 'approval', approval],
  ['Ran on approval', 'approval_id', text],
  ['Ran on grant', 'grant_id', text],
  ['Broken glass', 'broken_glass', text],
  ['Enforced by', 'enforced_by', text],
  ['Pinned definition', 'pin', digest],
];

function risk(value: Json): ReactNode {
  const words = Object.entries(RISK_WORDS).find(([id]) => id === value)?.[1];
  return words === undefined ? (
    text(value)
  ) : (
    <Mark tone={words.tone} shape={words.shape}>
      {words.word}
    </Mark>
  );
}

function rules(value: Json): ReactNode {
  const deciding = isJsonObject(value) ? (value['deciding'] ?? null) : null;
  if (!isJsonArray(deciding) || deciding.length === 0) return 'none matched';
  return (
    <ul className={styles['plain']}>
      {deciding.filter(isJsonObject).map((rule) => (
        <li key={`${rule['file']}:${rule['line']}`}>
          <Link to="/audit" search={{ rule: String(rule['rule']) }}>
            <Shown text={String(rule['rule'])} />
          </Link>{' '}
          <Soft>
            <Shown text={String(rule['then'])} /> · <Shown text={`${rule['file']}:${rule['line']}`} mono />
          </Soft>
        </li>
      ))}
    </ul>
  );
}

function seats(value: Json): ReactNode {
  if (!isJsonArray(value)) return text(value);
  return text(
    value
      .filter(isJsonObject)
      .map(({ by, count }) => `${String(count)} of ${String(by).replace(/^group:/, '')}`)
      .join(', '),
  );
}

const SEALED = 'A commitment: the log holds its digest, not its text.';
function sealed(value: Json): ReactNode {
  return isSealed(value) ? (
    <>
      {SEALED} <Id text={value.$sealed.digest} short={shortDigest(value.$sealed.digest)} />
    </>
  ) : (
    text(value)
  );
}

function time(value: Json): ReactNode {
  return typeof value === 'number' ? <Exactly at={value} /> : text(value);
}
function digest(value: Json): ReactNode {
  return typeof value === 'string' ? <Id text={value} short={shortDigest(value)} /> : text(value);
}
function approval(value: Json): ReactNode {
  if (!isJsonObject(value)) return text(value);
  const { uses, approved_until } = value;
  return (
    <>
      {uses === 1 ? 'One use' : `${String(uses)} uses`}, until {time(approved_until ?? '')}
    </>
  );
}

const named = (name: string, value: Json | undefined): Fact => [
  name,
  typeof value === 'string' ? <Shown key={name} text={value} /> : undefined,
];
const whatRows = (what: JsonObject): readonly Fact[] => [
  named('Action', what['action']),
  named('Tool or resource', what['resource']),
  named('Upstream', what['upstream']),
  named('Environment', what['env']),
];
/** An agent that acts for itself is said once. */
const other = (value: Json | undefined, said: Json | undefined): Json | undefined =>
  value === said ? undefined : value;
const whoRows = (who: JsonObject): readonly Fact[] => [
  named('Agent', who['agent']),
  named('For', isJsonObject(who['subject']) ? other(who['subject']['id'], who['agent']) : undefined),
  named('Owner', who['owner']),
  named('Team', who['team']),
];

function Task({ id }: { readonly id: string }) {
  return id.startsWith('req_') ? (
    <Link to="/requests/$id" params={{ id }}>
      <Shown text={id} mono />
    </Link>
  ) : (
    <Shown text={id} mono />
  );
}

function policyOf(policy: Statement['predicate']['policy']): ReactNode {
  return policy === undefined ? undefined : (
    <>
      version <Shown text={policy.version} mono />
    </>
  );
}

function linksTo(answers: readonly string[] | undefined): ReactNode {
  if (answers === undefined || answers.length === 0) return undefined;
  return answers.map((event) => (
    <Link key={event} to="/audit/$event" params={{ event }} className={styles['answer']}>
      <Shown text={event} mono />
    </Link>
  ));
}
