/**
 * Who may have a request looked at again, and who may see what was read. Policy may never have let the agent read it, so
 * it must not be told to whoever answers for the agent, who could hand it on (I4).
 */
import {
  entitlement,
  glassEligibility,
  INELIGIBLE,
  type Ineligible,
  responsibleFor,
} from '@countersign/core';
import type { PreviewState } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import { loadCase } from '../requests/case.ts';
import type { StoredRequest } from '../requests/views/row.ts';

export type Viewing = {
  /** Undefined: they may review it. */
  readonly not_theirs: Ineligible | undefined;
  /** What was read, and what the upstream said of it. */
  readonly sees: boolean;
};

export async function viewingOf(deps: Deps, stored: StoredRequest, viewer: string): Promise<Viewing> {
  const authority = deps.authority.current();
  const person = authority.directory.person(viewer);
  if (person === undefined) return { not_theirs: 'inactive', sees: false };
  const theCase = await loadCase(deps, stored, { authority });
  const may = entitlement(person, theCase);
  // The same people as may see what is hidden: a look costs the upstream something.
  if (may.eligible || glassEligibility(person, theCase).eligible)
    return { not_theirs: undefined, sees: true };
  const audits = person.active && person.roles.includes('auditor');
  const { principal, opened_at } = stored.request;
  const answers_for = responsibleFor(principal, authority.directory, opened_at).has(viewer);
  return { not_theirs: may.why, sees: audits && !answers_for };
}

export const notTheirs = (why: Ineligible): string =>
  `Only people who may review this request have it looked at again: ${INELIGIBLE[why]}.`;

/** Of what somebody else would be shown. */
export function withheld(state: PreviewState): PreviewState {
  switch (state.state) {
    case 'making':
      return state;
    case 'none': {
      const { said: _, ...rest } = state;
      return rest;
    }
    case 'shown':
      return {
        state: 'none',
        why: 'only people who may review this request, and auditors, see what was read',
        at: state.at,
      };
  }
}
