/**
 * What a reviewer's own key signs, and how a signature over it is read. The key signs one answer to one request, over
 * exactly what was shown; nothing here decides whether that answer counts, or asks anyone to trust who says so.
 *
 * This file: the document (`urn:countersign:review:v1`). Its canonical form hashed is the WebAuthn challenge.
 */
import { sha256 } from '#sha256';
import { canonicalBytes, canonicalize } from '../json/canonical.ts';
import type { Json, JsonObject } from '../json/value.ts';
import type { Sealed } from '../wire/sealed.ts';
import {
  at,
  constantAt,
  matchAt,
  objectAt,
  oneOfAt,
  onlyMembers,
  parseDocument,
  refuse,
  secondsAt,
  stringAt,
} from '../wire/shape.ts';

export const REVIEW_DOCUMENT_TYPE = 'urn:countersign:review:v1';
export const NONCE_BYTES = 32;

/**
 * `break-glass`: let it run without the others, in an emergency. A word of its own, so that no signature over an approval is
 * one over this, or the reverse.
 */
export const SIGNED_DECISIONS = ['approved', 'denied', 'break-glass'] as const;
export type SignedDecision = (typeof SIGNED_DECISIONS)[number];

export type ReviewDocument = {
  readonly typ: typeof REVIEW_DOCUMENT_TYPE;
  /** Of the gateway, as browsers write an origin: a signature for another site is none here. */
  readonly origin: string;
  /** The access request. */
  readonly task_id: string;
  /** Which stage of the review, from 1. */
  readonly stage: number;
  readonly decision: SignedDecision;
  /** What a yes may lead to at most: this many runs, and none after this moment (seconds since 1970). */
  readonly scope: { readonly uses: number; readonly until: number };
  /** The person, as this gateway knows them. */
  readonly reviewer: { readonly iss: string; readonly sub: string };
  /** `sha256:` and hex, as every digest here. */
  readonly action_digest: string;
  readonly policy_digest: string;
  /** Commitments, not bare digests: the document stands in the log, where a bare one could be tried against guesses (I7). */
  readonly rendered_digest: string;
  /** Null where no reason was given. */
  readonly reason_digest: string | null;
  /** base64url. The one key this may be signed with. */
  readonly credential_id: string;
  /** 32 random bytes, base64url: used once. */
  readonly nonce: string;
  /** Seconds since 1970: later it cannot be handed in. */
  readonly exp: number;
};

const MEMBERS = [
  'typ',
  'origin',
  'task_id',
  'stage',
  'decision',
  'scope',
  'reviewer',
  'action_digest',
  'policy_digest',
  'rendered_digest',
  'reason_digest',
  'credential_id',
  'nonce',
  'exp',
] as const satisfies readonly (keyof ReviewDocument)[];

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const NONCE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const CREDENTIAL = /^[A-Za-z0-9_-]{1,1366}$/;

/** The text that is stored, sent and shown: canonical, so that the same document is always the same bytes. */
export const reviewDocumentText = (document: ReviewDocument): string => canonicalize(document);

/** What the key is asked to sign: SHA-256 over the RFC 8785 form. */
export const reviewChallenge = (document: ReviewDocument): Uint8Array<ArrayBuffer> =>
  sha256(canonicalBytes(document));

/** How a document names a commitment that an entry of the log carries. */
export const sealedDigest = (sealed: Sealed): string => `sha256:${sealed.$sealed.digest}`;

/** @throws WireError naming the member at fault */
export function parseReviewDocument(text: string | Uint8Array): ReviewDocument {
  const value = parseDocument(text, 'document');
  assertReviewDocument(value);
  return value;
}

/** @throws WireError unless the value is such a document, whole and with nothing beside it */
export function assertReviewDocument(value: Json): asserts value is ReviewDocument {
  const document = objectAt({ value, path: 'document' });
  onlyMembers(document, '', MEMBERS);
  const field = (key: (typeof MEMBERS)[number]): ReturnType<typeof at> => at(document, '', key);
  constantAt(field('typ'), REVIEW_DOCUMENT_TYPE);
  for (const key of ['origin', 'task_id'] as const) stringAt(field(key));
  wholeAt(field('stage'));
  const decision = oneOfAt(field('decision'), SIGNED_DECISIONS);
  const scope = objectAt(field('scope'));
  onlyMembers(scope, 'scope', ['uses', 'until']);
  wholeAt(at(scope, 'scope', 'uses'));
  secondsAt(at(scope, 'scope', 'until'));
  const reviewer = objectAt(field('reviewer'));
  onlyMembers(reviewer, 'reviewer', ['iss', 'sub']);
  for (const key of ['iss', 'sub']) stringAt(at(reviewer, 'reviewer', key));
  for (const key of ['action_digest', 'policy_digest', 'rendered_digest'] as const) digestAt(field(key));
  if (document['reason_digest'] !== null) digestAt(field('reason_digest'));
  if (decision === 'break-glass') assertEmergency(document, scope);
  matchAt(field('credential_id'), CREDENTIAL, 'must be base64url');
  matchAt(field('nonce'), NONCE, 'must be 32 bytes in base64url');
  secondsAt(field('exp'));
}

/** Whoever breaks the glass says why, for one run. */
function assertEmergency({ reason_digest }: JsonObject, { uses }: JsonObject): void {
  if (reason_digest === null) refuse('reason_digest', 'must be there: breaking the glass takes a reason');
  if (uses !== 1) refuse('scope.uses', 'must be 1: the glass is broken for one run');
}

const digestAt = (field: ReturnType<typeof at>): string =>
  matchAt(field, DIGEST, 'must be "sha256:" and 64 lower-case hex digits');

function wholeAt({ value, path }: ReturnType<typeof at>): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? value
    : refuse(path, 'must be a whole number above zero');
}
