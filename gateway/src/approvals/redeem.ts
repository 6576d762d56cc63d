/**
 * After approval: policy has just been evaluated again, and today's requirement must be met by the reviews of people
 * who are still eligible (I8). Then the approval is redeemed by compare-and-swap in the transaction that writes
 * `execution started` (I3): of any number of racers on any number of nodes, one wins.
 */
import { type Case, entitlement, quorum, type Require, standingVotes, type Vote } from '@countersign/core';
import { epochGuard, type Snapshot } from '../authority/authority.ts';
import { glassLost } from '../break-glass/standing.ts';
import type { Deps } from '../deps.ts';
import type { Decided } from '../executions/asked.ts';
import { asPermit, type EnforcedBy, insertExecution } from '../executions/permit.ts';
import { executionId } from '../ids.ts';
import { readStoredAction } from '../payloads.ts';
import type { Permit } from '../protocols/protocol.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';
import { endApproval, type Lost } from './end.ts';

export type Redemption = { readonly kind: 'permit'; readonly permit: Permit } | { readonly kind: 'again' };

export type Redeeming = {
  readonly approval_id: string;
  readonly request_id: string;
  readonly authority: Snapshot;
  readonly enforced_by: EnforcedBy;
};

/** `again`: a racer won, the authority moved, or the approval no longer suffices and has been ended. */
export async function redeem(
  deps: Deps,
  decided: Decided<Require>,
  { approval_id, request_id, authority, enforced_by }: Redeeming,
): Promise<Redemption> {
  const { requirement } = decided.decision;
  const approved = await stillApproved(deps, decided, { approval_id, request_id, authority });
  if (approved === undefined) return { kind: 'again' };
  const { stored } = approved;
  const redeemed = await commitRedemption(deps, decided, {
    stored,
    approval_id,
    epoch: authority.epoch,
    enforced_by,
  });
  if (typeof redeemed === 'object') return { kind: 'permit', permit: redeemed };
  if (redeemed === 'use') {
    // A racer's, then it has ended already; or too old for today's policy, which would never say so by itself.
    const why = 'the policy now gives approvals less time';
    await endApproval(deps, stored, { approval_id, why, older_than_ms: requirement.valid_ms });
  }
  return { kind: 'again' };
}

export type StillApproved = { readonly stored: StoredRequest; readonly votes: readonly Vote[] };

/** The approval's request, and whose votes carry it under today's requirement; else the approval is ended. */
export async function stillApproved(
  deps: Deps,
  { asked, decision }: Decided<Require>,
  { approval_id, request_id, authority }: Omit<Redeeming, 'enforced_by'>,
): Promise<StillApproved | undefined> {
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return undefined;
  const { requirement } = decision;
  const today = { principal: asked.principal, requirement };
  const theCase = await loadCase(deps, stored, { authority, today });
  const broken_glass = stored.resolution?.broken_glass;
  if (broken_glass !== undefined) {
    const glass = await glassLost(deps, broken_glass, { stored, theCase, authority, approval_id });
    if (glass === undefined) return { stored, votes: [] };
    const why = 'whoever broke the glass may not any more, or never did';
    await endApproval(deps, stored, { approval_id, why, lost: [glass] });
    return undefined;
  }
  const votes = standingVotes(theCase);
  if (quorum(requirement, votes).met) return { stored, votes };
  const lost = lostReviews(theCase);
  const why = 'the reviews no longer meet the policy';
  await endApproval(deps, stored, { approval_id, why, ...(lost.length === 0 ? {} : { lost }) });
  return undefined;
}

/** Takes one use. A policy that has since shortened `valid` shortens this approval too (A10). */
export const spendUse = (approval_id: string, now: number, valid_ms: number): Step => ({
  name: 'use',
  sql: `UPDATE approvals SET uses_left = uses_left - 1, status = CASE WHEN uses_left = 1 THEN 'used' ELSE status END
        WHERE id = $1 AND status = 'active' AND uses_left > 0 AND approved_until > $2 AND approved_at + $3 > $2`,
  params: [approval_id, now, valid_ms],
  rows: 1,
});

type Found = {
  readonly stored: StoredRequest;
  readonly approval_id: string;
  readonly epoch: number;
  readonly enforced_by: EnforcedBy;
};

/** Another use of this approval may have run meanwhile, nobody knows how: the next would be that run again (I9). */
const noneUnknown = (approval_id: string, match_key: string): Step => ({
  name: 'none-unknown',
  sql: "SELECT 1 FROM executions WHERE match_key = $2 AND approval_id = $1 AND status = 'unknown'",
  params: [approval_id, match_key],
  rows: 0,
});

/** The permit, or what stood in its way: the name of the guard that did not hold. */
async function commitRedemption(
  deps: Deps,
  { asked, decision }: Decided<Require>,
  { stored, approval_id, epoch, enforced_by }: Found,
): Promise<Permit | string> {
  const request_id = stored.request.id;
  // The approved bytes, not the ones just sent: equal by matching key, and only these were shown to people (I6).
  const action = await readStoredAction(deps.store, stored.about);
  if (action === undefined) return 'erased';
  const now = deps.now();
  const valid_until = now + decision.requirement.valid_ms;
  const execution_id = executionId(now);
  const status = enforced_by === 'caller' ? 'unknown' : 'started';
  const broken_glass = stored.resolution?.broken_glass;
  // Who asks, and from where, is as of now; what runs is as approved.
  const { evaluation_id, origin } = asked.about;
  const now_asked = {
    principal: asked.principal,
    evaluation_id,
    ...(origin === undefined ? {} : { origin }),
  };
  const about = { ...stored.about, ...now_asked };
  const started = deps.events.executionStarted(about, {
    at: now,
    execution_id,
    decision,
    enforced_by,
    approval: {
      id: approval_id,
      request_id,
      resolution_event: stored.resolution?.event ?? '',
      ...(broken_glass === undefined ? {} : { broken_glass }),
    },
  });
  const outcome = await deps.store.commit({
    name: 'redeem',
    steps: [
      epochGuard(epoch),
      spendUse(approval_id, now, decision.requirement.valid_ms),
      ...(enforced_by === 'gateway' ? [noneUnknown(approval_id, stored.match_key)] : []),
      insertExecution({
        execution_id,
        asked: { ...asked, about },
        now,
        status,
        redeemed: { request_id, approval_id, match_key: stored.match_key, valid_until },
      }),
    ],
    entries: [started.entry],
  });
  if (!outcome.ok) return outcome.guard;
  started.committed();
  deps.bus.publish({ request_id, status: 'approved', at: now, run: { execution_id, status } });
  return asPermit(deps, {
    execution_id,
    about,
    obligations: decision.obligations,
    action: () => action,
    epoch,
    started_at: now,
    started_event: started.entry.event_id,
    redeemed: { request_id, valid_until, ...(broken_glass === undefined ? {} : { broken_glass }) },
  });
}

/** Whose approvals counted when they were given and do not now, and why. */
export const lostReviews = (theCase: Case): readonly Lost[] =>
  theCase.reviews.flatMap(({ reviewer, void: lost }) => {
    if (lost !== undefined) return [{ reviewer, why: lost }];
    const person = theCase.directory.person(reviewer);
    const may = person === undefined ? undefined : entitlement(person, theCase);
    return may?.eligible === true ? [] : [{ reviewer, why: may?.why ?? 'inactive' }];
  });
