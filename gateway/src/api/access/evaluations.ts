/**
 * AuthZEN: an agent asks whether it may. Asking opens nothing; a denial that people may lift says so and carries the
 * token a request must show. With an approval, policy is evaluated again and one use is consumed (I8).
 */
import type { EvaluationInput, EvaluationResult, EvaluationsInput } from '@countersign/sdk';
import { Problem, problem } from '../http/problem.ts';
import { type Door, type Route, route } from '../http/route.ts';
import type { ApiPorts } from '../ports.ts';
import type { AccessSession, Answer, RefusedWhy } from './access.ts';
import { type Misunderstood, type Understood, understand } from './binding.ts';
import type { Endpoints } from './endpoints.ts';
import { evaluationInput, evaluationResult, evaluationsInput, evaluationsResult } from './shapes.ts';

/** How long a denial may be turned into a request. */
export const DENIAL_TTL_MS = 10 * 60_000;
export const TEMPLATE = 'countersign.action.v1';

type Deps = Pick<ApiPorts, 'tokens' | 'now'> & { readonly endpoints: Endpoints };

export function evaluationRoutes(deps: Deps, door: Door<AccessSession>): readonly Route[] {
  // Never repeated from memory: a decision is of its moment, and a kept `true` would be a second use (I3, I8).
  const post = { method: 'post', tag: 'access', door, keep: false } as const;
  return [
    route(
      {
        ...post,
        id: 'evaluate',
        path: '/access/v1/evaluation',
        summary: 'May I? (AuthZEN)',
        body: evaluationInput,
        answer: evaluationResult,
      },
      async ({ caller, body }) => evaluate(deps, caller, body),
    ),
    route(
      {
        ...post,
        id: 'evaluateAll',
        path: '/access/v1/evaluations',
        summary: 'May I, several at once (AuthZEN)',
        body: evaluationsInput,
        answer: evaluationsResult,
      },
      async ({ caller, body }) => {
        const questions = spread(body);
        if (questions instanceof Problem) return questions;
        const evaluations: EvaluationResult[] = [];
        for (const question of questions) {
          const result = await evaluate(deps, caller, question);
          if (result instanceof Problem) return result;
          evaluations.push(result);
          if (stops(body.options?.evaluations_semantic, result.decision)) break;
        }
        return { evaluations };
      },
    ),
  ];
}

const stops = (semantic: string | undefined, decision: boolean): boolean =>
  (semantic === 'deny_on_first_deny' && !decision) || (semantic === 'permit_on_first_permit' && decision);

/** Each question takes what it leaves out from the batch; all are complete before any is asked. */
function spread({
  evaluations,
  options: _,
  ...rest
}: EvaluationsInput): readonly EvaluationInput[] | Problem {
  const questions: EvaluationInput[] = [];
  for (const [at, each] of evaluations.entries()) {
    const { subject, action, resource, context } = { ...rest, ...each };
    if (subject === undefined || action === undefined || resource === undefined) {
      const missing = subject === undefined ? 'subject' : action === undefined ? 'action' : 'resource';
      const field = `body.evaluations.${at}.${missing}`;
      return problem('invalid_request', `${field}: missing here and at the top level`, { field });
    }
    questions.push({ subject, action, resource, ...(context === undefined ? {} : { context }) });
  }
  return questions;
}

async function evaluate(
  deps: Deps,
  session: AccessSession,
  input: EvaluationInput,
): Promise<EvaluationResult | Problem> {
  const understood = understand(input, session.principal);
  if ('kind' in understood) return misunderstood(understood);
  const at = deps.now();
  const answer = await ask(deps, session, understood);
  const about = { evaluation_id: answer.evaluation_id, evaluated_at: rfc3339(at) };
  if (answer.kind === 'permitted') {
    const { obligations } = answer;
    return { decision: true, context: obligations.length === 0 ? about : { ...about, obligations } };
  }
  if (answer.kind === 'refused') {
    return {
      decision: false,
      context: { ...about, reason: answer.reason, message: answer.message, ...NEXT[answer.reason] },
    };
  }
  const access_request = await requestable(deps, session, { understood, answer, at });
  return {
    decision: false,
    context: {
      ...about,
      reason: 'approval_required',
      message: answer.message,
      next_action: 'request',
      access_request,
    },
  };
}

/** The approval's own token is checked before the store is asked: ours, in time, this agent's, this action's (I3). */
async function ask({ tokens }: Deps, session: AccessSession, understood: Understood): Promise<Answer> {
  const { approval, evaluation, bound } = understood;
  if (approval === undefined) return session.ask(evaluation);
  const checked = await tokens.checkApproval(approval.state, session.principal.agent, bound);
  if (checked.ok && checked.value.approval_id === approval.id) return session.ask(evaluation, approval.id);
  // Refused all the same, and recorded: the question is put without the approval, and whatever it says is a no.
  const { evaluation_id } = await session.ask(evaluation, UNUSABLE);
  const expired = !checked.ok && checked.why === 'expired';
  return {
    kind: 'refused',
    evaluation_id,
    reason: expired ? 'approval_expired' : 'approval_unverifiable',
    message: expired
      ? 'the approval has expired; request again'
      : 'the approval is not for this action, or was changed; request again',
  };
}

/** An id no approval has. */
const UNUSABLE = 'apr_unverifiable';

const NEXT: {
  readonly [W in RefusedWhy]: {
    readonly next_action: 'request' | 'retry' | 'none';
    readonly retry_after?: number;
  };
} = {
  policy_denied: { next_action: 'none' },
  approval_expired: { next_action: 'request' },
  approval_unverifiable: { next_action: 'request' },
  out_of_scope: { next_action: 'request' },
  grant_pending: { next_action: 'retry', retry_after: 2 },
  unavailable: { next_action: 'retry', retry_after: 5 },
};

type Requestable = {
  readonly understood: Understood;
  readonly answer: Extract<Answer, { kind: 'requestable' }>;
  readonly at: number;
};

async function requestable(
  { tokens, endpoints }: Deps,
  session: AccessSession,
  { understood, answer, at }: Requestable,
) {
  const expires_at = at + DENIAL_TTL_MS;
  const { agent } = session.principal;
  const binding_token = await tokens.signDenial({
    agent,
    evaluation_id: answer.evaluation_id,
    bound: understood.bound,
    expires_at,
  });
  const display = { title: 'People must review this', description: answer.message };
  return {
    endpoint: endpoints.requests,
    template: TEMPLATE,
    expires_at: rfc3339(expires_at),
    binding_token,
    display,
  };
}

export function misunderstood({ kind, field, message }: Misunderstood): Problem {
  const at = `body.${field}`;
  return problem(kind === 'not_you' ? 'not_allowed' : 'invalid_request', `${at}: ${message}`, { field: at });
}

export const rfc3339 = (ms: number): string => new Date(ms).toISOString();
