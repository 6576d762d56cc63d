/** The document a person proves their answer over: what is decided, over what was shown, by whom, and how far it may reach (WIRE §4). */
import {
  encodeBase64Url,
  encodeUtf8,
  glassLasts,
  NONCE_BYTES,
  REVIEW_DOCUMENT_TYPE,
  type ReviewDocument,
  seal,
  sealedDigest,
} from '@countersign/core';
import { randomOctets } from '../../ids.ts';
import { CHALLENGE_TTL_MS, type Salts } from '../../passkeys/challenges.ts';
import { newSalt } from '../../payloads.ts';
import type { SignatureAsk } from '../requests.ts';
import type { StoredRequest } from '../views/row.ts';
import { reasonText } from './reason.ts';

export type Made = { readonly document: ReviewDocument; readonly salts: Salts };

type Over = {
  readonly origin: string;
  readonly stored: StoredRequest;
  readonly stage: number;
  /** What it is to be proven with. */
  readonly credential_id: string;
  readonly at: number;
};

export function documentOf(
  ask: Pick<SignatureAsk, 'decision' | 'reviewer' | 'reason' | 'rendered_digest'>,
  { origin, stored, stage, credential_id, at }: Over,
): Made {
  const { request, explanation } = stored;
  const shown = newSalt();
  const salt = newSalt();
  const reason = reasonText(ask.reason);
  const exp = Math.floor((at + CHALLENGE_TTL_MS) / 1000);
  const document: ReviewDocument = {
    typ: REVIEW_DOCUMENT_TYPE,
    origin,
    task_id: request.id,
    stage,
    decision: ask.decision,
    scope: scopeOf(ask.decision, request, exp),
    reviewer: { iss: origin, sub: ask.reviewer },
    action_digest: request.action_digest,
    policy_digest: explanation.policy.digest,
    rendered_digest: commitment(shown, ask.rendered_digest),
    reason_digest: reason === undefined ? null : commitment(salt, reason),
    credential_id,
    nonce: encodeBase64Url(randomOctets(NONCE_BYTES)),
    exp,
  };
  const opened = reason === undefined ? {} : { reason: encodeBase64Url(salt) };
  return { document, salts: { shown: encodeBase64Url(shown), ...opened } };
}

/** No approval of this request can live longer, whoever answers last; what a broken glass lets through, less, and runs once. */
const scopeOf = (
  decision: ReviewDocument['decision'],
  { requirement, expires_at }: StoredRequest['request'],
  exp: number,
): ReviewDocument['scope'] =>
  decision === 'break-glass'
    ? { uses: 1, until: exp + Math.ceil(glassLasts(requirement) / 1000) }
    : { uses: requirement.uses, until: Math.ceil((expires_at + requirement.valid_ms) / 1000) };

const commitment = (salt: Uint8Array, text: string): string => sealedDigest(seal(salt, encodeUtf8(text)));
