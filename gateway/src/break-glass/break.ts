/**
 * One person lets a pending request through, in an emergency. Checked in this order: is it open, does every rule that asks
 * offer this and name them, are they free of the action (I4), is there a reason, is it what they were shown (I6), did their
 * own passkey sign exactly this. Stored with its signature, the approval it yields and both entries in one transaction; of
 * this, a no and a yes at once, one happens (I5). An attempt that does not count is recorded too.
 */
import { GLASS_LASTS_MS_MAX, glassEligibility, glassLasts, NO_GLASS, type Person } from '@countersign/core';
import type { ReviewSignature } from '@countersign/sdk';
import { giveApproval } from '../approvals/give.ts';
import { epochGuard, type Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import { approvalId, glassId, payloadId } from '../ids.ts';
import { spendChallenge } from '../passkeys/challenges.ts';
import { type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { notAsShown } from '../requests/as-shown.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import { prepareEnding } from '../requests/resolve.ts';
import { emergencyReasonProblem, reasonText } from '../requests/signing/reason.ts';
import { stageNow } from '../requests/signing/stage.ts';
import { type TakenSignature, takeSignature } from '../requests/signing/take.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';
import type { Notices } from './notices.ts';
import type { BreakOutcome, GlassRefusal } from './outcome.ts';
import { toldOf } from './told.ts';

/** Of a verified person; who that is never comes from the message (I12). */
export type Breaking = {
  readonly request_id: string;
  readonly reviewer: string;
  readonly session: string;
  readonly reason: string;
  readonly action_digest: string;
  readonly rendered_digest: string;
  readonly signature: ReviewSignature;
  readonly channel: string;
};

export type GlassDeps = Deps & { readonly notices: Notices };

const ATTEMPTS_MAX = 8;

export async function breakGlass(deps: GlassDeps, breaking: Breaking): Promise<BreakOutcome> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const outcome = await once(deps, breaking);
    if (outcome !== 'again') return outcome;
    await deps.authority.catchUp();
  }
  return {
    kind: 'refused',
    why: 'shown_changed',
    message: 'The request kept changing meanwhile. Look again.',
  };
}

type Refused = { readonly why: GlassRefusal; readonly message: string; readonly spent?: string };

async function once(deps: GlassDeps, breaking: Breaking): Promise<BreakOutcome | 'again'> {
  const stored = await loadRequest(deps.store, breaking.request_id);
  if (stored === undefined)
    return { kind: 'refused', why: 'unknown_request', message: 'There is no such request.' };
  const authority = deps.authority.current();
  const theCase = await loadCase(deps, stored, { authority });
  const person = authority.directory.person(breaking.reviewer);
  const may = person === undefined ? undefined : glassEligibility(person, theCase);
  const refusal =
    closed(deps, stored) ??
    (may?.eligible === true ? undefined : notTheirs(may?.why ?? 'inactive')) ??
    noReason(breaking) ??
    (await notAsShown(deps, stored, breaking));
  if (refusal !== undefined) return refuse(deps, { stored, breaking }, refusal);
  if (person === undefined) return 'again';
  const answer = { ...breaking, decision: 'break-glass' as const };
  const taken = await takeSignature(deps, { stored, answer, authority, stage: stageNow(theCase) });
  if ('message' in taken) return refuse(deps, { stored, breaking }, { why: 'signature_refused', ...taken });
  return commit(deps, { stored, breaking, authority, person, taken });
}

function closed(deps: Deps, { request }: StoredRequest): Refused | undefined {
  const { status, expires_at } = request;
  if (status === 'pending' && deps.now() < expires_at) return undefined;
  const what = status === 'pending' ? 'has expired' : `is already ${status}`;
  return { why: 'already_resolved', message: `This request ${what}. No glass was broken.` };
}

const notTheirs = (why: keyof typeof NO_GLASS): Refused => ({
  why: 'not_eligible',
  message: `You may not break the glass on this: ${NO_GLASS[why]}.`,
});

function noReason({ reason }: Breaking): Refused | undefined {
  const problem = emergencyReasonProblem(reason);
  return problem === undefined ? undefined : { why: 'reason_refused', message: problem };
}

type Attempt = { readonly stored: StoredRequest; readonly breaking: Breaking };

async function refuse(
  deps: Deps,
  { stored, breaking }: Attempt,
  { why, message, spent }: Refused,
): Promise<BreakOutcome> {
  const { request_id, reviewer: by, channel } = breaking;
  const refused = { change: 'refused', why, at: deps.now(), glass_id: '', request_id, by, channel } as const;
  const event = deps.events.glass(stored.about, refused);
  const steps = spent === undefined ? [] : [spendChallenge(spent)];
  const outcome = await deps.store.commit({ name: 'break-glass-refused', steps, entries: [event.entry] });
  if (outcome.ok) event.committed();
  return { kind: 'refused', why, message, status: stored.request.status };
}

type Counting = Attempt & {
  readonly authority: Snapshot;
  readonly person: Person;
  readonly taken: TakenSignature;
};

async function commit(deps: GlassDeps, counting: Counting): Promise<BreakOutcome | 'again'> {
  const { stored, breaking, authority, person, taken } = counting;
  const { request } = stored;
  const terms = request.requirement.break_glass;
  if (terms === undefined) return 'again';
  const at = deps.now();
  const glass_id = glassId(at);
  const { reason, shown } = payloadsOf(breaking, taken, at);
  const { directory } = authority;
  const event = deps.events.glass(stored.about, {
    change: 'broken',
    at,
    glass_id,
    request_id: request.id,
    by: person.id,
    channel: breaking.channel,
    terms,
    told: toldOf({ person: person.id, terms }, { principal: request.principal, directory }).length,
    reason: sealed(reason),
    shown: sealed(shown),
    signed: taken.logged,
  });
  const lasts = Math.min(glassLasts(request.requirement), GLASS_LASTS_MS_MAX);
  const approval = { id: approvalId(at), approved_until: at + lasts, uses: 1 };
  const ending = prepareEnding(deps, stored, {
    status: 'approved',
    now: at,
    by: person.id,
    answers: [event.entry.event_id],
    approval,
    broken_glass: glass_id,
  });
  const outcome = await deps.store.commit({
    name: 'break-glass',
    steps: [
      epochGuard(authority.epoch),
      ending.step,
      ...taken.steps,
      ...[reason, shown].map((payload) => storePayloadOf(request.id, payload, at)),
      insertGlass({ glass_id, approval_id: approval.id, at, reason_id: reason.id }, counting),
      giveApproval(stored, approval, at),
    ],
    entries: [event.entry, ending.event.entry],
  });
  if (!outcome.ok) return 'again';
  event.committed();
  ending.event.committed();
  deps.bus.publish({ request_id: request.id, status: 'approved', at });
  deps.notices.notify({ id: glass_id, request_id: request.id, what: 'broken', by: person.id, at });
  return { kind: 'broken', glass_id };
}

/** What was signed commits to them with salts of its own: the payloads must open those commitments. */
function payloadsOf(
  { reason, rendered_digest }: Breaking,
  { salts }: TakenSignature,
  now: number,
): { readonly reason: Payload; readonly shown: Payload } {
  if (salts.reason === undefined) throw new TypeError('a signed document without a reason was taken');
  return {
    reason: { id: payloadId(now), kind: 'reason', salt: salts.reason, body: reasonText(reason) ?? '' },
    shown: { id: payloadId(now), kind: 'shown', salt: salts.shown, body: rendered_digest },
  };
}

type Row = {
  readonly glass_id: string;
  readonly approval_id: string;
  readonly at: number;
  readonly reason_id: string;
};

const insertGlass = (
  { glass_id, approval_id, at, reason_id }: Row,
  { stored: { request }, person, authority, taken: { review } }: Counting,
): Step => ({
  name: 'glass',
  sql: `INSERT INTO broken_glass (id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data, authenticator_data, signature, broken_at, epoch, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open')`,
  params: [
    glass_id,
    request.id,
    approval_id,
    person.id,
    JSON.stringify(request.requirement.break_glass),
    reason_id,
    review.credential_id,
    review.document,
    review.client_data,
    review.authenticator_data,
    review.signature,
    at,
    authority.epoch,
  ],
  rows: 1,
});
