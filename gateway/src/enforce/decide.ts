/** The decision under one snapshot of the authority. Pure but for the log line of a misconfiguration. */
import type { Decision, Deny, Evaluation, Principal } from '@countersign/core';
import { pinKey, type Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';

/** Who asks, and the hash of the key that says so. */
export type Caller = { readonly principal: Principal; readonly key: string };

/** The key is still one of this agent's. */
export const isKnown = (authority: Snapshot, { principal, key }: Caller): boolean =>
  authority.agents.get(principal.agent)?.config.keys.includes(key) === true;

/**
 * A session outlives its admission: its agent's key may have been revoked since, or its owner changed. Then nothing of
 * it goes on, not even what people have approved; whoever holds a live key asks again with what is true now.
 */
export function stillAdmitted(authority: Snapshot, { principal, key }: Caller): boolean {
  const agent = authority.agents.get(principal.agent);
  return (
    agent?.config.keys.includes(key) === true &&
    (agent.config.owner ?? null) === principal.owner &&
    (agent.config.team ?? null) === principal.team
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

/** The policy's answer; a tool that is not what was accepted, and an obligation that cannot be carried out makes it a denial. */
export function decide(deps: Deps, authority: Snapshot, evaluation: Evaluation): Decision {
  const decision = authority.policy.decide(evaluation);
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
