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

const UNKNOWN: Worded = CALL_OUTCOME_WORDS.unknown;
const isOutcome = (outcome: string): outcome is CallOutcome => Object.hasOwn(CALL_OUTCOME_WORDS, outcome);
/** A word nobody knows is shown as unknown, never as a success. */
export const wordsOfCall = (outcome: string): Worded =>
  isOutcome(outcome) ? CALL_OUTCOME_WORDS[outcome] : UNKNOWN;
/** Of one run, whose beginning is called otherwise. */
export const wordsOfRun = (status: string): Worded => wordsOfCall(status === 'started' ? 'running' : status);

export const CALL_DECISION_WORDS: { readonly [D in CallDecision]: string } = {
  allowed: 'Allowed by policy',
  held: 'Held for people',
  denied: 'Refused by policy',
};

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
  const decided =
    call.decision === 'held' ? 'Held: policy wants people to decide' : CALL_DECISION_WORDS[call.decision];
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
