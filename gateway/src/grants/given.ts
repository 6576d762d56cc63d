/** A grant given with an approval: offered by each who approves, given when all whose votes carry it offered one, in its narrowest part (I3). */
import { classBytes, type GrantTerms, matchingKey, type Vote } from '@countersign/core';
import type { ResolvedEvent } from '../audit/facts/answered.ts';
import { formatDuration } from '../config/duration.ts';
import type { Deps } from '../deps.ts';
import { grantId } from '../ids.ts';
import { readStoredAction } from '../payloads.ts';
import type { Answer } from '../requests/requests.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';

/** The shortest window worth giving. */
const LASTS_MIN_MS = 60_000;

/** Why this answer may offer no such grant, in words; undefined when it may, or offers none. */
export function grantProblem(terms: GrantTerms | undefined, answer: Answer): string | undefined {
  const { grant } = answer;
  if (grant === undefined) return undefined;
  if (answer.decision === 'denied') return 'grant: a denial grants nothing; leave it out.';
  if (terms === undefined)
    return 'grant: the policy offers none for this action; approve the one call, or leave it out.';
  if (answer.signature !== undefined)
    return 'grant: a passkey signs for this one action; answer without it, or leave the grant out.';
  if (grant.lasts_ms < LASTS_MIN_MS || grant.lasts_ms > terms.lasts_ms)
    return `grant.lasts_ms: the policy allows ${formatDuration(LASTS_MIN_MS)} to ${formatDuration(terms.lasts_ms)}.`;
  return grant.uses < 1 || grant.uses > terms.uses
    ? `grant.uses: the policy allows 1 to ${terms.uses}.`
    : undefined;
}

export const offerSteps = (review_id: string, grant: GrantTerms | undefined): readonly Step[] =>
  grant === undefined
    ? []
    : [
        {
          name: 'offer-grant',
          sql: 'INSERT INTO review_grants (review_id, lasts_ms, uses) VALUES ($1, $2, $3)',
          params: [review_id, grant.lasts_ms, grant.uses],
          rows: 1,
        },
      ];

export type GivenGrant = { readonly step: Step; readonly grant: NonNullable<ResolvedEvent['grant']> };

type Giving = { readonly votes: readonly Vote[]; readonly answer: Answer; readonly now: number };

/** Undefined: somebody whose vote is needed offered none, or the action has no class. Then only the one action is approved. */
export async function givenGrant(
  deps: Deps,
  stored: StoredRequest,
  { votes, answer, now }: Giving,
): Promise<GivenGrant | undefined> {
  if (answer.grant === undefined) return undefined;
  const offers = await offersOf(deps, stored.request.id);
  const all = votes.map(({ person }) =>
    person.id === answer.reviewer ? answer.grant : offers.get(person.id),
  );
  if (!all.every((offer) => offer !== undefined)) return undefined;
  const action = await readStoredAction(deps.store, stored.about);
  const bytes = action === undefined ? undefined : classBytes(action);
  if (bytes === undefined) return undefined;
  const id = grantId(now);
  const until = now + Math.min(...all.map(({ lasts_ms }) => lasts_ms));
  const uses = Math.min(...all.map((offer) => offer.uses));
  const { upstream, action: action_name, resource, principal } = stored.about;
  const step: Step = {
    name: 'give-grant',
    sql: `INSERT INTO grants (id, request_id, class_key, agent, upstream, action_name, resource, status, given_at, given_until, uses_given, uses_left, revoked_by, revoked_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $9, $10, $10, NULL, NULL)`,
    params: [
      id,
      stored.request.id,
      matchingKey(bytes, deps.installation_key),
      principal.agent,
      upstream,
      action_name,
      resource,
      now,
      until,
      uses,
    ],
    rows: 1,
  };
  return { step, grant: { id, until, uses } };
}

async function offersOf({ store }: Deps, request_id: string): Promise<ReadonlyMap<string, GrantTerms>> {
  const rows = await store.read({
    sql: `SELECT v.reviewer AS reviewer, g.lasts_ms AS lasts_ms, g.uses AS uses
            FROM reviews v JOIN review_grants g ON g.review_id = v.id WHERE v.request_id = $1`,
    params: [request_id],
  });
  return new Map(
    rows.map((row) => [
      String(row['reviewer']),
      { lasts_ms: Number(row['lasts_ms']), uses: Number(row['uses']) },
    ]),
  );
}
