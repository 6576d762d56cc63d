/**
 * Does a broken glass still let its action through? Asked before the run, of today's policy, people and keys: is whoever
 * broke it still named, still free of the action, still active; does their signature hold, over exactly this, within its
 * scope (I4, I8, A13). A row somebody wrote, or edited, lets nothing through.
 */
import { type Case, glassEligibility, type NoGlass } from '@countersign/core';
import type { Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { checkSignedReview } from '../passkeys/signed-review.ts';
import { passkeySite } from '../passkeys/site.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import { loadGlass, type StoredGlass } from './stored.ts';

/**
 * `void`: no such glass was broken, or its signature does not hold now; `left`: whoever broke it was taken out since;
 * `other_owner`: the agent is somebody else's by now, who could then judge what ran as theirs.
 */
export type GlassLost = {
  readonly reviewer: string;
  readonly why: NoGlass | 'void' | 'left' | 'other_owner';
};

export type GlassAsked = {
  readonly stored: StoredRequest;
  /** Under today's requirement. */
  readonly theCase: Case;
  readonly authority: Snapshot;
  readonly approval_id: string;
};

/** Undefined: it stands. */
export async function glassLost(
  deps: Pick<Deps, 'store' | 'now' | 'public_url'>,
  glass_id: string,
  asked: GlassAsked,
): Promise<GlassLost | undefined> {
  const glass = await loadGlass(deps.store, glass_id);
  if (glass === undefined) return { reviewer: '', why: 'void' };
  const { theCase } = asked;
  const person = theCase.directory.person(glass.person);
  const may = person === undefined ? undefined : glassEligibility(person, theCase);
  if (may?.eligible !== true) return { reviewer: glass.person, why: may?.why ?? 'inactive' };
  if (theCase.principal.owner !== asked.stored.request.principal.owner)
    return { reviewer: glass.person, why: 'other_owner' };
  if (await hasLeft(deps, glass)) return { reviewer: glass.person, why: 'left' };
  return (await isSigned(deps, glass, asked)) ? undefined : { reviewer: glass.person, why: 'void' };
}

async function hasLeft({ store }: Pick<Deps, 'store'>, { person, epoch }: StoredGlass): Promise<boolean> {
  const sql = 'SELECT 1 FROM people_left WHERE person = $1 AND epoch > $2';
  return (await store.read({ sql, params: [person, epoch] })).length > 0;
}

async function isSigned(
  { store, now, public_url }: Pick<Deps, 'store' | 'now' | 'public_url'>,
  glass: StoredGlass,
  { stored, authority, approval_id }: GlassAsked,
): Promise<boolean> {
  const { request, explanation } = stored;
  if (glass.request_id !== request.id || glass.approval_id !== approval_id) return false;
  const check = checkSignedReview(glass.signed, {
    site: passkeySite(public_url),
    keys: authority.passkeys,
    request_id: request.id,
    reviewer: glass.person,
    decision: 'break-glass',
    action_digest: request.action_digest,
    policy_digest: explanation.policy.digest,
  });
  if (!check.ok) return false;
  const { scope, exp } = check.document;
  const [runs] = await store.read({
    sql: 'SELECT COUNT(*) AS n FROM executions WHERE request_id = $1',
    params: [request.id],
  });
  // The row says when it was handed in; the document, until when it could be, how far it reaches, and how often (I3).
  return glass.broken_at <= exp * 1000 && now() < scope.until * 1000 && Number(runs?.['n']) < scope.uses;
}
