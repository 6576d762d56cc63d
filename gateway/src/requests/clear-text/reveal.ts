/** Shows one person what is hidden in an action, after putting on the record that they asked and why (I6). */
import { entitlement, glassEligibility, INELIGIBLE } from '@countersign/core';
import type { Deps } from '../../deps.ts';
import { payloadId } from '../../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../../payloads.ts';
import { loadCase } from '../case.ts';
import { loadRequest } from '../load.ts';
import type { ChangeOutcome } from '../requests.ts';

export async function reveal(
  deps: Deps,
  request_id: string,
  { by, reason }: { by: string; reason: string },
): Promise<ChangeOutcome> {
  const stored = await loadRequest(deps.store, request_id);
  if (stored === undefined) return { kind: 'refused', why: 'unknown', message: 'There is no such request.' };
  const authority = deps.authority.current();
  const person = authority.directory.person(by);
  const theCase = await loadCase(deps, stored, { authority });
  const may = person === undefined ? undefined : entitlement(person, theCase);
  // Whoever may break the glass must be able to see what that lets through.
  const breaks = person !== undefined && glassEligibility(person, theCase).eligible;
  if (may?.eligible !== true && !breaks) {
    return {
      kind: 'refused',
      why: 'not_allowed',
      message: `Only people who may review this request can see it in clear: ${INELIGIBLE[may?.why ?? 'inactive']}.`,
    };
  }
  if (stored.request.status !== 'pending')
    return {
      kind: 'refused',
      why: 'wrong_state',
      message: `The request is already ${stored.request.status}.`,
    };
  const now = deps.now();
  const payload: Payload = { id: payloadId(now), kind: 'reason', salt: newSalt(), body: reason };
  const { about } = stored;
  const event = deps.events.recorded(
    {
      kind: 'redaction',
      occurred_at: now,
      task_id: request_id,
      evaluation_id: about.evaluation_id,
      action_digest: about.action_digest,
      predicate: { revealed_to: by, reason: sealed(payload) },
      terms: {
        request_id,
        reviewer: by,
        agent: about.principal.agent,
        upstream: about.upstream,
        action: about.action,
        resource: about.resource,
      },
    },
    'hidden text revealed to a reviewer',
  );
  const outcome = await deps.store.commit({
    name: 'reveal',
    steps: [
      // Not after it ended: what it then says is seen by nobody, and may have been erased.
      {
        name: 'open',
        sql: "SELECT 1 FROM requests WHERE id = $1 AND status = 'pending'",
        params: [request_id],
        rows: 1,
      },
      storePayloadOf(request_id, payload, now),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok)
    return { kind: 'refused', why: 'wrong_state', message: 'The request changed meanwhile; look again.' };
  event.committed();
  return { kind: 'done' };
}
