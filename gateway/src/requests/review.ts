/**
 * A person's answer. Checked in this order: is there such a request, is it open, may this person, have they answered,
 * is it about what was shown, is the proof strong enough. Stored with its entry in one transaction; the quorum resolves
 * the request in that same transaction. A late or second answer is told so, and recorded (I5).
 */
import {
  type Case,
  eligibility,
  INELIGIBLE,
  type JsonObject,
  type Person,
  type Quorum,
  quorum,
  type RequestStatus,
  standingVotes,
  voteOf,
} from '@countersign/core';
import { giveApproval } from '../approvals/give.ts';
import { epochGuard, type Snapshot } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { Event } from '../events.ts';
import { givenGrant, grantProblem, offerSteps } from '../grants/given.ts';
import { approvalId, payloadId, reviewId } from '../ids.ts';
import { spendChallenge } from '../passkeys/challenges.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { wasShown } from '../previews/stored.ts';
import type { Step } from '../store/store.ts';
import { refusedRelay } from '../tickets/facts.ts';
import { notAsShown } from './as-shown.ts';
import { caseOf, castReviews } from './case.ts';
import { loadRequest } from './load.ts';
import type { Answer, RelayedToken, ReviewOutcome, ReviewRefusal } from './requests.ts';
import { prepareEnding } from './resolve.ts';
import { type Proven, prove } from './signing/prove.ts';
import { reasonText } from './signing/reason.ts';
import { insertSignature } from './signing/take.ts';
import type { StoredRequest } from './views/row.ts';

const ATTEMPTS_MAX = 8;

export async function review(deps: Deps, answer: Answer): Promise<ReviewOutcome> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const outcome = await once(deps, answer);
    if (outcome !== 'again') return outcome;
    await deps.authority.catchUp();
  }
  return {
    kind: 'refused',
    why: 'shown_changed',
    message: 'The request kept changing while you answered. Look again.',
  };
}

async function once(deps: Deps, answer: Answer): Promise<ReviewOutcome | 'again'> {
  const stored = await loadRequest(deps.store, answer.request_id);
  if (stored === undefined)
    return { kind: 'refused', why: 'unknown_request', message: 'There is no such request.' };
  const authority = deps.authority.current();
  const person = authority.directory.person(answer.reviewer);
  const reviews = await castReviews(deps, stored, { authority });
  const theCase = caseOf(stored, authority, { now: deps.now(), reviews });
  // After every answer there is, even within one millisecond: the order of votes is what stages go by.
  const cast_at = Math.max(theCase.now, 1 + Math.max(0, ...reviews.map(({ reviewed_at }) => reviewed_at)));
  const refusal = await firstRefusal(deps, { stored, answer, theCase, person });
  if (refusal !== undefined) return refuse(deps, { stored, answer }, refusal);
  if (person === undefined) return 'again';
  const named = await withKnownPreview(deps, stored, answer);
  const proven = await prove(deps, { stored, answer, authority, theCase, person });
  if ('why' in proven) return refuse(deps, { stored, answer }, proven);
  // What was looked at may have taken a while: what is about to be counted is counted as of now.
  const counting = { ...theCase, now: deps.now() };
  const reviewing = { stored, answer: named, authority, theCase: counting, person, proven, cast_at };
  return answer.decision === 'denied' ? commitDenial(deps, reviewing) : commitApproval(deps, reviewing);
}

/** A no counts whatever it names; on the record is only what this request ever showed. A yes was checked against the newest. */
async function withKnownPreview(
  { store }: Deps,
  { request }: StoredRequest,
  answer: Answer,
): Promise<Answer> {
  const { preview, ...rest } = answer;
  return preview === undefined || (await wasShown(store, request.id, preview)) ? answer : rest;
}

type Reviewing = {
  readonly stored: StoredRequest;
  readonly answer: Answer;
  readonly theCase: Case;
  readonly person: Person | undefined;
};
type Counting = Reviewing & {
  readonly authority: Snapshot;
  readonly person: Person;
  readonly proven: Proven;
  readonly cast_at: number;
};
type Refused = { readonly why: ReviewRefusal; readonly message: string; readonly spent?: string };

/** The order of checks on an answer. */
async function firstRefusal(
  deps: Deps,
  { stored, answer, theCase, person }: Reviewing,
): Promise<Refused | undefined> {
  const { request } = stored;
  if (request.status !== 'pending')
    return {
      why: 'already_resolved',
      message: `This request is already ${request.status}. Your answer changed nothing.`,
    };
  if (deps.now() >= request.expires_at)
    return { why: 'already_resolved', message: 'This request has expired. Your answer changed nothing.' };
  if (person === undefined) return { why: 'not_eligible', message: INELIGIBLE.inactive };
  const may = eligibility(person, theCase);
  if (!may.eligible && may.why === 'already_reviewed')
    return {
      why: 'already_reviewed',
      message: 'You have already answered this request. Your first answer stands.',
    };
  if (!may.eligible)
    return { why: 'not_eligible', message: `You may not review this: ${INELIGIBLE[may.why]}.` };
  const problem = grantProblem(request.requirement.grant, answer);
  if (problem !== undefined) return { why: 'grant_refused', message: problem };
  return answer.decision === 'approved' ? notAsShown(deps, stored, answer) : undefined;
}

/** Refused answers are recorded too, for requests that exist. */
async function refuse(
  deps: Deps,
  { stored, answer }: Pick<Reviewing, 'stored' | 'answer'>,
  { why, message, spent }: Refused,
): Promise<ReviewOutcome> {
  const event = refusedEvent(deps, { stored, answer }, why);
  const steps = [
    ...(spent === undefined ? [] : [spendChallenge(spent)]),
    ...(answer.relayed === undefined ? [] : [answer.relayed.spend]),
  ];
  const outcome = await deps.store.commit({ name: 'review-refused', steps, entries: [event.entry] });
  if (outcome.ok) event.committed();
  return { kind: 'refused', why, message, status: stored.request.status };
}

/** What a ticket system handed over and was not taken is nobody's answer: it is the system that said whose it was. */
function refusedEvent(
  deps: Deps,
  { stored, answer }: Pick<Reviewing, 'stored' | 'answer'>,
  why: ReviewRefusal,
): Event {
  const { relayed, request_id, reviewer } = answer;
  if (relayed === undefined)
    return deps.events.reviewed(stored.about, { ...factOf(deps, answer), refused: why });
  return refusedRelay(deps, stored.about, { system: relayed.by, request_id, why, claimed: reviewer });
}

const factOf = (deps: Deps, answer: Answer) => ({
  at: deps.now(),
  request_id: answer.request_id,
  reviewer: answer.reviewer,
  decision: answer.decision,
  channel: answer.channel,
  proof: answer.proof,
});

async function commitDenial(
  deps: Deps,
  { stored, answer, authority, theCase, person, proven, cast_at }: Counting,
): Promise<ReviewOutcome | 'again'> {
  const { now } = theCase;
  const reason = reasonPayload(answer, now, provenOver(proven)?.salts.reason);
  const vote = castVote(deps, { stored, answer, authority, theCase, person, proven, cast_at, reason });
  const ending = prepareEnding(deps, stored, {
    status: 'denied',
    now,
    by: answer.reviewer,
    answers: [vote.event.entry.event_id],
    ...(reason === undefined ? {} : { reason_payload_id: reason.id }),
  });
  const outcome = await deps.store.commit({
    name: 'review-deny',
    steps: [epochGuard(authority.epoch), ending.step, ...vote.steps],
    entries: [vote.event.entry, ending.event.entry],
  });
  if (!outcome.ok) return 'again';
  return settle(deps, stored, {
    vote,
    ending,
    status: 'denied',
    now,
    quorum: { met: false, filled: 0, needed: 0 },
  });
}

async function commitApproval(
  deps: Deps,
  { stored, answer, authority, theCase, person, proven, cast_at }: Counting,
): Promise<ReviewOutcome | 'again'> {
  const { now } = theCase;
  const { request } = stored;
  const votes = [...standingVotes(theCase), voteOf(person, proven.proof, theCase)];
  const result = quorum(request.requirement, votes);
  const reason = reasonPayload(answer, now, provenOver(proven)?.salts.reason);
  const vote = castVote(deps, { stored, answer, authority, theCase, person, proven, cast_at, reason });
  // Two people answering at once each saw only their own vote: the one who commits second looks again.
  const unseen: Step = {
    name: 'votes-seen',
    sql: 'SELECT 1 FROM (SELECT COUNT(*) AS n FROM reviews WHERE request_id = $1) AS cast_votes WHERE n = $2',
    params: [request.id, theCase.reviews.length],
    rows: 1,
  };
  const open: Step = {
    name: 'open',
    sql: "SELECT 1 FROM requests WHERE id = $1 AND status = 'pending' AND expires_at > $2",
    params: [request.id, now],
    rows: 1,
  };
  const guards = [epochGuard(authority.epoch), open, unseen];
  if (!result.met) {
    const outcome = await deps.store.commit({
      name: 'review-approve',
      steps: [...guards, ...vote.steps],
      entries: [vote.event.entry],
    });
    return outcome.ok ? settle(deps, stored, { vote, status: 'pending', now, quorum: result }) : 'again';
  }
  const approval = {
    id: approvalId(now),
    approved_until: now + request.requirement.valid_ms,
    uses: request.requirement.uses,
  };
  const given = await givenGrant(deps, stored, { votes, answer, now });
  const ending = prepareEnding(deps, stored, {
    status: 'approved',
    now,
    by: answer.reviewer,
    answers: [vote.event.entry.event_id],
    approval,
    ...(given === undefined ? {} : { grant: given.grant }),
  });
  const outcome = await deps.store.commit({
    name: 'review-resolve',
    steps: [
      ...guards,
      ...vote.steps,
      ending.step,
      giveApproval(stored, approval, now),
      ...(given === undefined ? [] : [given.step]),
    ],
    entries: [vote.event.entry, ending.event.entry],
  });
  return outcome.ok
    ? settle(deps, stored, { vote, ending, status: 'approved', now, quorum: result })
    : 'again';
}

type Vote = ReturnType<typeof castVote>;

type Casting = Counting & { readonly reason: Payload | undefined };

function castVote(
  deps: Deps,
  { stored, answer, authority, theCase, person, proven, cast_at, reason }: Casting,
) {
  const { now } = theCase;
  const review_id = reviewId(now);
  const may = eligibility(person, theCase);
  const { proof, signed, token } = proven;
  const shown = shownPayload(answer, now, provenOver(proven)?.salts.shown);
  const event = deps.events.reviewed(stored.about, {
    ...factOf(deps, answer),
    at: now,
    proof,
    review_id,
    ...(may.eligible && may.for !== undefined ? { for: may.for } : {}),
    ...(answer.grant === undefined ? {} : { grant: answer.grant }),
    ...(shown === undefined ? {} : { shown: sealed(shown) }),
    ...(answer.preview === undefined ? {} : { preview: answer.preview }),
    ...(reason === undefined ? {} : { reason: sealed(reason) }),
    ...(signed === undefined ? {} : { signed: signed.logged }),
    ...relayedFact(answer, proven),
  });
  const steps: Step[] = [
    ...[reason, shown].flatMap((each) =>
      each === undefined ? [] : [storePayloadOf(stored.request.id, each, now)],
    ),
    {
      name: 'vote',
      sql: 'INSERT INTO reviews (id, request_id, reviewer, decision, proof, reason_payload_id, channel, reviewed_at, epoch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING',
      params: [
        review_id,
        stored.request.id,
        answer.reviewer,
        answer.decision,
        proof,
        reason?.id ?? null,
        answer.channel,
        cast_at,
        // The guard beside it holds: it is still the one this vote is cast under.
        authority.epoch,
      ],
      rows: 1,
    },
    ...offerSteps(review_id, answer.grant),
    ...(signed === undefined
      ? []
      : [...signed.steps, insertSignature(review_id, stored.request.id, signed.review)]),
    ...(token === undefined ? [] : [token.take, storePayloadOf(stored.request.id, token.evidence, now)]),
  ];
  return { event, steps };
}

/** What was proven names what it commits to: those payloads are stored. */
const provenOver = ({ signed, token }: Proven): Pick<RelayedToken, 'salts'> | undefined => signed ?? token;

/** How an answer came that the person did not give here; and by what proof of theirs. */
function relayedFact({ relayed }: Answer, { signed, token }: Proven): { readonly relayed?: JsonObject } {
  if (relayed === undefined) return {};
  const { by } = relayed;
  if (token !== undefined) return { relayed: { by, proof: 'oidc', ...token.logged } };
  return { relayed: { by, proof: 'passkey', ...(signed === undefined ? {} : { origin: signed.origin }) } };
}

/** What was signed commits to it with a salt of its own: the payload must open that commitment. */
const shownPayload = ({ rendered_digest }: Answer, now: number, salt = newSalt()): Payload | undefined =>
  rendered_digest === undefined
    ? undefined
    : { id: payloadId(now), kind: 'shown', salt, body: rendered_digest };

function reasonPayload({ reason }: Answer, now: number, salt = newSalt()): Payload | undefined {
  const body = reasonText(reason);
  return body === undefined ? undefined : { id: payloadId(now), kind: 'reason', salt, body };
}

type Settled = {
  readonly vote: Vote;
  readonly ending?: { readonly event: Vote['event'] };
  readonly status: RequestStatus;
  readonly now: number;
  readonly quorum: Quorum;
};

function settle(
  deps: Deps,
  stored: StoredRequest,
  { vote, ending, status, now, quorum: result }: Settled,
): ReviewOutcome {
  vote.event.committed();
  ending?.event.committed();
  deps.bus.publish({ request_id: stored.request.id, status, at: now });
  return { kind: 'recorded', status, quorum: result, event_id: vote.event.entry.event_id };
}
