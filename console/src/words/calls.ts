/** Calls in words: how they ended, on what they ran, and the moments of one, in order. */
import type { Call, CallDecision, CallOutcome, PermittedBy, Trail } from '@countersign/sdk';
import type { Worded } from './states.ts';

export const CALL_OUTCOME_WORDS: { readonly [O in CallOutcome]: Worded } = {
  waiting: { word: 'Waiting', tone: 'amber', shape: 'half' },
  // Not run yet (A25).
  approved: { word: 'Approved', tone: 'green', shape: 'ring' },
  unused: { word: 'Never used', tone: 'soft', shape: 'dash' },
  revoked: { word: 'Taken back', tone: 'red', shape: 'dash' },
  running: { word: 'Running', tone: 'blue', shape: 'ring' },
  succeeded: { word: 'Succeeded', tone: 'green', shape: 'tick' },
  failed: { word: 'Failed', tone: 'red', shape: 'cross' },
  unknown: { word: 'Unknown', tone: 'violet', shape: 'diamond' },
  permitted: { word: 'Permitted', tone: 'soft', shape: 'tick' },
  refused: { word: 'Refused', tone: 'red', shape: 'cross' },
  denied: { word: 'Denied', tone: 'red', shape: 'cross' },
  expired: { word: 'Expired', tone: 'soft', shape: 'dash' },
  cancelled: { word: 'Withdrawn', tone: 'soft', shape: 'dash' },
  void: { word: 'Not completed', tone: 'red', shape: 'cross' },
};

/** Denied is by a person, refused by the policy or the gateway; what a pause stopped is neither. */
const PAUSED: Worded = { word: 'Paused', tone: 'red', shape: 'cross' };

const UNKNOWN: Worded = CALL_OUTCOME_WORDS.unknown;
const isOutcome = (outcome: string): outcome is CallOutcome => Object.hasOwn(CALL_OUTCOME_WORDS, outcome);
/** A word nobody knows is shown as unknown, never as a success. */
export const wordsOfCall = (outcome: string): Worded =>
  isOutcome(outcome) ? CALL_OUTCOME_WORDS[outcome] : UNKNOWN;
/** How a call stands or ended. */
export const markOfCall = ({ outcome, reason }: Pick<Call, 'outcome' | 'reason'>): Worded =>
  outcome === 'refused' && reason === 'agent_paused' ? PAUSED : wordsOfCall(outcome);
/** Of one run, whose beginning is called otherwise. */
export const wordsOfRun = (status: string): Worded => wordsOfCall(status === 'started' ? 'running' : status);

export const CALL_DECISION_WORDS: { readonly [D in CallDecision]: string } = {
  allowed: 'Allowed by policy',
  held: 'Held for people',
  denied: 'Refused',
};

const REFUSED_WORDS: { readonly [reason: string]: string } = {
  policy_denied: 'Refused by policy',
  not_exact: 'Refused by policy: it could not be fully understood',
  agent_paused: 'Refused: the agent was paused',
  no_eligible_reviewer: 'Refused: nobody may review it',
  no_owner: 'Refused: nobody answers for the agent',
  too_many_pending: 'Refused: too much of this agent waits already',
  asked_too_often: 'Refused: this agent asked people too often',
};
/** Why it was refused or failed, in words where there are any. */
export const reasonWords = ({ decision, reason = '' }: Pick<Call, 'decision' | 'reason'>): string =>
  decision === 'denied' && Object.hasOwn(REFUSED_WORDS, reason) ? refusedWords(reason) : reason;
/** Why nothing was even asked of people; `Refused` where the record does not say. */
export const refusedWords = (reason: string | undefined): string =>
  (reason !== undefined && Object.hasOwn(REFUSED_WORDS, reason) ? REFUSED_WORDS[reason] : undefined) ??
  CALL_DECISION_WORDS.denied;

export const PERMITTED_WORDS: { readonly [P in PermittedBy]: string } = {
  policy: 'on policy alone',
  approval: 'on an approval',
  grant: 'on a grant',
  'break-glass': 'because somebody broke the glass',
};

export const BOUND_WORDS: { readonly [B in Trail['bound_by']]: string } = {
  session: 'one session',
  trace: 'one trace',
  time: 'no long pause',
};

export type Moment = {
  readonly id: string;
  readonly at: number;
  readonly says: string;
  /** A person, by id: from elsewhere, to be shown safely. */
  readonly who?: string;
  readonly tone?: Worded;
};

/** What happened to a call, oldest first. */
export function momentsOf(call: Call): readonly Moment[] {
  const moments: Moment[] = [{ id: 'asked', at: call.at, says: 'Asked', who: call.agent }];
  const decided = {
    allowed: CALL_DECISION_WORDS.allowed,
    held: 'Held: policy wants people to decide',
    denied: refusedWords(call.reason),
  }[call.decision];
  moments.push({ id: 'decided', at: call.at, says: decided });
  for (const { reviewer, decision, at } of call.reviews)
    moments.push({
      id: `review-${reviewer}-${at}`,
      at,
      says: decision === 'approved' ? 'Approved' : 'Denied',
      who: reviewer,
    });
  if (call.resolved_at !== undefined && ENDED_WITHOUT_RUN.has(call.outcome))
    moments.push({ id: 'resolved', at: call.resolved_at, says: CALL_OUTCOME_WORDS[call.outcome].word });
  if (call.started_at !== undefined)
    moments.push({
      id: 'started',
      at: call.started_at,
      says: `Begun ${call.permitted_by === undefined ? '' : PERMITTED_WORDS[call.permitted_by]}`.trimEnd(),
    });
  if (call.ended_at !== undefined)
    moments.push({ id: 'ended', at: call.ended_at, says: CALL_OUTCOME_WORDS[call.outcome].word });
  return moments;
}
const ENDED_WITHOUT_RUN: ReadonlySet<CallOutcome> = new Set(['denied', 'expired', 'cancelled', 'void']);
