/**
 * A use of a grant: policy has just been evaluated anew and still offers one, its reviews still carry today's requirement
 * (I8), and one use is taken by compare-and-swap in the transaction that writes `execution started` (I3).
 */
import { type Case, classBytes, matchingKey, quorum, type Require, standingVotes } from '@countersign/core';
import { lostReviews } from '../approvals/redeem.ts';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { Decided } from '../executions/asked.ts';
import { startExecution } from '../executions/permit.ts';
import type { Permit } from '../protocols/protocol.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { endGrant } from './end.ts';

/** `none`: no grant covers it. `again`: a racer was first, the authority moved, or the grant has just been ended. */
export type GrantUse =
  | { readonly kind: 'permit'; readonly permit: Permit }
  | { readonly kind: 'none' }
  | { readonly kind: 'again' };

export async function useGrant(
  deps: Deps,
  decided: Decided<Require>,
  authority: Snapshot,
): Promise<GrantUse> {
  const { asked, decision } = decided;
  const found = await findGrant(deps, decided);
  if (found === undefined) return { kind: 'none' };
  const stored = await loadRequest(deps.store, found.request_id);
  if (stored === undefined) return { kind: 'none' };
  const today = { principal: asked.principal, requirement: decision.requirement };
  const theCase: Case = await loadCase(deps, stored, { authority, today });
  if (!quorum(decision.requirement, standingVotes(theCase)).met) {
    const lost = lostReviews(theCase);
    const why = 'the reviews no longer meet the policy';
    const ended = await endGrant(deps, stored, {
      grant_id: found.id,
      reason: { why, ...(lost.length === 0 ? {} : { lost }) },
    });
    // Ended by this call or by another: either way it is no longer there to be found.
    return ended ? { kind: 'again' } : { kind: 'none' };
  }
  const permit = await commitUse(deps, decided, { stored, grant_id: found.id, epoch: authority.epoch });
  return permit === undefined ? { kind: 'again' } : { kind: 'permit', permit };
}

type FoundGrant = { readonly id: string; readonly request_id: string };

/**
 * The one that ends first. A policy that has since shortened grants shortens this one too (A10). None for a call of which
 * one may have run already, nobody knows how: people are asked instead (I9).
 */
async function findGrant(
  { store, now, installation_key }: Deps,
  { asked, decision }: Decided<Require>,
): Promise<FoundGrant | undefined> {
  const terms = decision.requirement.grant;
  const bytes = terms === undefined ? undefined : classBytes(asked.evaluation);
  if (terms === undefined || bytes === undefined) return undefined;
  const [row] = await store.read({
    sql: `SELECT id, request_id FROM grants
           WHERE class_key = $1 AND status = 'active' AND uses_left > 0 AND given_until > $2 AND given_at + $3 > $2
             AND uses_given - uses_left < $4
             AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.match_key = $5 AND e.status = 'unknown' AND e.started_at >= grants.given_at)
           ORDER BY given_until, id LIMIT 1`,
    params: [matchingKey(bytes, installation_key), now(), terms.lasts_ms, terms.uses, asked.matchKey()],
  });
  return row === undefined ? undefined : { id: String(row['id']), request_id: String(row['request_id']) };
}

type Using = { readonly stored: StoredRequest; readonly grant_id: string; readonly epoch: number };

function commitUse(
  deps: Deps,
  { asked, decision }: Decided<Require>,
  { stored, grant_id, epoch }: Using,
): Promise<Permit | undefined> {
  const now = deps.now();
  const terms = decision.requirement.grant ?? { lasts_ms: 0, uses: 0 };
  const match_key = asked.matchKey();
  return startExecution(
    deps,
    { asked, decision },
    {
      name: 'use-grant',
      now,
      epoch,
      enforced_by: 'gateway',
      steps: [
        {
          name: 'use',
          sql: `UPDATE grants SET uses_left = uses_left - 1, status = CASE WHEN uses_left = 1 THEN 'used' ELSE status END
              WHERE id = $1 AND status = 'active' AND uses_left > 0 AND given_until > $2 AND given_at + $3 > $2 AND uses_given - uses_left < $4`,
          params: [grant_id, now, terms.lasts_ms, terms.uses],
          rows: 1,
        },
        {
          name: 'none-unknown',
          sql: "SELECT 1 FROM executions WHERE match_key = $1 AND status IN ('started', 'unknown') AND started_at >= (SELECT given_at FROM grants WHERE id = $2)",
          params: [match_key, grant_id],
          rows: 0,
        },
      ],
      execution: { granted: { grant_id, match_key } },
      grant: {
        id: grant_id,
        request_id: stored.request.id,
        resolution_event: stored.resolution?.event ?? '',
      },
    },
  );
}
