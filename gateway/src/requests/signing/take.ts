/**
 * Takes a signed answer: is it to a question this session asked, does the document say what the person now answers and
 * what they would be shown now, and does their key's signature hold. What comes back is stored with the vote.
 */
import {
  decodeBase64Url,
  encodeUtf8,
  type JsonObject,
  type ReviewDocument,
  type SignedDecision,
  seal,
  sealedDigest,
} from '@countersign/core';
import type { ReviewSignature } from '@countersign/sdk';
import type { Snapshot } from '../../authority/authority.ts';
import type { Deps } from '../../deps.ts';
import { findChallenge, type Salts, takeChallenge } from '../../passkeys/challenges.ts';
import { challengeNamed } from '../../passkeys/registration.ts';
import { checkSignedReview, type SignedReview } from '../../passkeys/signed-review.ts';
import { passkeySite, relatedSite } from '../../passkeys/site.ts';
import { findKey } from '../../passkeys/stored.ts';
import type { Step } from '../../store/store.ts';
import type { Answer } from '../requests.ts';
import type { StoredRequest } from '../views/row.ts';
import { reasonText } from './reason.ts';

export type TakenSignature = {
  readonly document: ReviewDocument;
  /** Of the payloads the document commits to. */
  readonly salts: { readonly shown: Uint8Array; readonly reason?: Uint8Array };
  /** What the entry says of it. */
  readonly logged: JsonObject;
  /** As it is stored, verbatim. */
  readonly review: SignedReview;
  /** Belong to the transaction it is stored in: good once, counter forward. */
  readonly steps: readonly Step[];
  /** Of the page it was made on. */
  readonly origin: string;
};

/** `message`: why it does not count, for the person; `spent`: the question it answered, which is no longer open. */
export type SignatureRefused = { readonly message: string; readonly spent?: string };

/** A review, or a broken glass. */
export type SignedAnswer = Pick<
  Answer,
  'reviewer' | 'session' | 'reason' | 'action_digest' | 'rendered_digest' | 'relayed'
> & { readonly decision: SignedDecision; readonly signature: ReviewSignature };

export type Signed = {
  readonly stored: StoredRequest;
  readonly answer: SignedAnswer;
  readonly authority: Snapshot;
  readonly stage: number;
};

export async function takeSignature(deps: Deps, signed: Signed): Promise<TakenSignature | SignatureRefused> {
  const { stored, answer, authority } = signed;
  const { signature, reviewer } = answer;
  const now = deps.now();
  const asked = {
    challenge: challengeNamed(signature.client_data) ?? '',
    purpose: 'review',
    person: reviewer,
    session: answer.session ?? '',
  } as const;
  const challenge = await findChallenge(deps.store, asked, now);
  if (challenge?.review?.request_id !== stored.request.id)
    return {
      message:
        'This signature answers no open question of your session: it was used, or took over five minutes. Sign again.',
    };
  const { document: text, salts } = challenge.review;
  const refused = (message: string): SignatureRefused => ({ message, spent: challenge.challenge });
  const review: SignedReview = { ...signature, document: text };
  const check = checkSignedReview(review, {
    site: siteOf(deps, signed),
    keys: authority.passkeys,
    request_id: stored.request.id,
    reviewer,
    decision: answer.decision,
    action_digest: stored.request.action_digest,
    policy_digest: stored.explanation.policy.digest,
  });
  if (!check.ok) return refused(`Your answer was not taken: ${check.why}.`);
  const said = otherThanSaid(check.document, signed, salts);
  if (said !== undefined)
    return refused(`Your answer was not taken: you signed another ${said}. Look again, then answer.`);
  const { key, sign_count, origin } = check;
  const count = (await findKey(deps.store, key.id))?.sign_count ?? 0;
  if (!isForward(count, sign_count))
    return refused(
      'Your answer was not taken: the passkey’s counter went back, so there may be a copy of it. Revoke it.',
    );
  return {
    document: check.document,
    salts: {
      shown: decodeBase64Url(salts.shown),
      ...(salts.reason === undefined ? {} : { reason: decodeBase64Url(salts.reason) }),
    },
    logged: {
      key: key.id,
      key_digest: key.key_digest,
      algorithm: key.algorithm,
      document: check.document,
      client_data: signature.client_data,
      authenticator_data: signature.authenticator_data,
      signature: signature.signature,
    },
    review,
    origin,
    steps: [takeChallenge(challenge), countForward(key.id, sign_count, now)],
  };
}

/** Where the key must have been used: on our own pages, or on those of the system that hands the answer over. */
const siteOf = ({ public_url }: Deps, { answer: { relayed }, authority }: Signed) =>
  relayed === undefined
    ? passkeySite(public_url)
    : relatedSite(public_url, authority.ticketing.get(relayed.by)?.config.origins ?? []);

/** What the document commits to, against what is answered and shown now. */
function otherThanSaid(
  document: ReviewDocument,
  { answer, stage }: Signed,
  salts: Salts,
): string | undefined {
  const reason = reasonText(answer.reason);
  const pairs: readonly (readonly [name: string, signed: unknown, said: unknown])[] = [
    ['stage', document.stage, stage],
    ['view of the action', document.rendered_digest, commitment(salts.shown, answer.rendered_digest)],
    ['reason', document.reason_digest, commitment(salts.reason, reason) ?? null],
  ];
  return pairs.find(([, signed, said]) => signed !== said)?.[0];
}

const commitment = (salt: string | undefined, text: string | undefined): string | undefined =>
  salt === undefined || text === undefined
    ? text
    : sealedDigest(seal(decodeBase64Url(salt), encodeUtf8(text)));

/** WebAuthn Level 3 §6.1.1: zero for ever, or always more. */
const isForward = (before: number, now: number): boolean => (before === 0 && now === 0) || now > before;

const countForward = (key_id: string, sign_count: number, now: number): Step => ({
  name: 'count-forward',
  sql: "UPDATE passkeys SET sign_count = $2, last_used_at = $3 WHERE id = $1 AND status = 'active' AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))",
  params: [key_id, sign_count, now],
  rows: 1,
});

export const insertSignature = (review_id: string, request_id: string, review: SignedReview): Step => ({
  name: 'signature',
  sql: `INSERT INTO review_signatures (review_id, request_id, credential_id, document, client_data, authenticator_data, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7)`,
  params: [
    review_id,
    request_id,
    review.credential_id,
    review.document,
    review.client_data,
    review.authenticator_data,
    review.signature,
  ],
  rows: 1,
});
