/**
 * What people may do and agents may ask, told ahead of any call: from the policy in force, the people, the agents and the
 * accepted tools of one moment, by the functions that decide. It decides nothing, keeps nothing, and what only a call will
 * say it says is not known.
 *
 * Here: what is known of an agent before it asks.
 */
import type { Principal } from '@countersign/core';
import type { AgentPolicy } from '@countersign/sdk';
import type { Snapshot } from '../../authority/authority.ts';
import { hasExpired } from '../../config/agents.ts';
import { couldMake, type Template } from '../../config/template.ts';

export type KnownAgent = {
  /** Acting for itself. What is not known is null. */
  readonly principal: Principal;
  /** Its tokens say them, and could say anything. */
  readonly unknown: AgentPolicy['unknown'];
  readonly stopped?: NonNullable<AgentPolicy['stopped']>;
};

type Agents = Pick<Snapshot, 'agents' | 'paused'>;

/** Undefined: nobody configured it, and no token could make its name. */
export function knownOf({ agents, paused }: Agents, id: string, now: number): KnownAgent | undefined {
  const agent = agents.get(id);
  const rules = agents.workloads.issuers
    .flatMap((issuer) => issuer.rules)
    .filter((rule) => couldMake(rule.agent, id));
  if (agent === undefined && rules.length === 0) return undefined;
  const own = agent === undefined ? [] : [agent.config];
  const owner = theOne([...own.map((each) => each.owner), ...rules.map((rule) => rule.owner)]);
  const team = theOne([...own.map((each) => each.team), ...rules.map((rule) => rule.team)]);
  const keyed = agent !== undefined && [...agent.keys.values()].some((key) => !hasExpired(key, now));
  const stopped = paused.has(id) ? 'paused' : keyed || rules.length > 0 ? undefined : 'no_credential';
  return {
    principal: {
      tenant: '',
      agent: id,
      owner: owner ?? null,
      team: team ?? null,
      subject: { type: 'agent', id },
    },
    unknown: [
      ...(owner === undefined ? (['owner'] as const) : []),
      // A token may say for whom the agent acts.
      ...(rules.length > 0 ? (['subject'] as const) : []),
      ...(team === undefined ? (['team'] as const) : []),
    ],
    ...(stopped === undefined ? {} : { stopped }),
  };
}

/** What all of them say; undefined where they do not agree, or where claims say it. */
function theOne(said: readonly (string | Template | undefined)[]): string | null | undefined {
  const names = new Set(
    said.map((each) => {
      if (each === undefined || typeof each === 'string') return each ?? null;
      return each.claims.length === 0 ? each.text : undefined;
    }),
  );
  const [only] = names;
  return names.size === 1 ? only : undefined;
}
