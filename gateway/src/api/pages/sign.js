// Signs an answer with a passkey. The document comes from the gateway, and this page signs it only if it says what the
// page shows and what was pressed; the challenge is computed here, from that document, and from nothing else.
// @ts-check
import { decodeBase64Url, encodeBase64Url } from '/pages/core/encoding/base64.js';
import { encodeUtf8 } from '/pages/core/encoding/utf8.js';
import { assertReviewDocument, reviewChallenge, sealedDigest } from '/pages/core/signed-review/document.js';
import { seal } from '/pages/core/wire/sealed.js';
import { digestOfDrawn } from './draw.js';
import { post } from './gateway.js';

/** @typedef {import('@countersign/sdk').RequestDetail} RequestDetail */
/** @typedef {import('@countersign/sdk').ReviewChallenge} ReviewChallenge */
/** @typedef {{ readonly decision: 'approved' | 'denied', readonly reason?: string }} Answer */
/** @typedef {{ readonly detail: RequestDetail, readonly answer: Answer, readonly person: string, readonly credential_id: string }} Signing */

/** Can this browser, on this page, use passkeys at all? */
export const canSign = () => window.isSecureContext && 'PublicKeyCredential' in window;

/** @param {Signing} signing */
export async function signAnswer(signing) {
  const { detail, answer, credential_id } = signing;
  const { id, action_digest, rendered_digest } = detail;
  const body = { ...answer, action_digest, rendered_digest, credential_id };
  /** @type {ReviewChallenge} */
  const asked = await post(`/api/requests/${encodeURIComponent(id)}/review-challenge`, body);
  const { document } = asked;
  assertReviewDocument(/** @type {import('@countersign/core').Json} */ (/** @type {unknown} */ (document)));
  const other = otherThanShown(asked, signing);
  if (other !== undefined)
    throw new Error(
      `You were about to sign another ${other} than this page shows. Nothing was signed; tell an operator.`,
    );
  const given = await navigator.credentials.get({
    publicKey: {
      challenge: reviewChallenge(document),
      rpId: location.hostname,
      allowCredentials: [{ type: 'public-key', id: decodeBase64Url(credential_id) }],
      userVerification: 'required',
      timeout: asked.options.timeout,
    },
  });
  const credential = /** @type {PublicKeyCredential | null} */ (given);
  if (credential === null) throw new Error('The browser gave no signature.');
  return { document, signature: signatureOf(credential) };
}

/** @param {PublicKeyCredential} credential */
function signatureOf({ rawId, response }) {
  const { clientDataJSON, authenticatorData, signature } = /** @type {AuthenticatorAssertionResponse} */ (
    response
  );
  return {
    credential_id: text(rawId),
    client_data: text(clientDataJSON),
    authenticator_data: text(authenticatorData),
    signature: text(signature),
  };
}

/** @param {ArrayBuffer} bytes */
export const text = (bytes) => encodeBase64Url(new Uint8Array(bytes));

/**
 * The first thing the document says that this page does not.
 * @param {ReviewChallenge} asked
 * @param {Signing} signing
 */
function otherThanShown({ document, salts }, { detail, answer, person, credential_id }) {
  const { requirement, expires_at } = detail;
  const until = Math.ceil((expires_at + requirement.valid_ms) / 1000);
  /** @type {readonly (readonly [name: string, signed: unknown, shown: unknown])[]} */
  const pairs = [
    ['gateway', document.origin, location.origin],
    ['request', document.task_id, detail.id],
    ['decision', document.decision, answer.decision],
    ['person', document.reviewer.sub, person],
    ['action', document.action_digest, detail.action_digest],
    ['policy', document.policy_digest, detail.explanation.policy.digest],
    ['view of the action', document.rendered_digest, commitment(salts.shown, digestOfDrawn(detail))],
    ['reason', document.reason_digest, commitment(salts.reason, answer.reason)],
    ['passkey', document.credential_id, credential_id],
    ['number of runs', document.scope.uses, requirement.uses],
    ['end', document.scope.until, until],
  ];
  return pairs.find(([, signed, shown]) => signed !== shown)?.[0];
}

/** @param {string | undefined} salt @param {string | undefined} clear */
const commitment = (salt, clear) =>
  salt === undefined || clear === undefined
    ? null
    : sealedDigest(seal(decodeBase64Url(salt), encodeUtf8(clear)));
