/**
 * The agents' HTTP side: the caller is its own enforcement point. Asking opens nothing; requesting does; a permit on an
 * approval uses it up, recorded as `enforced_by: caller`. The same checks in the same order as `enforce`.
 */
import type { Evaluation, Principal, Require } from '@countersign/core';
import type { Answer, GivenApproval, Opening } from '../api/access/access.ts';
import { redeem } from '../approvals/redeem.ts';
import { findStanding } from '../approvals/standing.ts';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { type Asked, type Decided, fix } from '../executions/asked.ts';
import { type EnforcedBy, permitAllowed } from '../executions/permit.ts';
import { readStoredAction } from '../payloads.ts';
import type { RequestView } from '../protocols/protocol.ts';
import { openRequest } from '../requests/open.ts';
import { loadOwn, requesterView } from '../requests/views/requester.ts';
import type { Row } from '../store/store.ts';
import { type Caller, decide, stillAdmitted } from './decide.ts';
import { ATTEMPTS_MAX, isOpen } from './enforce.ts';
import { MESSAGES, messageOf, refuse } from './refuse.ts';

const CALLER: EnforcedBy = 'caller';

/** Runs a step until it stops saying `again`; any failure is the given refusal (I1). */
async function settle<T>(deps: Deps, step: () => Promise<T | 'again'>, otherwise: T): Promise<T> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (deps.authority.trouble() !== undefined && !(await isOpen(deps))) return otherwise;
      const answer = await step();
      if (answer !== 'again') return answer;
      await deps.authority.catchUp();
    }
  } catch (error) {
    deps.log.error({ error: String(error) }, 'an access evaluation failed; refused');
  }
  return otherwise;
}

const refused = (
  reason: Extract<Answer, { kind: 'refused' }>['reason'],
  evaluation_id = '',
  message: string = MESSAGES.policy_denied,
): Answer => ({
  kind: 'refused',
  evaluation_id,
  reason,
  message,
});

export function ask(deps: Deps, asking: Asking): Promise<Answer> {
  return settle<Answer>(deps, () => askOnce(deps, asking), refused('unavailable', '', MESSAGES.unavailable));
}

export type Asking = {
  readonly caller: Caller;
  readonly evaluation: Evaluation;
  readonly approval_id: string | undefined;
};

async function askOnce(deps: Deps, { caller, evaluation, approval_id }: Asking): Promise<Answer | 'again'> {
  const authority = deps.authority.current();
  if (!stillAdmitted(authority, caller, deps.now())) return refused('unavailable', '', MESSAGES.not_admitted);
  const asked = fixed(deps, caller.principal, evaluation);
  const decision = decide(deps, authority, evaluation);
  const { evaluation_id } = asked;
  if (decision.effect === 'deny') {
    const reason = decision.reason === 'agent_paused' ? 'agent_paused' : 'policy_denied';
    await refuse(deps, { asked, decision }, { reason });
    return refused('policy_denied', evaluation_id, MESSAGES[reason]);
  }
  if (decision.effect === 'allow') {
    // Allowed without one; but an approval that is not this agent's, or not for this, is told so and nothing is permitted.
    const why =
      approval_id === undefined
        ? undefined
        : approvalProblem(await ownApproval(deps, asked, approval_id), asked.matchKey(), deps.now());
    if (why === 'approval_unverifiable' || why === 'out_of_scope') {
      await recordRefusal(deps, { asked, decision }, { name: 'refuse', reason: why });
      return refused(why, evaluation_id, NOT_COVERED);
    }
    const permit = await permitAllowed(
      deps,
      { asked, decision },
      { epoch: authority.epoch, enforced_by: CALLER },
    );
    return permit === undefined
      ? 'again'
      : { kind: 'permitted', evaluation_id, obligations: permit.obligations };
  }
  if (approval_id !== undefined)
    return askWithApproval(deps, { asked, decision }, { approval_id, authority });
  await recordRefusal(deps, { asked, decision }, { name: 'requestable', reason: 'approval_required' });
  return {
    kind: 'requestable',
    evaluation_id,
    message: 'This action needs a review. Request access, then ask again with the approval.',
  };
}

const NOT_COVERED = 'The approval does not cover this action now.';

async function recordRefusal(
  deps: Deps,
  { asked, decision }: Decided,
  { name, reason }: { readonly name: 'refuse' | 'requestable'; readonly reason: string },
): Promise<void> {
  const at = deps.now();
  const event = deps.events.refused(asked.about, decision, { at, reason, task_id: asked.evaluation_id });
  const outcome = await deps.store.commit({ name, steps: [], entries: [event.entry] });
  if (outcome.ok) event.committed();
}

async function ownApproval(deps: Deps, { principal }: Asked, approval_id: string): Promise<Row | undefined> {
  const [row] = await deps.store.read({
    sql: 'SELECT request_id, match_key, status, approved_until FROM approvals WHERE id = $1 AND agent = $2',
    params: [approval_id, principal.agent],
  });
  return row;
}

async function askWithApproval(
  deps: Deps,
  decided: Decided<Require>,
  { approval_id, authority }: { approval_id: string; authority: Snapshot },
): Promise<Answer | 'again'> {
  const { asked } = decided;
  const row = await ownApproval(deps, asked, approval_id);
  const why = approvalProblem(row, asked.matchKey(), deps.now());
  if (row === undefined || why !== undefined) {
    await refuse(deps, decided, { reason: 'policy_denied' });
    return refused(why ?? 'approval_unverifiable', asked.evaluation_id, NOT_COVERED);
  }
  const redemption = await redeem(deps, decided, {
    approval_id,
    request_id: String(row['request_id']),
    authority,
    enforced_by: CALLER,
  });
  if (redemption.kind === 'again') return 'again';
  return {
    kind: 'permitted',
    evaluation_id: asked.evaluation_id,
    obligations: redemption.permit.obligations,
  };
}

function approvalProblem(row: Row | undefined, match_key: string, now: number) {
  if (row === undefined) return 'approval_unverifiable';
  if (row['match_key'] !== match_key) return 'out_of_scope';
  return row['status'] === 'active' && Number(row['approved_until']) > now ? undefined : 'approval_expired';
}

const fixed = (deps: Deps, principal: Principal, evaluation: Evaluation) =>
  fix(principal, evaluation, {
    now: deps.now(),
    installation_key: deps.installation_key,
    safe: deps.masking.text,
  });

export function open(deps: Deps, caller: Caller, evaluation: Evaluation): Promise<Opening> {
  return settle<Opening>(deps, () => openOnce(deps, caller, evaluation), {
    kind: 'refused',
    reason: 'unavailable',
    message: MESSAGES.unavailable,
  });
}

async function openOnce(deps: Deps, caller: Caller, evaluation: Evaluation): Promise<Opening | 'again'> {
  const { principal } = caller;
  const authority = deps.authority.current();
  if (!stillAdmitted(authority, caller, deps.now()))
    return { kind: 'refused', reason: 'unavailable', message: MESSAGES.not_admitted };
  const asked = fixed(deps, principal, evaluation);
  const decision = decide(deps, authority, evaluation);
  if (decision.effect !== 'require') {
    return {
      kind: 'not_requestable',
      message:
        decision.effect === 'allow'
          ? 'Policy allows this action without a review.'
          : MESSAGES[decision.reason === 'agent_paused' ? 'agent_paused' : 'policy_denied'],
    };
  }
  const standing = await findStanding(deps.store, asked.matchKey(), deps.now());
  if ('request_id' in standing) {
    return opening(deps, principal, { kind: 'joined', request_id: standing.request_id });
  }
  const opened = await openRequest(deps, { asked, decision }, authority);
  if (opened.kind === 'again') return 'again';
  if (opened.kind === 'opened') return opening(deps, principal, opened);
  if (opened.kind === 'no_eligible_reviewer' || opened.kind === 'no_owner')
    return {
      kind: 'not_requestable',
      message: messageOf(opened.kind, 'lacking' in opened ? opened.lacking : undefined),
    };
  return { kind: 'refused', reason: opened.kind, message: MESSAGES[opened.kind] };
}

async function opening(
  deps: Deps,
  principal: Principal,
  { kind, request_id }: { kind: 'opened' | 'joined'; request_id: string },
): Promise<Opening | 'again'> {
  const stored = await loadOwn(deps, principal, request_id);
  if (stored === undefined) return 'again';
  const request: RequestView = await requesterView(deps, stored);
  return { kind, request };
}

/** The live approval of the caller's own request, with the action people approved. */
export async function approvalOf(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<GivenApproval | undefined> {
  const stored = await loadOwn(deps, principal, request_id);
  if (stored === undefined) return undefined;
  const [row] = await deps.store.read({
    sql: "SELECT id, approved_at, approved_until, uses_left FROM approvals WHERE request_id = $1 AND status = 'active' AND approved_until > $2",
    params: [request_id, deps.now()],
  });
  const action = row === undefined ? undefined : await readStoredAction(deps.store, stored.about);
  if (row === undefined || action === undefined) return undefined;
  return {
    approval_id: String(row['id']),
    evaluation_id: stored.about.evaluation_id,
    action,
    action_digest: stored.request.action_digest,
    approved_at: Number(row['approved_at']),
    approved_until: Number(row['approved_until']),
    uses: Number(row['uses_left']),
  };
}
