/** The decision under one snapshot of the authority. Pure but for the log line of a misconfiguration. */
import type { Decision, Deny, Evaluation, Principal } from '@countersign/core';
import { pinKey, type Snapshot } from '../authority/authority.ts';
import { pauseOf } from '../authority/paused.ts';
import type { Deps } from '../deps.ts';
import { sameCaller } from '../identity/caller.ts';
import type { Standing } from '../identity/standing.ts';

/** Who asks, and what says so. */
export type Caller = { readonly principal: Principal; readonly standing: Standing };

/** What it came with is still good for this agent, for whomever it acts. */
export function isKnown(authority: Snapshot, { principal, standing }: Caller, now: number): boolean {
  const held = standing(authority, now);
  return held !== undefined && (held === principal || sameCaller(held, principal));
}

/**
 * A session outlives its admission: its agent's key may have been revoked since, its token have expired, or its owner
 * changed. Then nothing of it goes on, not even what people have approved; whoever holds a live credential asks again
 * with what is true now.
 */
export function stillAdmitted(authority: Snapshot, { principal, standing }: Caller, now: number): boolean {
  const held = standing(authority, now);
  if (held === principal) return true;
  return (
    held !== undefined &&
    sameCaller(held, principal) &&
    held.owner === principal.owner &&
    held.team === principal.team
  );
}

/**
 * A question about a pinned tool holds while that is the accepted tool, and what it was accepted as: between a protocol's
 * look at the pins and this snapshot they may have changed (A9, I8). Asked again, it is asked about the tool as it is.
 */
function isAsAccepted({ pins }: Snapshot, { context, facts, resource }: Evaluation): boolean {
  const { tool_pin } = context;
  if (tool_pin === undefined) return true;
  const accepted = pins.get(pinKey(facts.scope.upstream, resource.id));
  return accepted?.pin === tool_pin && accepted.class === facts.scope.class;
}

/**
 * The policy's answer; an agent somebody stopped, a tool that is not what was accepted, and an obligation that cannot be
 * carried out make it a denial.
 */
export function decide(deps: Deps, authority: Snapshot, evaluation: Evaluation): Decision {
  const decision = authority.policy.decide(evaluation);
  if (pauseOf(authority, evaluation.facts.scope.agent, evaluation.act) !== undefined)
    return denied(decision, 'agent_paused');
  if (!isAsAccepted(authority, evaluation)) return denied(decision, 'not_exact');
  const missing = decision.obligations.find(({ type }) => !deps.masking.carries.has(type));
  if (missing === undefined) return decision;
  deps.log.error({ obligation: missing.id }, 'an obligation cannot be carried out; denied');
  return denied(decision, 'rule');
}

const denied = ({ risk, explanation }: Decision, reason: Deny['reason']): Deny => ({
  effect: 'deny',
  reason,
  risk,
  explanation,
  obligations: [],
});
