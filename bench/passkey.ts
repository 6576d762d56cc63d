/**
 * One signed review checked as it is before an approval is used: document, client data, authenticator data, signature;
 * against the bare signature of the same key in the same run. The slowest algorithm taken is what counts.
 * Run: npm run bench passkey
 */
import { createHash, type KeyObject, verify } from 'node:crypto';
import {
  encodeBase64Url,
  REVIEW_DOCUMENT_TYPE,
  type ReviewDocument,
  reviewChallenge,
  reviewDocumentText,
} from '@countersign/core';
import type { ReviewChallenge } from '@countersign/sdk';
import { ALGORITHMS, type AlgorithmName, type PinnedKey } from '../gateway/src/passkeys/passkeys.ts';
import {
  checkSignedReview,
  type Expected,
  type SignedReview,
} from '../gateway/src/passkeys/signed-review.ts';
import { passkeySite } from '../gateway/src/passkeys/site.ts';
import { createAuthenticator } from '../gateway/testing/authenticator.ts';
import { type Bench, median, runAlone, shown } from './goals.ts';

const ORIGIN = 'https://gate.example.com';
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

function signedReview(algorithm: AlgorithmName) {
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
  const signature = authenticator.get({ options: { challenge } } as ReviewChallenge);
  const key: PinnedKey = {
    id: 'key',
    credential_id,
    person: 'bob',
    algorithm,
    public_key,
    key_digest: digest('5'),
  };
  const review: SignedReview = { ...signature, document: reviewDocumentText(document) };
  const expected: Expected = {
    site: passkeySite(ORIGIN),
    keys: new Map([[credential_id, key]]),
    request_id: document.task_id,
    reviewer: 'bob',
    decision: 'approved',
    action_digest: document.action_digest,
    policy_digest: document.policy_digest,
  };
  return { review, expected, public_key };
}

/** Milliseconds, median. */
function took(rounds: number, run: () => boolean): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    if (!run()) throw new Error('a signature that should hold does not');
    times.push(performance.now() - start);
  }
  return median(times.slice(Math.floor(rounds / 5)));
}

function bareOf(algorithm: AlgorithmName, review: SignedReview, key: KeyObject): () => boolean {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  const hash = createHash('sha256').update(bytes(review.client_data)).digest();
  const signed = Buffer.concat([bytes(review.authenticator_data), hash]);
  const signature = bytes(review.signature);
  return () => verify(algorithm === 'EdDSA' ? null : 'sha256', signed, key, signature);
}

export const bench: Bench = async ({ quick }) => {
  const rounds = quick ? 5 : 2000;
  const found = (Object.keys(ALGORITHMS) as AlgorithmName[]).map((algorithm) => {
    const { review, expected, public_key } = signedReview(algorithm);
    const got = took(rounds, () => checkSignedReview(review, expected).ok);
    return { algorithm, got, bare: took(rounds, bareOf(algorithm, review, public_key)) };
  });
  const slowest = found.toSorted((a, b) => b.got - a.got)[0];
  if (slowest === undefined) throw new Error('nothing was measured');
  const { got, bare, algorithm } = slowest;
  const baseline = { name: `the bare ${algorithm} signature`, value: bare, unit: ' ms' };
  return {
    measured: [{ goal: 'passkey_check', got, baseline, ratio: got / bare }],
    also: found.map((each) => [
      each.algorithm,
      `${shown(each.got, ' ms')}, of it the signature ${shown(each.bare, ' ms')}`,
    ]),
  };
};

await runAlone(import.meta.url, bench);
