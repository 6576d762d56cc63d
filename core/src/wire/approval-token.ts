/**
 * Formats on the wire and in the log: DSSE, in-toto statements, sealed values, log leaves, receipts, approval tokens.
 * Each has one type, one writer and one reader that refuses everything else. Nothing here decides anything.
 *
 * This file: the claims of an approval token.
 */
import type { Json, JsonObject } from '../json/value.ts';
import {
  arrayAt,
  at,
  constantAt,
  has,
  matchAt,
  objectAt,
  refuse,
  secondsAt,
  stringAt,
  stringsAt,
} from './shape.ts';

export const APPROVAL_TOKEN_TYPE = 'approval+jwt';
export const PRIVILEGED_ACTION = 'urn:countersign:privileged-action';

/** RFC 9396 authorization details: the one action approved. */
export type PrivilegedAction = {
  readonly type: typeof PRIVILEGED_ACTION;
  readonly actions: readonly string[];
  readonly locations: readonly string[];
  readonly identifier: string;
  /** `sha256:` and 64 hex digits (I3). */
  readonly action_digest: string;
};

export type ApprovalTokenClaims = {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  /** `approved_until`, in seconds. */
  readonly exp: number;
  readonly jti: string;
  readonly sub: string;
  /** Absent when the agent acts for itself. */
  readonly act?: { readonly iss: string; readonly sub: string; readonly sub_profile: 'ai_agent' };
  readonly client_id: string;
  /** The access request's id. */
  readonly txn: string;
  readonly approval_id: string;
  readonly evaluation_id: string;
  readonly approved_at: number;
  readonly binding_hash: string;
  readonly binding_context_members: readonly string[];
  readonly authorization_details: readonly [PrivilegedAction];
  readonly max_uses: number;
  /** RFC 9449: the DPoP key it is bound to. */
  readonly cnf?: { readonly jkt: string };
};

const TEXT_CLAIMS = ['iss', 'aud', 'jti', 'sub', 'client_id', 'txn', 'approval_id', 'evaluation_id'] as const;
const SHA256_BASE64URL = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Throws `WireError`. Whether the signature, the time and the uses hold is the caller's to check. */
export function assertApprovalTokenClaims(value: Json): asserts value is ApprovalTokenClaims {
  const claims = objectAt({ value, path: 'claims' });
  const field = (key: string): ReturnType<typeof at> => at(claims, '', key);
  for (const claim of TEXT_CLAIMS) stringAt(field(claim));
  const [issued, expires] = [secondsAt(field('iat')), secondsAt(field('exp'))];
  if (expires <= issued) refuse('exp', 'must be after iat');
  secondsAt(field('approved_at'));
  const uses = claims['max_uses'];
  if (typeof uses !== 'number' || !Number.isSafeInteger(uses) || uses < 1)
    refuse('max_uses', 'must be a whole number from 1');
  matchAt(field('binding_hash'), SHA256_BASE64URL, 'must be base64url of 32 bytes');
  stringsAt(field('binding_context_members'));
  if (has(claims, 'act')) assertAct(objectAt(field('act')));
  if (has(claims, 'cnf'))
    matchAt(at(objectAt(field('cnf')), 'cnf', 'jkt'), SHA256_BASE64URL, 'must be a JWK thumbprint');
  assertDetails(arrayAt(field('authorization_details')));
}

function assertAct(act: JsonObject): void {
  stringAt(at(act, 'act', 'iss'));
  stringAt(at(act, 'act', 'sub'));
  constantAt(at(act, 'act', 'sub_profile'), 'ai_agent');
}

/** One action only: a token for two would be redeemed for the one nobody looked at (A7). */
function assertDetails(details: readonly Json[]): void {
  if (details.length !== 1) refuse('authorization_details', 'must have exactly one element');
  const path = 'authorization_details[0]';
  const detail = objectAt({ value: details[0], path });
  constantAt(at(detail, path, 'type'), PRIVILEGED_ACTION);
  stringsAt(at(detail, path, 'actions'));
  stringsAt(at(detail, path, 'locations'));
  stringAt(at(detail, path, 'identifier'));
  matchAt(
    at(detail, path, 'action_digest'),
    /^sha256:[0-9a-f]{64}$/,
    'must be "sha256:" and 64 lower-case hex digits',
  );
}
