/**
 * Signing in with a provider, and every way it can go wrong. Each has a name for the operator's log, a status, and two
 * sentences for the person: what happened, and what helps. Nothing here falls back to anything: whoever
 * is not certainly known is nobody, and nothing a provider or a browser sent is ever repeated.
 */
export const FAILURES = {
  unknown_provider: [404, 'There is no such way to sign in here.', START()],
  busy: [429, 'Too many people are signing in at once.', 'Wait a minute, then start again.'],
  // Where the browser comes back.
  flow_unknown: [400, 'This browser did not start this sign-in, or cookies are blocked.', START()],
  flow_expired: [400, 'The sign-in took longer than ten minutes.', START()],
  flow_replayed: [400, 'This sign-in was already completed once.', START()],
  state_mismatch: [400, 'The answer belongs to another sign-in than the one this browser started.', START()],
  mix_up: [400, 'The answer came from another provider than the one you chose.', OPERATOR()],
  answer_malformed: [400, 'The provider’s answer is incomplete.', START()],
  provider_refused: [403, 'The provider did not sign you in.', START()],
  // What the gateway asks the provider itself.
  unreachable: [
    502,
    'The provider cannot be reached.',
    'Try again in a minute. A one-time link from an operator works meanwhile.',
  ],
  oversized: [502, 'The provider’s answer is too large.', 'An operator can have it send fewer groups.'],
  malformed: [502, 'The provider’s answer is not understood.', OPERATOR()],
  duplicate_claims: [502, 'The provider says the same thing twice.', OPERATOR()],
  wrong_issuer: [502, 'The provider goes by another name than the one configured.', OPERATOR()],
  insecure_endpoint: [502, 'The provider names an address that is not safe to use.', OPERATOR()],
  client_refused: [502, 'The provider does not accept this gateway.', OPERATOR()],
  code_refused: [
    400,
    'The provider does not accept the answer it gave: it was used before, or is too old.',
    START(),
  ],
  // Its ID token.
  no_token: [502, 'The provider did not say who you are.', OPERATOR()],
  alg_none: [502, 'What the provider says is not signed.', OPERATOR()],
  alg_refused: [502, 'What the provider says is signed in a way that proves nothing.', OPERATOR()],
  unknown_key: [502, 'What the provider says is signed with a key it does not publish.', OPERATOR()],
  bad_signature: [502, 'What the provider says has a signature that does not fit.', OPERATOR()],
  wrong_audience: [502, 'What the provider says was meant for somebody else.', OPERATOR()],
  wrong_nonce: [400, 'What the provider says belongs to another sign-in.', START()],
  wrong_subject: [502, 'The provider speaks of two people at once.', OPERATOR()],
  expired: [502, 'What the provider says is no longer valid.', 'An operator should compare the clocks.'],
  not_yet_valid: [502, 'What the provider says is not valid yet.', 'An operator should compare the clocks.'],
  groups_overage: [
    403,
    'You are in more groups than the provider can list.',
    'An operator can have it send fewer groups.',
  ],
  // Who that is here.
  not_allowed: [403, 'The provider knows you, but you are not among those who may sign in here.', OPERATOR()],
  email_unverified: [
    403,
    'The provider has not verified your e-mail address.',
    'Verify it there, then start again.',
  ],
  no_account: [
    403,
    'The provider knows you, but nobody here has this account.',
    'An operator can add it to a person’s accounts.',
  ],
  no_role: [403, 'The provider knows you, but none of your groups gives you a role here.', OPERATOR()],
  same_email: [
    403,
    'Somebody here already has your e-mail address, under another account.',
    'An operator can add this account to that person’s.',
  ],
  inactive: [403, 'Your account here is not active.', OPERATOR()],
  roster_full: [503, 'No more people can be added here.', OPERATOR()],
  not_recorded: [503, 'The sign-in could not be recorded, so it did not happen.', START()],
} as const satisfies { readonly [reason: string]: readonly [status: number, what: string, fix: string] };

function START() {
  return 'Go back to the sign-in page and start again.' as const;
}
function OPERATOR() {
  return 'Ask an operator; the reason is in the log.' as const;
}

export type FailureReason = keyof typeof FAILURES;

/** Broken input at the edge, or somebody who is not let in. Carries no value that was sent. */
export class SignInFailure extends Error {
  override readonly name = 'SignInFailure';
  readonly reason: FailureReason;
  constructor(reason: FailureReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}
