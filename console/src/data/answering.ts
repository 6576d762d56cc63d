/**
 * A person's answer on its way to the gateway: signed where the rule asks for it, with the digests of what was shown, once.
 * Nothing is sent before somebody presses; whether an answer counts is the gateway's to say.
 */
import type { GrantTerms, ReviewDecision } from '@countersign/core';
import type { BrokenGlass, Passkey, RequestDetail, ReviewResult } from '@countersign/sdk';
import { queryOptions } from '@tanstack/react-query';
import { gate } from './gate.ts';
import { canSign, signAnswer } from './signing.ts';

export type Said = {
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly grant?: GrantTerms;
};

/** Of the person looking: those that count, the one used last first. */
export const myKeysQuery = (person: string) =>
  queryOptions({
    queryKey: ['passkeys', 'of', person],
    queryFn: async (): Promise<readonly Passkey[]> =>
      (await gate.passkeys.list()).items
        .filter((key) => key.person === person && key.status === 'active')
        .toSorted((a, b) => (b.last_used_at ?? 0) - (a.last_used_at ?? 0)),
  });

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
  const { id, action_digest, rendered_digest } = detail;
  const key = keyFor(detail, signer, said.grant);
  const { decision, reason } = said;
  const spoken = { decision, ...(reason === undefined ? {} : { reason }) };
  const signed =
    key === undefined
      ? {}
      : {
          signature: await signAnswer({
            detail,
            said: spoken,
            person: signer.person,
            credential_id: key.credential_id,
          }),
        };
  return gate.requests.review(id, { ...said, action_digest, rendered_digest, ...signed });
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
