/** Which steps of setting up are done, of what the gateway told. Pure. */
import type { Agent, Call, Operators, Reviewer, Tool, Upstream } from '@countersign/sdk';

export type Found = {
  readonly people: readonly Reviewer[];
  readonly operators: Operators;
  readonly agents: readonly Agent[];
  readonly upstreams: readonly Upstream[];
  readonly tools: readonly Tool[];
  readonly calls: readonly Call[];
  readonly held: readonly Call[];
};

export const STEPS = ['operator', 'reviewer', 'upstream', 'agent', 'connect', 'tools', 'held'] as const;
export type Step = (typeof STEPS)[number];

/** Pure: which steps are done, of what was found. */
export function doneSteps(found: Found): ReadonlySet<Step> {
  const { people, operators, agents, upstreams, tools, calls, held } = found;
  const owners = new Set(agents.flatMap(({ owner }) => (owner === null ? [] : [owner])));
  const reviewers = people.filter(({ active, roles }) => active && roles.includes('reviewer'));
  const done: { readonly [S in Step]: boolean } = {
    operator: operators.operators.length > 0,
    // Whoever owns an agent never reviews it: there must be somebody else.
    reviewer:
      owners.size === 0
        ? reviewers.length > 1
        : [...owners].every((owner) => reviewers.some(({ id }) => id !== owner)),
    upstream: upstreams.length > 0,
    agent: agents.some(({ credentials }) => credentials.some(({ state }) => state !== 'expired')),
    connect: calls.length > 0,
    tools: tools.some(({ status }) => status === 'accepted'),
    held: held.length > 0,
  };
  return new Set(STEPS.filter((step) => done[step]));
}
