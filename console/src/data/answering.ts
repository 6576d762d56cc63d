/**
 * A person's answer on its way to the gateway: signed where the rule asks for it, with the digests of what was shown, once.
 * Nothing is sent before somebody presses; whether an answer counts is the gateway's to say.
 */
import type { GrantTerms, ReviewDecision } from '@countersign/core';
import type {
  BrokenGlass,
  Passkey,
  RequestDetail,
  ReviewInput,
  ReviewResult,
  ReviewsResult,
} from '@countersign/sdk';
import { gate } from './gate.ts';
import { canSign, signAnswer } from './signing.ts';

export type Said = {
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly grant?: GrantTerms;
  /** The preview that was on the page, by id. */
  readonly preview?: string;
};

export type Signer = { readonly person: string; readonly keys: readonly Passkey[] };

/** Which key signs this answer; undefined where it goes unsigned. A grant is no single action, so no key signs one. */
export function keyFor(
  { proof_needed = 'session' }: Pick<RequestDetail, 'proof_needed'>,
  { keys }: Pick<Signer, 'keys'>,
  grant?: GrantTerms,
): Passkey | undefined {
  if (proof_needed === 'session' || grant !== undefined || !canSign()) return undefined;
  return keys[0];
}

export async function sendAnswer(detail: RequestDetail, said: Said, signer: Signer): Promise<ReviewResult> {
  return gate.requests.review(detail.id, await proven(detail, said, signer));
}

/** Each an answer of its own, signed by itself where its rule asks for it; none is sent before all are signed. */
export async function sendAnswers(
  details: readonly RequestDetail[],
  said: Omit<Said, 'grant' | 'preview'>,
  signer: Signer,
): Promise<ReviewsResult['results']> {
  const reviews: (ReviewInput & { readonly request_id: string })[] = [];
  for (const detail of details)
    reviews.push({ request_id: detail.id, ...(await proven(detail, said, signer)) });
  return (await gate.requests.reviewMany({ reviews })).results;
}

/** The answer with the digests of what was shown, and a signature over both where it takes one. */
async function proven(detail: RequestDetail, said: Said, signer: Signer): Promise<ReviewInput> {
  const { action_digest, rendered_digest } = detail;
  const input = { ...said, action_digest, rendered_digest };
  const key = keyFor(detail, signer, said.grant);
  if (key === undefined) return input;
  const { decision, reason } = said;
  const signature = await signAnswer({
    detail,
    said: { decision, ...(reason === undefined ? {} : { reason }) },
    person: signer.person,
    credential_id: key.credential_id,
  });
  return { ...input, signature };
}

export async function breakGlass(
  detail: RequestDetail,
  reason: string,
  signer: Signer,
): Promise<BrokenGlass> {
  const [key] = signer.keys;
  if (key === undefined) throw new Error('It takes a passkey of yours that is confirmed here.');
  const { action_digest, rendered_digest } = detail;
  const signature = await signAnswer({
    detail,
    said: { decision: 'break-glass', reason },
    person: signer.person,
    credential_id: key.credential_id,
  });
  return gate.breakGlass.break(detail.id, { reason, action_digest, rendered_digest, signature });
}
