/** Withdraws a pending request: by the agent that asked, its owner, or an operator. */
import type { Principal } from '@countersign/core';
import type { Deps } from '../../deps.ts';
import type { RequestView } from '../../protocols/protocol.ts';
import { loadRequest } from '../load.ts';
import type { ChangeOutcome } from '../requests.ts';
import { endRequest } from '../resolve.ts';
import { loadOwn, requesterView } from '../views/requester.ts';

/** By the requester. The state afterwards, whoever made it; undefined when it is not theirs. */
export async function cancelOwn(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<RequestView | undefined> {
  const stored = await loadOwn(deps, principal, request_id);
  if (stored === undefined) return undefined;
  if (stored.request.status === 'pending') {
    await endRequest(deps, stored, { status: 'cancelled', now: deps.now(), by: principal.agent });
  }
  const after = await loadOwn(deps, principal, request_id);
  return after === undefined ? undefined : requesterView(deps, after);
}

/** By a person. */
export async function cancelByPerson(deps: Deps, request_id: string, by: string): Promise<ChangeOutcome> {
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return { kind: 'refused', why: 'unknown', message: 'There is no such request.' };
  const person = deps.authority.current().directory.person(by);
  const may =
    person?.active === true && (person.roles.includes('operator') || stored.request.principal.owner === by);
  if (!may)
    return {
      kind: 'refused',
      why: 'not_allowed',
      message: 'Only the agent’s owner or an operator withdraws a request; a reviewer denies it.',
    };
  const ended =
    stored.request.status === 'pending' &&
    (await endRequest(deps, stored, { status: 'cancelled', now: deps.now(), by }));
  return ended
    ? { kind: 'done' }
    : { kind: 'refused', why: 'wrong_state', message: 'The request is no longer pending.' };
}
