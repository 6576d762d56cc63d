/**
 * Signs an answer with a passkey. The document comes from the gateway, and this page signs it only if it says what the
 * page shows and what was pressed; the challenge is computed here, from that document, and from nothing else.
 */
import {
  assertReviewDocument,
  decodeBase64Url,
  encodeBase64Url,
  encodeUtf8,
  glassLasts,
  type Json,
  reviewChallenge,
  type SignedDecision,
  seal,
  sealedDigest,
} from '@countersign/core';
import type { RequestDetail, ReviewChallenge, ReviewSignature } from '@countersign/sdk';
import { gate } from './gate.ts';
import { digestOfDrawn } from './shown-action.ts';

export type Signing = {
  readonly detail: RequestDetail;
  readonly said: { readonly decision: SignedDecision; readonly reason?: string };
  readonly person: string;
  readonly credential_id: string;
};

/** Can this browser, on this page, use passkeys at all? */
export const canSign = (): boolean => isSecureContext && 'PublicKeyCredential' in globalThis;

/** @throws where the document says anything else than the page, or the browser gave nothing */
export async function signAnswer(signing: Signing): Promise<ReviewSignature> {
  const { detail, said, credential_id } = signing;
  const { id, action_digest, rendered_digest } = detail;
  const asked = await gate.requests.askSignature(id, {
    ...said,
    action_digest,
    rendered_digest,
    credential_id,
  });
  assertReviewDocument(asked.document as unknown as Json);
  const other = otherThanShown(asked, signing, location.origin);
  if (other !== undefined)
    throw new Error(
      `You were about to sign another ${other} than this page shows. Nothing was signed; tell an operator.`,
    );
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: reviewChallenge(asked.document),
      rpId: location.hostname,
      allowCredentials: [{ type: 'public-key', id: decodeBase64Url(credential_id) }],
      userVerification: 'required',
      timeout: asked.options.timeout,
    },
  });
  if (!(given instanceof PublicKeyCredential)) throw new Error('The browser gave no signature.');
  return signatureOf(given);
}

function signatureOf({ rawId, response }: PublicKeyCredential): ReviewSignature {
  if (!(response instanceof AuthenticatorAssertionResponse))
    throw new Error('The browser gave no signature.');
  return {
    credential_id: text(rawId),
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
  };
}

const text = (bytes: ArrayBuffer): string => encodeBase64Url(new Uint8Array(bytes));

/** The first thing the document says that this page does not. */
export function otherThanShown(
  { document, salts }: Pick<ReviewChallenge, 'document' | 'salts'>,
  { detail, said, person, credential_id }: Signing,
  origin: string,
): string | undefined {
  const { requirement } = detail;
  const emergency = said.decision === 'break-glass';
  // In an emergency from the moment of signing; otherwise from the last moment anybody can approve.
  const until = emergency
    ? document.exp + Math.ceil(glassLasts(requirement) / 1000)
    : Math.ceil((detail.expires_at + requirement.valid_ms) / 1000);
  const pairs: readonly (readonly [name: string, signed: unknown, shown: unknown])[] = [
    ['gateway', document.origin, origin],
    ['request', document.task_id, detail.id],
    ['decision', document.decision, said.decision],
    ['person', document.reviewer.sub, person],
    ['action', document.action_digest, detail.action_digest],
    ['policy', document.policy_digest, detail.explanation.policy.digest],
    ['view of the action', document.rendered_digest, commitment(salts.shown, digestOfDrawn(detail))],
    ['reason', document.reason_digest, commitment(salts.reason, said.reason)],
    ['passkey', document.credential_id, credential_id],
    ['number of runs', document.scope.uses, emergency ? 1 : requirement.uses],
    ['end', document.scope.until, until],
  ];
  return pairs.find(([, signed, shown]) => signed !== shown)?.[0];
}

const commitment = (salt: string | undefined, clear: string | undefined): string | null =>
  salt === undefined || clear === undefined
    ? null
    : sealedDigest(seal(decodeBase64Url(salt), encodeUtf8(clear)));
