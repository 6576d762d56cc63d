/**
 * ARAP: an agent turns a denial into an access request, follows it, withdraws it. A request is about exactly what was
 * denied (the binding token says), belongs to the agent whose key asked, and is unknown to every other.
 */
import type { AccessCallback, Task, TaskAnswer } from '@countersign/sdk';
import type { RequestView } from '../../protocols/protocol.ts';
import { Problem, problem } from '../http/problem.ts';
import { type Door, Reply, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import type { AccessSession, Opening } from './access.ts';
import { boundTo, understand } from './binding.ts';
import type { Endpoints } from './endpoints.ts';
import { misunderstood, rfc3339 } from './evaluations.ts';
import { arapProblem } from './problems.ts';
import { accessRequestInput, taskAnswer, taskPath } from './shapes.ts';

type Deps = Pick<ApiPorts, 'tokens' | 'webhooks'> & { readonly endpoints: Endpoints };

const unknownTask = (): Problem =>
  arapProblem('unknown_task', 'id: no access request of this agent has this id', 'path.id');

export function taskRoutes(deps: Deps, door: Door<AccessSession>): readonly Route[] {
  const base = { tag: 'access', door, answer: taskAnswer } as const;
  const byId = { ...base, params: taskPath } as const;
  return [
    openRoute(deps, door),
    route(
      {
        ...byId,
        id: 'showTask',
        method: 'get',
        path: '/access/v1/requests/{id}',
        summary: 'How an access request stands (ARAP)',
      },
      async ({ caller, params: { id } }) => {
        const view = await caller.find(id);
        return view === undefined ? unknownTask() : answerOf(deps, caller, view);
      },
    ),
    route(
      {
        ...byId,
        id: 'cancelTask',
        method: 'post',
        path: '/access/v1/requests/{id}/cancel',
        summary: 'Withdraw an access request (ARAP)',
      },
      async ({ caller, params: { id } }) => {
        const before = await caller.find(id);
        if (before === undefined) return unknownTask();
        if (before.status !== 'pending')
          return arapProblem('invalid_task_state', `the request is already ${before.status}`);
        const after = await caller.cancel(id);
        if (after === undefined) return unknownTask();
        // Somebody answered in between: told so (I5).
        if (after.status !== 'cancelled')
          return arapProblem('invalid_task_state', `the request is already ${after.status}`);
        return answerOf(deps, caller, after);
      },
    ),
  ];
}

const openRoute = (deps: Deps, door: Door<AccessSession>): Route =>
  route(
    {
      id: 'requestAccess',
      method: 'post',
      path: '/access/v1/requests',
      summary: 'Ask people to lift a denial (ARAP)',
      tag: 'access',
      door,
      body: accessRequestInput,
      answer: taskAnswer,
      success: [202],
      conflict: () =>
        arapProblem(
          'duplicate_request',
          'Idempotency-Key: used with another body; use a new key',
          'header.idempotency-key',
        ),
    },
    async ({ caller, body }) => {
      const { agent } = caller.principal;
      if (body.client?.id !== undefined && body.client.id !== agent) {
        return problem('not_allowed', 'body.client.id: the credential is another client’s', {
          field: 'body.client.id',
        });
      }
      const understood = understand(body, caller.principal);
      if ('kind' in understood) return misunderstood(understood);
      if (understood.approval !== undefined) {
        return problem(
          'invalid_request',
          'body.context.approval: evaluate with it; a request is for what is not approved',
          { field: 'body.context.approval' },
        );
      }
      const checked = await deps.tokens.checkDenial(body.denial.binding_token, agent, understood.bound);
      if (!checked.ok && checked.why === 'expired')
        return arapProblem(
          'expired_denial',
          'denial.binding_token: evaluate again, then request',
          'body.denial.binding_token',
        );
      if (!checked.ok || checked.value.evaluation_id !== body.denial.evaluation_id) {
        return arapProblem(
          'invalid_denial_binding',
          'denial: send the denial and the subject, action, resource and context it was for, unchanged',
          'body.denial',
        );
      }
      const refused = mayCallBack(deps, agent, body.callback);
      if (refused !== undefined) return refused;
      const opening = await caller.open(understood.evaluation);
      const called = await calledBack(deps, caller, { opening, callback: body.callback });
      return called instanceof Problem ? called : opened(deps, caller, called);
    },
  );

function mayCallBack(
  { webhooks }: Deps,
  agent: string,
  callback: AccessCallback | undefined,
): Problem | undefined {
  if (callback === undefined) return undefined;
  const why = webhooks.callbacks.refusal(agent, callback.endpoint);
  const field = 'body.callback.endpoint';
  return why === undefined ? undefined : problem('not_allowed', `${field}: ${why}`, { field });
}

type Calling = { readonly opening: Opening; readonly callback: AccessCallback | undefined };

/** Remembers where it wants to be told. A request that has ended by now is called back by nobody: the answer itself says so. */
async function calledBack(
  { webhooks }: Deps,
  session: AccessSession,
  { opening, callback }: Calling,
): Promise<Opening | Problem> {
  if (callback === undefined || !('request' in opening)) return opening;
  const { id } = opening.request;
  const registered = await webhooks.callbacks.register(session.principal.agent, id, callback);
  if (registered === 'over') return { ...opening, request: (await session.find(id)) ?? opening.request };
  if (registered === 'registered') return opening;
  return problem(
    'too_many_requests',
    `body.callback: too many requests of this agent wait to be called back; send it without one and poll ${id}`,
    { field: 'body.callback', retry_after_s: 60 },
  );
}

async function opened(
  deps: Deps,
  session: AccessSession,
  opening: Opening,
): Promise<Reply<TaskAnswer> | Problem> {
  if (opening.kind === 'not_requestable') return arapProblem('not_requestable', opening.message);
  if (opening.kind === 'refused') {
    const kind = opening.reason === 'unavailable' ? 'unavailable' : 'too_many_requests';
    return problem(kind, opening.message, { retry_after_s: 5 });
  }
  const answer = await answerOf(deps, session, opening.request);
  return new Reply(answer, 202, { location: answer.task.status_endpoint });
}

async function answerOf(
  { tokens, endpoints }: Deps,
  session: AccessSession,
  view: RequestView,
): Promise<TaskAnswer> {
  const task = taskOf(view, endpoints);
  const given = view.status === 'approved' ? await session.approvalOf(view.id) : undefined;
  if (given === undefined) return { task };
  const { agent, subject, act } = session.principal;
  const state = await tokens.signApproval({
    ...given,
    agent,
    subject: subject.id,
    ...(act === undefined ? {} : { act }),
    request_id: view.id,
    bound: boundTo(given.action),
    covers: { actions: [view.action], locations: [view.upstream], identifier: view.resource },
  });
  const approval = {
    id: given.approval_id,
    approved_at: rfc3339(given.approved_at),
    approved_until: rfc3339(given.approved_until),
    state,
  };
  return { task, result: { mode: 'reevaluate', approval } };
}

function taskOf(view: RequestView, endpoints: Endpoints): Task {
  const over = view.status !== 'pending';
  const steps = view.stages?.of ?? 1;
  const by = view.refused_by === undefined ? '' : ` by the ticket system ${view.refused_by}`;
  const because = by + (view.reason === undefined ? '' : `: ${view.reason}`);
  return {
    id: view.id,
    status: view.status,
    status_endpoint: endpoints.request(view.id),
    expires_at: rfc3339(view.expires_at),
    progress: {
      current_step: over ? steps : (view.stages?.done ?? 0),
      total_steps: steps,
      step_name: 'review',
    },
    links: { review: view.review_url, cancel: endpoints.cancel(view.id) },
    display: {
      title: `${view.action} on ${view.resource}`,
      description: over ? `${view.status}${because}` : 'waiting for people to review',
    },
  };
}
