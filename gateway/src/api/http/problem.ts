/**
 * How the API says no: `application/problem+json` (RFC 9457). A closed list of kinds, each with a stable URN and one
 * status; `detail` names the field and the fix. No value a caller sent and no inner error text is ever repeated (I7).
 */
export const PROBLEM_PREFIX = 'urn:countersign:problem:';

export const PROBLEMS = {
  invalid_request: [400, 'The request is not understood'],
  not_signed_in: [401, 'Not signed in'],
  sign_in_refused: [403, 'The sign-in code is not valid'],
  wrong_credential_kind: [403, 'Wrong kind of credential'],
  cross_site: [403, 'Request from another site'],
  not_allowed: [403, 'Not allowed'],
  not_eligible: [403, 'Not eligible to review this request'],
  proof_too_weak: [403, 'A stronger proof of identity is needed'],
  passkey_refused: [403, 'The passkey was not taken'],
  proof_refused: [403, 'The proof was not taken'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  already_resolved: [409, 'The request is already resolved'],
  already_reviewed: [409, 'Already reviewed by this person'],
  shown_changed: [409, 'What was shown has changed'],
  not_approvable: [409, 'Cannot be approved from this view'],
  no_passkey: [409, 'No passkey to sign with'],
  no_account: [409, 'No account to prove it with'],
  wrong_state: [409, 'Not possible in this state'],
  idempotency_conflict: [409, 'Idempotency key used for another request'],
  in_progress: [409, 'The same request is still being answered'],
  not_yet_sealed: [409, 'Not yet covered by a checkpoint'],
  too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  wrong_host: [421, 'Wrong host'],
  too_many_requests: [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  unavailable: [503, 'Unavailable'],
} as const satisfies { readonly [kind: string]: readonly [status: number, title: string] };
export type ProblemKind = keyof typeof PROBLEMS;

type ProblemExtras = {
  /** JSON Pointer-like name of the offending member: `body.decision`, `query.limit`. */
  readonly field?: string;
  readonly retry_after_s?: number;
  readonly headers?: { readonly [name: string]: string };
  /** Further members of the problem document. */
  readonly members?: { readonly [name: string]: string | number };
};

export class Problem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(
    what: { readonly type: string; readonly status: number; readonly title: string },
    detail: string,
    extras: ProblemExtras = {},
  ) {
    this.type = what.type;
    this.status = what.status;
    this.title = what.title;
    this.detail = detail;
    this.extras = extras;
  }

  response(): Response {
    const { field, retry_after_s, members, headers } = this.extras;
    const body = { type: this.type, title: this.title, status: this.status, detail: this.detail, ...members };
    return new Response(JSON.stringify(field === undefined ? body : { ...body, field }), {
      status: this.status,
      headers: {
        'content-type': 'application/problem+json',
        ...(retry_after_s === undefined ? {} : { 'retry-after': String(retry_after_s) }),
        ...headers,
      },
    });
  }
}

export function problem(kind: ProblemKind, detail: string, extras: ProblemExtras = {}): Problem {
  const [status, title] = PROBLEMS[kind];
  return new Problem({ type: PROBLEM_PREFIX + kind, status, title }, detail, extras);
}
