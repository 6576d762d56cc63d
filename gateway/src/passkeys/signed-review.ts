/**
 * A review and the signature over it, checked as a whole: is it the document of this request and this person, was it
 * signed by a key that is pinned to them now, over exactly these bytes. Asked when an answer is given and again before
 * every redemption, of nothing but what it is handed: rows can be forged, this cannot (A13).
 */
import {
  ASSERTION_FAULTS,
  type AssertionText,
  decodeAssertion,
  parseReviewDocument,
  type ReviewDocument,
  readAssertion,
  reviewChallenge,
  reviewDocumentText,
  type SignedDecision,
  WireError,
} from '@countersign/core';
import type { PinnedKey, PinnedKeys } from './passkeys.ts';
import { holds } from './public-key.ts';
import type { PasskeySite } from './site.ts';

/** As stored and as logged. */
export type SignedReview = AssertionText & {
  readonly credential_id: string;
  /** RFC 8785 text. */
  readonly document: string;
};

/** What the document must say, from places a forged review cannot reach. */
export type Expected = {
  readonly site: PasskeySite;
  readonly keys: PinnedKeys;
  readonly request_id: string;
  readonly reviewer: string;
  readonly decision: SignedDecision;
  readonly action_digest: string;
  readonly policy_digest: string;
};

export type SignatureCheck =
  | {
      readonly ok: true;
      readonly document: ReviewDocument;
      readonly key: PinnedKey;
      readonly sign_count: number;
      /** Of the page it was made on. */
      readonly origin: string;
    }
  | { readonly ok: false; readonly why: string };

const no = (why: string): SignatureCheck => ({ ok: false, why });

export function checkSignedReview(review: SignedReview, expected: Expected): SignatureCheck {
  const { site, keys } = expected;
  if (!site.ok) return no(site.why);
  const document = readDocument(review.document);
  if (document === undefined) return no('what was signed is not a review');
  const other = firstDifference(document, expected, site.origin);
  if (other !== undefined) return no(`what was signed names another ${other}`);
  const key = keys.get(review.credential_id);
  if (key === undefined || document.credential_id !== key.credential_id)
    return no('the passkey is not one that counts here: never confirmed, or revoked');
  if (key.person !== expected.reviewer) return no('the passkey is another person’s');
  const assertion = decodeAssertion(review);
  if (assertion === undefined) return no('the signature is not in base64url');
  const origins = site.related ?? [site.origin];
  const want = { challenge: reviewChallenge(document), origins, rp_id: site.rp_id };
  const read = readAssertion(assertion, want);
  if (!read.ok) return no(`the passkey’s signature does not count: ${ASSERTION_FAULTS[read.why]}`);
  return holds(key, { signed: read.signed, signature: assertion.signature })
    ? { ok: true, document, key, sign_count: read.sign_count, origin: read.origin }
    : no('the signature is not by the passkey it names');
}

/** Only the canonical text: a second text for the same document would be a second thing signed. */
function readDocument(text: string): ReviewDocument | undefined {
  try {
    const document = parseReviewDocument(text);
    return reviewDocumentText(document) === text ? document : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function firstDifference(document: ReviewDocument, expected: Expected, origin: string): string | undefined {
  const pairs: readonly (readonly [name: string, signed: string, wanted: string])[] = [
    ['gateway', document.origin, origin],
    ['request', document.task_id, expected.request_id],
    ['decision', document.decision, expected.decision],
    ['person', document.reviewer.sub, expected.reviewer],
    ['issuer of the person', document.reviewer.iss, origin],
    ['action', document.action_digest, expected.action_digest],
    ['policy', document.policy_digest, expected.policy_digest],
  ];
  return pairs.find(([, signed, wanted]) => signed !== wanted)?.[0];
}
