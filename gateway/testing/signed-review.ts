/** One review signed as a person's authenticator signs it, and what it must be about to hold: for tests and benches. */
import {
  encodeBase64Url,
  REVIEW_DOCUMENT_TYPE,
  type ReviewDocument,
  reviewChallenge,
  reviewDocumentText,
} from '@countersign/core';
import type { ReviewChallenge } from '@countersign/sdk';
import type { AlgorithmName, PinnedKey } from '../src/passkeys/passkeys.ts';
import type { Expected, SignedReview } from '../src/passkeys/signed-review.ts';
import { passkeySite } from '../src/passkeys/site.ts';
import { createAuthenticator, type Twist } from './authenticator.ts';

export const ORIGIN = 'https://gate.example.com';
export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

export function sampleSignedReview(algorithm: AlgorithmName = 'ES256', twist: Twist = {}) {
  const authenticator = createAuthenticator(ORIGIN, algorithm);
  const { credential_id, public_key } = authenticator;
  const document: ReviewDocument = {
    typ: REVIEW_DOCUMENT_TYPE,
    origin: ORIGIN,
    task_id: 'req_01K9ZJ8Q4V6T3N5R7W9Y1B3D5F',
    stage: 1,
    decision: 'approved',
    scope: { uses: 1, until: 1_795_003_600 },
    reviewer: { iss: ORIGIN, sub: 'bob' },
    action_digest: digest('1'),
    policy_digest: digest('2'),
    rendered_digest: digest('3'),
    reason_digest: digest('4'),
    credential_id,
    nonce: encodeBase64Url(new Uint8Array(32)),
    exp: 1_795_000_300,
  };
  const challenge = encodeBase64Url(reviewChallenge(document));
  const given = authenticator.get({ options: { challenge } } as ReviewChallenge, twist);
  const review: SignedReview = { ...given, document: reviewDocumentText(document) };
  const key: PinnedKey = {
    id: 'key',
    credential_id,
    person: 'bob',
    algorithm,
    public_key,
    key_digest: digest('5'),
  };
  const expected: Expected = {
    site: passkeySite(ORIGIN),
    keys: new Map([[credential_id, key]]),
    request_id: document.task_id,
    reviewer: 'bob',
    decision: 'approved',
    action_digest: document.action_digest,
    policy_digest: document.policy_digest,
  };
  return { review, expected, key, challenge };
}
