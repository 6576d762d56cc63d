/**
 * Whether a credential still says who is calling. A session outlives its admission: the key may have been revoked since,
 * the token have expired, the rule or the person it rested on have gone. Asked again before anything is decided or told.
 */
import type { Directory, Principal } from '@countersign/core';
import { type Agent, type Agents, holds, principalOf } from './directory.ts';

/** The part of the authority's snapshot that says who is who. */
export type Moment = { readonly agents: Agents; readonly directory: Directory };

/** Who it would be now; undefined when it is no longer good. */
export type Standing = (at: Moment, now: number) => Principal | undefined;

export function keyStanding(agent: Agent, hash: string, principal: Principal): Standing {
  return ({ agents }, now) => {
    const held = agents.get(principal.agent);
    if (held === undefined || !holds(held, hash, now)) return undefined;
    return held === agent ? principal : principalOf(held, principal.tenant);
  };
}
