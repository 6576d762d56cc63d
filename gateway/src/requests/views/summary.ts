/** A request in one line of a list. */
import { type JsonObject, quorum, standingVotes } from '@countersign/core';
import type { RequestSummary } from '@countersign/sdk';
import { markOf } from '../../break-glass/mark.ts';
import type { Deps } from '../../deps.ts';
import { readStoredAction } from '../../payloads.ts';
import { loadCase } from '../case.ts';
import type { StoredRequest } from './row.ts';
import { orderOf, sentenceFor } from './sentence.ts';

export async function summaryOf(deps: Deps, stored: StoredRequest): Promise<RequestSummary> {
  const { request, about, explanation } = stored;
  const { principal } = request;
  const broken_glass = await markOf(deps.store, stored.resolution);
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  return {
    id: request.id,
    status: request.status,
    agent: principal.agent,
    subject: principal.subject.id,
    owner: principal.owner,
    team: principal.team,
    upstream: request.upstream,
    env: about.env,
    action: about.action,
    resource: about.resource,
    risk: request.risk,
    sentence: await sentence(deps, stored),
    rules: [...new Set(explanation.deciding.map((hit) => hit.rule))],
    opened_at: request.opened_at,
    expires_at: request.expires_at,
    ...(request.status === 'pending' ? {} : { resolved_at: request.resolved_at }),
    quorum: quorum(request.requirement, standingVotes(theCase)),
    ...(broken_glass === undefined ? {} : { broken_glass }),
  };
}

async function sentence(deps: Deps, { about, request }: StoredRequest): Promise<string> {
  const stands = await readStoredAction(deps.store, about);
  if (stands === undefined) return `${about.action} ${about.resource} on ${request.upstream} (erased)`;
  const action = stands as unknown as JsonObject;
  const order = orderOf(deps.authority.current().pins, request.upstream, action);
  const where = { id: request.upstream, env: about.env, order };
  return sentenceFor(deps.masking, request.principal.agent, { action, where });
}
