/** A request as its requester may see it: its own, and nothing reviewers said of it but the reason for a denial. */
import { type Principal, quorum, standingVotes } from '@countersign/core';
import type { Deps } from '../../deps.ts';
import { sameCaller } from '../../identity/caller.ts';
import { ticketSystemOf } from '../../identity/ticketing.ts';
import { readPayload } from '../../payloads.ts';
import type { RequestView } from '../../protocols/protocol.ts';
import { loadCase } from '../case.ts';
import { endOverdue } from '../ending/overdue.ts';
import { REQUEST_COLUMNS, readRequest, type StoredRequest } from './row.ts';

/** Never one that only waits to be swept: whoever asked is told that its time is up. */
export async function loadOwn(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<StoredRequest | undefined> {
  const own = await readOwn(deps, principal, request_id);
  return own !== undefined && (await endOverdue(deps, own)) ? readOwn(deps, principal, request_id) : own;
}

async function readOwn(
  deps: Deps,
  principal: Principal,
  request_id: string,
): Promise<StoredRequest | undefined> {
  const [row] = await deps.store.read({
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE id = $1 AND agent = $2 AND subject = $3`,
    params: [request_id, principal.agent, principal.subject.id],
  });
  const stored = row === undefined ? undefined : readRequest(row);
  // The same agent for the same person by another chain is another caller: what it was told is not this one's (I3).
  return stored !== undefined && sameCaller(stored.request.principal, principal) ? stored : undefined;
}

export async function requesterView(deps: Deps, stored: StoredRequest): Promise<RequestView> {
  const { request, about, resolution } = stored;
  const reason =
    request.status === 'denied' && resolution?.reason_payload_id !== undefined
      ? await readPayload(deps.store, resolution.reason_payload_id)
      : undefined;
  const stages = await stagesOf(deps, stored);
  const refused_by = request.status === 'denied' ? ticketSystemOf(resolution?.by ?? '') : undefined;
  const approved = request.status === 'approved' ? await approvedParts(deps, request.id) : {};
  return {
    id: request.id,
    status: request.status,
    upstream: about.upstream,
    action: about.action,
    resource: about.resource,
    risk: request.risk,
    opened_at: request.opened_at,
    expires_at: request.expires_at,
    review_url: `${deps.public_url}/requests/${request.id}`,
    ...(request.status === 'pending' ? {} : { resolved_at: request.resolved_at }),
    ...(reason === undefined ? {} : { reason: deps.masking.text(reason.body) }),
    ...(refused_by === undefined ? {} : { refused_by }),
    ...(stages === undefined ? {} : { stages }),
    ...approved,
  };
}

async function stagesOf(deps: Deps, stored: StoredRequest): Promise<RequestView['stages']> {
  const { status, requirement } = stored.request;
  if (requirement.next === undefined) return undefined;
  const of = 1 + requirement.next.length;
  if (status !== 'pending') return { done: of, of };
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  const { stage = 1 } = quorum(requirement, standingVotes(theCase));
  return { done: stage - 1, of };
}

const APPROVED = `
  SELECT a.id AS approval_id, a.approved_at AS approved_at, a.approved_until AS approved_until, e.id AS execution_id, e.status AS status, p.body AS body
    FROM approvals a
    LEFT JOIN executions e ON e.approval_id = a.id
    LEFT JOIN payloads p ON p.id = e.result_payload_id AND p.erased_at IS NULL
   WHERE a.request_id = $1 ORDER BY e.started_at DESC LIMIT 1`;

async function approvedParts(deps: Deps, request_id: string): Promise<Partial<RequestView>> {
  const [row] = await deps.store.read({ sql: APPROVED, params: [request_id] });
  if (row === undefined) return {};
  const approval = {
    approval_id: String(row['approval_id']),
    approved_at: Number(row['approved_at']),
    approved_until: Number(row['approved_until']),
  };
  if (row['execution_id'] === null) return approval;
  return {
    ...approval,
    execution: {
      id: String(row['execution_id']),
      status: String(row['status']) as NonNullable<RequestView['execution']>['status'],
      ...(row['body'] === null ? {} : { result: { body: String(row['body']) } }),
    },
  };
}
