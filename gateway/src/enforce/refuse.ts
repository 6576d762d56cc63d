/** How the gateway says no: recorded first, in one plain sentence that tells the model what to do next. */
import type { Deny, Require } from '@countersign/core';
import { decidingRules } from '../audit/facts/about.ts';
import type { Deps } from '../deps.ts';
import type { Decided } from '../executions/asked.ts';
import type { Refusal, Verdict } from '../protocols/protocol.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';

type Refusing = {
  readonly reason: Refusal['reason'];
  readonly request_id?: string;
  /** What those who may review it do not have. */
  readonly lacking?: 'passkey';
};

/** A refusal is recorded before it is told (DESIGN §8). If it cannot be recorded it is still a refusal. */
export async function refuse(
  deps: Deps,
  { asked, decision }: Decided<Deny | Require>,
  { reason, request_id, lacking }: Refusing,
): Promise<Verdict> {
  const now = deps.now();
  const event = deps.events.refused(asked.about, decision, {
    at: now,
    reason,
    task_id: request_id ?? asked.evaluation_id,
    ...(lacking === undefined ? {} : { lacking }),
  });
  const outcome = await deps.store.commit({ name: 'refuse', steps: [], entries: [event.entry] });
  if (outcome.ok) event.committed();
  const stored = request_id === undefined ? undefined : await loadOwn(deps, asked.principal, request_id);
  const request = stored === undefined ? undefined : await requesterView(deps, stored);
  return {
    kind: 'refused',
    refusal: {
      reason,
      message: messageOf(reason, lacking),
      evaluation_id: asked.evaluation_id,
      rules: decidingRules(decision),
      ...(request === undefined ? {} : { request }),
    },
  };
}

export const refusedUnrecorded = (reason: 'unavailable' | 'in_progress' | 'not_admitted'): Verdict => ({
  kind: 'refused',
  refusal: { reason, message: MESSAGES[reason], evaluation_id: '', rules: [] },
});

/** What the agent is told of a denial. */
export const reasonOf = ({ reason }: Deny): Refusal['reason'] =>
  reason === 'not_exact' || reason === 'agent_paused' ? reason : 'policy_denied';

/** Whoever reads it knows what to do: of people there are enough, and what they lack has a name. */
export const messageOf = (reason: Refusal['reason'], lacking?: 'passkey'): string =>
  lacking === undefined ? MESSAGES[reason] : NO_PASSKEY;

const NO_PASSKEY =
  'This action needs a review signed with a passkey, and not enough of those who may review it have one that is confirmed. Nothing was run. Somebody who may review it must enrol a passkey and have it confirmed; then call again.';

export const MESSAGES: { readonly [R in Refusal['reason']]: string } = {
  policy_denied:
    'Policy does not allow this action. Nothing was run. Asking again will not change that; do it another way or ask the operator.',
  denied: 'This action was denied. Nothing was run. Do not repeat it unchanged.',
  expired:
    'Nobody reviewed this action in time. Nothing was run. Calling again with the same arguments asks again.',
  cancelled: 'The request for this action was withdrawn. Nothing was run.',
  failed: 'The request for this action could not be completed. Nothing was run.',
  no_eligible_reviewer:
    'This action needs a review, and nobody who may review it exists. Nothing was run. The operator must name another reviewer.',
  no_owner:
    'This action needs a review, and this agent has no owner. Nothing was run. An agent without an owner gets only what policy allows outright; the operator must name an owner for it.',
  too_many_pending:
    'Too many actions of this agent already wait for review. Nothing was run. Wait for some to be answered.',
  asked_too_often:
    'This agent asked people too often within the last hour. Nothing was run. What policy allows outright still runs; for the rest, ask again later.',
  unavailable: 'The gateway cannot decide this action now. Nothing was run. Try again later.',
  not_admitted:
    'The credential this call came with is no longer good: it expired, was revoked, or stands for somebody else now. Nothing was run. Call again with the same arguments and a fresh one; an approval already given is kept for that.',
  execution_unknown:
    'This approved action may already have run; its outcome is unknown. It was not run again. A person must look.',
  in_progress:
    'This approved action is running now. It was not run again. Call again with the same arguments for its result.',
  agent_paused:
    'A person paused this agent. Nothing was run, and nothing of it will be until somebody resumes it. Stop, and tell your user.',
  not_exact:
    'The gateway could not fully understand this action, so policy does not allow it. Nothing was run.',
};
