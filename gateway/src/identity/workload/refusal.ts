/**
 * Why a workload token was not taken: for the operator's log and metrics, one code a cause. The caller hears only that
 * it was not taken, so that nobody learns from the outside which check to aim at.
 */
export const REFUSALS = {
  oversized: 'the token is larger than 16 KiB',
  malformed: 'the token is not three parts of base64url with JSON objects in them',
  duplicate_member: 'the token says a member twice',
  not_signed: 'the token is not signed (alg none)',
  symmetric_algorithm:
    'the token names a symmetric algorithm; a key everyone may fetch cannot prove anything so',
  critical_header: 'the token has critical extensions, and none is understood here',
  wrong_type: 'the token is of another type (typ) than an access token, ID token or JWT-SVID',
  no_key_id: 'the token does not say which key signed it (kid)',
  unknown_issuer: 'the token’s issuer is not listed under workload_identity',
  algorithm_not_allowed: 'the token’s algorithm is not among the issuer’s `algorithms`',
  keys_unavailable: 'the issuer’s keys could not be had; see the line about them',
  unknown_key: 'the issuer publishes no key with the token’s kid',
  key_unfit: 'the issuer’s key with the token’s kid is not for its algorithm',
  wrong_signature: 'the signature is not the issuer’s',
  no_times: 'the token has no expiry, or a time in it is no number',
  expired: 'the token has expired',
  not_yet_valid: 'the token is not valid yet (nbf)',
  issued_in_future: 'the token was issued in the future (iat): look at both clocks',
  lives_too_long: 'the token lives longer than the issuer’s `lifetime_max`',
  wrong_audience: 'the token is for somebody else (aud)',
  no_rule: 'no rule of the issuer matches the token’s claims',
  bad_name: 'a claim the rule names the agent or team by is missing, or is no plain text',
  name_taken:
    'the name the rule makes is a person’s, that of an agent under `agents`, or one of the gateway’s own',
  unknown_owner: 'the owner the rule names is nobody known here',
  unknown_person: 'the person the token acts for is nobody known here, or not active',
  bad_act: 'the token’s `act` claim is not a chain of objects with `sub`',
  act_too_deep: 'the token’s `act` chain is longer than limits.delegation_depth_max',
  unknown_binding: 'the token is bound to a key in a way that cannot be checked here (cnf)',
  proof_missing: 'the token is bound to a key, or must be, and came without its one proof (DPoP)',
  proof_wrong: 'the proof (DPoP) is not of this request, token, key or time',
  proof_replayed: 'the proof (DPoP) was used before',
  proofs_full: 'too many proofs (DPoP) at once to remember; none is taken unremembered',
} as const;
export type RefusalCode = keyof typeof REFUSALS;

export class WorkloadRefusal extends Error {
  override readonly name = 'WorkloadRefusal';
  readonly code: RefusalCode;
  /** The entry of the configuration it was measured against, once that is known. */
  readonly issuer: string | undefined;
  constructor(code: RefusalCode, issuer?: string, cause?: unknown) {
    super(REFUSALS[code], { cause });
    this.code = code;
    this.issuer = issuer;
  }
}

export const refusal = (code: RefusalCode, issuer?: string): WorkloadRefusal =>
  new WorkloadRefusal(code, issuer);
