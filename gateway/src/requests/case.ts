/** A request with everything that bears on who may review it, under one snapshot at one moment: what core's rules are asked about. */
import type { Case, Cast, Principal, Proof, Requirement, ReviewDecision } from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { Store } from '../store/store.ts';
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
  { store, now }: Pick<Deps, 'store' | 'now'>,
  stored: StoredRequest,
  { authority, today }: { readonly authority: Snapshot; readonly today?: Today },
): Promise<Case> {
  const reviews = await castReviews(store, stored.request.id);
  return caseOf(stored, authority, { now: now(), reviews, ...(today === undefined ? {} : { today }) });
}

/** Every answer that was counted when it was given, in the order they were. */
export async function castReviews(store: Store, request_id: string): Promise<readonly CastAt[]> {
  const rows = await store.read({
    sql: 'SELECT reviewer, decision, proof, reviewed_at FROM reviews WHERE request_id = $1 ORDER BY reviewed_at, id',
    params: [request_id],
  });
  return rows.map((row) => ({
    reviewer: String(row['reviewer']),
    decision: String(row['decision']) as ReviewDecision,
    proof: String(row['proof']) as Proof,
    reviewed_at: Number(row['reviewed_at']),
  }));
}

type CastAt = Cast & { readonly reviewed_at: number };
