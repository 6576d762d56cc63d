/**
 * Opens an access request for an action that policy holds. Identical open requests of one requester coalesce: the
 * store's unique index on the open matching key is the judge, on any number of nodes. One transaction: the action's
 * bytes, the request, and both entries.
 */
import {
  type Case,
  canBeReviewed,
  canonicalize,
  everySeat,
  glassEligibility,
  type Json,
  type Principal,
  type Require,
  stagesOf,
} from '@countersign/core';
import { epochGuard, type Snapshot } from '../authority/authority.ts';
import type { AskingMax, Deps } from '../deps.ts';
import type { Decided } from '../executions/asked.ts';
import { payloadId, requestId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import type { Step } from '../store/store.ts';
import { valuesOf, withoutValues } from './clear-text/values.ts';
import { endOverdueAlike } from './ending/overdue.ts';

export const CLAIM_CHARACTERS_MAX = 2000;

export type Opened =
  | { readonly kind: 'opened'; readonly request_id: string }
  /** `lacking`: there would be enough people, if those the policy asks for a passkey had one that is confirmed. */
  | { readonly kind: 'no_eligible_reviewer'; readonly lacking?: 'passkey' }
  /** Nobody answers for the agent, so nobody could be told apart from whoever does (I4). */
  | { readonly kind: 'no_owner' }
  | { readonly kind: 'too_many_pending' | 'asked_too_often' }
  /** An identical one is open, or the authority moved: look again. */
  | { readonly kind: 'again' };

export async function openRequest(
  deps: Deps,
  { asked, decision }: Decided<Require>,
  authority: Snapshot,
): Promise<Opened> {
  const { principal } = asked;
  const { requirement } = decision;
  if (principal.owner === null) return { kind: 'no_owner' };
  const now = deps.now();
  const { directory, duties } = authority;
  const { upstream, resource } = asked.about;
  const parts = { principal, requirement, directory, duties, upstream, resource };
  const theCase: Case = { ...parts, opened_at: now, now, reviews: [] };
  if (!canBeReviewed(theCase)) return { kind: 'no_eligible_reviewer' };
  if (!canBeProven(theCase, authority)) return { kind: 'no_eligible_reviewer', lacking: 'passkey' };
  const request_id = requestId(now);
  const expires_at = now + requirement.within_ms;
  const claim = claimPayload(asked.evaluation.claim?.reason, now);
  const held = deps.events.held(asked.about, decision, { at: now, request_id });
  const looked: Payload = {
    id: payloadId(now),
    kind: 'values',
    salt: newSalt(),
    body: canonicalize(valuesOf(decision.explanation)),
  };
  const opened = deps.events.requestOpened(asked.about, decision, {
    at: now,
    request_id,
    expires_at,
    ...(claim === undefined ? {} : { claim: sealed(claim) }),
  });
  const outcome = await deps.store.commit({
    name: 'open-request',
    steps: [
      epochGuard(authority.epoch),
      ...attentionGuards(principal, deps.askingMax(principal.agent), now),
      storePayloadOf(request_id, asked.payload, now),
      storePayloadOf(request_id, looked, now),
      ...(claim === undefined ? [] : [storePayloadOf(request_id, claim, now)]),
      insertRequest({ request_id, expires_at, now, claim, match_key: asked.matchKey() }, { asked, decision }),
    ],
    entries: [held.entry, opened.entry],
  });
  if (!outcome.ok) {
    if (outcome.guard === OPEN) await endOverdueAlike(deps, asked.matchKey());
    return { kind: OVER[outcome.guard] ?? 'again' };
  }
  held.committed();
  opened.committed();
  deps.bus.publish({ request_id, status: 'pending', at: now });
  return { kind: 'opened', request_id };
}

/**
 * People who could answer must have what they would answer with: nobody waits for a signature nobody can give. A key
 * enrolled later is there for the next request. Where one person may let it run without the others, theirs will do.
 */
function canBeProven(theCase: Case, { passkeys, directory }: Snapshot): boolean {
  const { requirement } = theCase;
  if (!everySeat(stagesOf(requirement)).some(({ proof }) => proof === 'passkey')) return true;
  const holders = new Set([...passkeys.values()].map(({ person }) => person));
  if (canBeReviewed(theCase, ({ id }) => (holders.has(id) ? 'passkey' : 'recent'))) return true;
  if (requirement.break_glass === undefined) return false;
  for (const id of holders) {
    const person = directory.person(id);
    if (person !== undefined && glassEligibility(person, theCase).eligible) return true;
  }
  return false;
}

/** Never half of a surrogate pair: it has no UTF-8 form. */
const cut = (text: string): string => text.slice(0, CLAIM_CHARACTERS_MAX).toWellFormed();

function claimPayload(reason: string | undefined, now: number): Payload | undefined {
  if (reason === undefined || reason === '') return undefined;
  return { id: payloadId(now), kind: 'claim', salt: newSalt(), body: cut(reason) };
}

const HOUR_MS = 3_600_000;

/** The guard that lets one of identical requests be open. */
const OPEN = 'open';

/** What a guard that did not hold is called outside. */
const OVER: { readonly [guard: string]: 'too_many_pending' | 'asked_too_often' | undefined } = {
  'pending-max': 'too_many_pending',
  'per-hour': 'asked_too_often',
};

/** People's attention is bounded too (A19): how much waits at once, and how often they are asked. */
const attentionGuards = (
  { agent, owner }: Principal,
  { pending, per_hour, alike }: AskingMax,
  now: number,
): readonly Step[] => [
  {
    name: 'pending-max',
    sql: "SELECT 1 FROM (SELECT COUNT(*) AS n FROM requests WHERE agent = $1 AND status = 'pending' AND expires_at > $3) AS pending WHERE n < $2",
    params: [agent, pending, now],
    rows: 1,
  },
  {
    name: 'per-hour',
    sql: 'SELECT 1 FROM (SELECT COUNT(*) AS n FROM requests WHERE agent = $1 AND opened_at > $2) AS asked WHERE n < $3',
    params: [agent, now - HOUR_MS, per_hour],
    rows: 1,
  },
  ...(alike === undefined
    ? []
    : [
        {
          name: 'per-hour',
          sql: `SELECT 1 FROM (SELECT COUNT(*) AS n FROM requests
                                WHERE opened_at > $1 AND owner = $2 AND SUBSTR(agent, 1, $3) = $4) AS asked WHERE n < $5`,
          params: [now - HOUR_MS, owner, alike.length, alike, per_hour],
          rows: 1,
        },
      ]),
];

type Insert = {
  readonly request_id: string;
  readonly match_key: string;
  readonly expires_at: number;
  readonly now: number;
  readonly claim: Payload | undefined;
};

function insertRequest(
  { request_id, match_key, expires_at, now, claim }: Insert,
  { asked, decision }: Decided<Require>,
): Step {
  const { principal, about } = asked;
  const json = (value: unknown): string => canonicalize(value as Json);
  return {
    name: OPEN,
    sql: `INSERT INTO requests (id, tenant, status, match_key, action_digest, agent, subject, owner, team, upstream, env, action_name, resource, risk,
            principal, requirement, explanation, evaluation_id, payload_id, claim_payload_id, policy_digest, opened_at, expires_at, resolved_at, resolution, approval_id)
          VALUES ($1, $2, 'pending', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, NULL, NULL, NULL)
          ON CONFLICT DO NOTHING`,
    params: [
      request_id,
      principal.tenant,
      match_key,
      about.action_digest,
      principal.agent,
      principal.subject.id,
      principal.owner,
      principal.team,
      about.upstream,
      about.env,
      about.action,
      about.resource,
      decision.risk,
      json(principal),
      json(decision.requirement),
      json(withoutValues(decision.explanation)),
      asked.evaluation_id,
      asked.payload.id,
      claim?.id ?? null,
      decision.explanation.policy.digest,
      now,
      expires_at,
    ],
    rows: 1,
  };
}
