/** A request with everything that bears on who may review it, under one snapshot at one moment: what core's rules are asked about. */
import type { Case, Cast, Principal, Proof, Requirement, ReviewDecision } from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { handsOver, ticketSystemOf } from '../identity/ticketing.ts';
import { type CastAt, stillSigned } from './signing/standing.ts';
import type { StoredRequest } from './views/row.ts';

/** Who asks and what the policy says now, where an approval is about to be used (I8). */
export type Today = { readonly principal: Principal; readonly requirement: Requirement };

export type Known = { readonly now: number; readonly reviews: readonly Cast[]; readonly today?: Today };

export function caseOf(
  { request, about }: StoredRequest,
  { directory, duties }: Snapshot,
  { now, reviews, today }: Known,
): Case {
  return {
    principal: today?.principal ?? request.principal,
    ...(today === undefined ? {} : { opened_as: request.principal }),
    requirement: today?.requirement ?? request.requirement,
    directory,
    duties,
    reviews,
    opened_at: request.opened_at,
    upstream: about.upstream,
    resource: about.resource,
    now,
  };
}

export async function loadCase(
  deps: Pick<Deps, 'store' | 'now' | 'public_url'>,
  stored: StoredRequest,
  { authority, today }: { readonly authority: Snapshot; readonly today?: Today },
): Promise<Case> {
  const reviews = await castReviews(deps, stored, { authority, redeeming: today !== undefined });
  return caseOf(stored, authority, { now: deps.now(), reviews, ...(today === undefined ? {} : { today }) });
}

/**
 * Every answer that was counted when it was given, in the order they were. One that claims a passkey is checked anew,
 * signature and all: a row somebody wrote, or a key revoked since, makes no vote (A13, I8). Nor does the answer of somebody
 * who was taken out since, put back or not, nor what came through a ticket system that may hand it over no more (A10).
 */
export async function castReviews(
  { store, now, public_url }: Pick<Deps, 'store' | 'now' | 'public_url'>,
  stored: StoredRequest,
  { authority, redeeming = false }: { readonly authority: Snapshot; readonly redeeming?: boolean },
): Promise<readonly CastAt[]> {
  const rows = await store.read({
    sql: `SELECT v.reviewer AS reviewer, v.decision AS decision, v.proof AS proof, v.channel AS channel, v.reviewed_at AS reviewed_at,
                 EXISTS (SELECT 1 FROM people_left l WHERE l.person = v.reviewer AND l.epoch > v.epoch) AS has_left,
                 s.credential_id AS credential_id, s.document AS document, s.client_data AS client_data,
                 s.authenticator_data AS authenticator_data, s.signature AS signature,
                 (SELECT COUNT(*) FROM executions e WHERE e.request_id = v.request_id) AS runs
            FROM reviews v LEFT JOIN review_signatures s ON s.review_id = v.id
           WHERE v.request_id = $1 ORDER BY v.reviewed_at, v.id`,
    params: [stored.request.id],
  });
  const { passkeys: keys, ticketing } = authority;
  const known = { stored, keys, ticketing, public_url, now: now(), redeeming };
  return rows.map((row) => {
    const cast = {
      reviewer: String(row['reviewer']),
      decision: String(row['decision']) as ReviewDecision,
      proof: String(row['proof']) as Proof,
      reviewed_at: Number(row['reviewed_at']),
    };
    if (Number(row['has_left']) === 1) return { ...cast, void: 'left' };
    const by = ticketSystemOf(String(row['channel']));
    const kind = cast.proof === 'passkey' ? 'passkey' : 'oidc';
    if (by !== undefined && !handsOver(ticketing.get(by), stored.about, kind))
      return { ...cast, void: 'handed_over' };
    return cast.proof !== 'passkey' || stillSigned(row, { ...known, cast })
      ? cast
      : { ...cast, void: 'void' };
  });
}
