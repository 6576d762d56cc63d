/** One call as its row says. */
import type { CallDecision, CallOutcome, CallReview, PermittedBy } from '@countersign/sdk';
import type { Row, Step, Value } from '../store/store.ts';
import type { Question } from './told.ts';

export type CallRow = Omit<Question, 'session' | 'trace'> & {
  /** Leaf index of its first entry. */
  readonly seq: number;
  readonly at: number;
  readonly decision: CallDecision;
  readonly outcome: CallOutcome;
  readonly permitted_by: PermittedBy | null;
  readonly caller_enforced: boolean;
  readonly reason: string | null;
  readonly reviews: readonly CallReview[];
  readonly sentence: string;
  /** Of the call that was held for it. */
  readonly request_id: string | null;
  /** Of a call that ran on what another was given. */
  readonly granted_by: string | null;
  readonly execution_id: string | null;
  readonly resolved_at: number | null;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly asked_again: number;
  readonly trail: string;
  /** Equal for calls of the same agent's, tool and argument names; and for identical calls. Keyed: they say nothing else. */
  readonly shape: string;
  readonly same: string;
};

const TEXTS = [
  'id',
  'agent',
  'subject',
  'upstream',
  'env',
  'action',
  'resource',
  'sentence',
  'trail',
  'shape',
  'same',
] as const;
const PERHAPS = [
  'owner',
  'team',
  'class',
  'risk',
  'reason',
  'request_id',
  'granted_by',
  'execution_id',
] as const;
const TIMES = ['resolved_at', 'started_at', 'ended_at'] as const;
const OTHERS = [
  'seq',
  'at',
  'decision',
  'outcome',
  'permitted_by',
  'caller_enforced',
  'rules',
  'reviews',
  'asked_again',
] as const;
const COLUMNS = [...OTHERS, ...TEXTS, ...PERHAPS, ...TIMES] as const;

export const CALL_COLUMNS = COLUMNS.map((column) => `c.${column} AS ${column}`).join(', ');

const textOr = (value: Value | undefined): string | null =>
  value === null || value === undefined ? null : String(value);
const numberOr = (value: Value | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

export function readCall(row: Row): CallRow {
  const text = (column: string): string => String(row[column]);
  return {
    seq: Number(row['seq']),
    at: Number(row['at']),
    id: text('id'),
    agent: text('agent'),
    subject: text('subject'),
    owner: textOr(row['owner']),
    team: textOr(row['team']),
    upstream: text('upstream'),
    env: text('env'),
    action: text('action'),
    resource: text('resource'),
    class: textOr(row['class']),
    risk: textOr(row['risk']),
    decision: text('decision') as CallDecision,
    outcome: text('outcome') as CallOutcome,
    permitted_by: textOr(row['permitted_by']) as PermittedBy | null,
    caller_enforced: Number(row['caller_enforced']) === 1,
    reason: textOr(row['reason']),
    rules: JSON.parse(text('rules')) as string[],
    reviews: JSON.parse(text('reviews')) as CallReview[],
    sentence: text('sentence'),
    request_id: textOr(row['request_id']),
    granted_by: textOr(row['granted_by']),
    execution_id: textOr(row['execution_id']),
    resolved_at: numberOr(row['resolved_at']),
    started_at: numberOr(row['started_at']),
    ended_at: numberOr(row['ended_at']),
    asked_again: Number(row['asked_again']),
    trail: text('trail'),
    shape: text('shape'),
    same: text('same'),
  };
}

const cellOf = (call: CallRow, column: (typeof COLUMNS)[number]): Value => {
  const value = call[column];
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value)
    : (value as string | number | null);
};

/** Said once. What becomes of a call does not say it again: it may have been erased since the row was read (I7). */
const SAID: readonly string[] = ['sentence', 'shape', 'same'];

const PUT = `INSERT INTO calls (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((_, at) => `$${at + 1}`).join(', ')})
  ON CONFLICT (seq) DO UPDATE SET ${COLUMNS.slice(1)
    .filter((column) => !SAID.includes(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

export const putCall = (call: CallRow): Step => ({
  name: 'put-call',
  sql: PUT,
  params: COLUMNS.map((column) => cellOf(call, column)),
  rows: 1,
});
