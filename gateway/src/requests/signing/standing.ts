/** Whether a stored review that claims a passkey is signed by one that counts now, over this request, within its scope. */

import type { Cast } from '@countersign/core';
import type { TicketSystems } from '../../identity/ticketing.ts';
import { ticketSystemOf } from '../../identity/ticketing.ts';
import type { PinnedKeys } from '../../passkeys/passkeys.ts';
import { checkSignedReview, type SignedReview } from '../../passkeys/signed-review.ts';
import { passkeySite, relatedSite } from '../../passkeys/site.ts';
import type { Row } from '../../store/store.ts';
import type { StoredRequest } from '../views/row.ts';

export type CastAt = Cast & { readonly reviewed_at: number };

export type Standing = {
  readonly stored: StoredRequest;
  readonly cast: CastAt;
  readonly keys: PinnedKeys;
  readonly ticketing: TicketSystems;
  readonly public_url: string;
  readonly now: number;
  /** An approval is about to be used: it must lie within what was signed. */
  readonly redeeming: boolean;
};

/** `row`: the review, beside its signature, if any, and how often its request has run. */
export function stillSigned(
  row: Row,
  { stored, cast, keys, ticketing, public_url, now, redeeming }: Standing,
): boolean {
  if (row['signature'] === null) return false;
  const text = (column: keyof SignedReview): string => String(row[column]);
  // Handed over by a ticket system that is none any more, or not of those pages: it no longer counts (A10).
  const system = ticketSystemOf(String(row['channel']));
  const site =
    system === undefined
      ? passkeySite(public_url)
      : relatedSite(public_url, ticketing.get(system)?.config.origins ?? []);
  const check = checkSignedReview(
    {
      credential_id: text('credential_id'),
      document: text('document'),
      client_data: text('client_data'),
      authenticator_data: text('authenticator_data'),
      signature: text('signature'),
    },
    {
      site,
      keys,
      request_id: stored.request.id,
      reviewer: cast.reviewer,
      decision: cast.decision,
      action_digest: stored.request.action_digest,
      policy_digest: stored.explanation.policy.digest,
    },
  );
  if (!check.ok) return false;
  const { scope, exp } = check.document;
  // The row says when it was handed in; the document, until when it could be, and how far it may reach (I3).
  const inTime = cast.reviewed_at <= exp * 1000;
  return inTime && (!redeeming || (now < scope.until * 1000 && Number(row['runs']) < scope.uses));
}
