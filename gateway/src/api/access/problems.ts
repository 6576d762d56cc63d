/** The problem types of the Access Request and Approval Profile, and of what this version does not offer. */
import { Problem } from '../http/problem.ts';

const ARAP = 'urn:openid:authzen:access-request:error:';

export const ARAP_PROBLEMS = {
  not_requestable: [400, 'People cannot be asked for this'],
  expired_denial: [410, 'The denial is too old'],
  invalid_denial_binding: [400, 'The request is not about what was denied'],
  duplicate_request: [409, 'The idempotency key was used for another request'],
  unknown_task: [404, 'Unknown task'],
  invalid_task_state: [409, 'Not possible in this state'],
} as const satisfies { readonly [kind: string]: readonly [status: number, title: string] };

export function arapProblem(kind: keyof typeof ARAP_PROBLEMS, detail: string, field?: string): Problem {
  const [status, title] = ARAP_PROBLEMS[kind];
  return new Problem({ type: ARAP + kind, status, title }, detail, field === undefined ? {} : { field });
}
