/** The decision under one snapshot of the authority. Pure but for the log line of a misconfiguration. */
import type { Decision, Evaluation, Principal } from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';

/** Who asks, and the hash of the key that says so. */
export type Caller = { readonly principal: Principal; readonly key: string };

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

/** The policy's answer; an obligation that cannot be carried out makes it a denial. */
export function decide(deps: Deps, authority: Snapshot, evaluation: Evaluation): Decision {
  const decision = authority.policy.decide(evaluation);
  const missing = decision.obligations.find(({ type }) => !deps.masking.carries.has(type));
  if (missing === undefined) return decision;
  deps.log.error({ obligation: missing.id }, 'an obligation cannot be carried out; denied');
  const { risk, explanation } = decision;
  return { effect: 'deny', reason: 'rule', risk, explanation, obligations: [] };
}
