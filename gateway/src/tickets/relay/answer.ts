/**
 * A person's answer, handed over with their own proof of it. First: which open question of this system does the proof answer;
 * none, and nothing happens. Then the proof itself: a token is read and believed here, a passkey's signature where answers are
 * counted. Whatever becomes of it, the question is closed: one question, one answer (A15, A17).
 */
import {
  decodeBase64Url,
  encodeUtf8,
  isJsonObject,
  JsonError,
  parseJson,
  parseReviewDocument,
  type Quorum,
  type ReviewDocument,
  seal,
  sealedDigest,
} from '@countersign/core';
import type { ReviewSignature } from '@countersign/sdk';
import { SignInFailure } from '../../identity/oidc/failure.ts';
import type { TicketSystem } from '../../identity/ticketing.ts';
import { ticketSystemName } from '../../identity/ticketing.ts';
import { payloadId } from '../../ids.ts';
import { findChallenge, spendChallenge } from '../../passkeys/challenges.ts';
import { challengeNamed } from '../../passkeys/registration.ts';
import { newSalt, type Payload, sealed } from '../../payloads.ts';
import type { Answer, Relayed, RelayedToken, ReviewOutcome } from '../../requests/requests.ts';
import { reasonText } from '../../requests/signing/reason.ts';
import type { StoredRequest } from '../../requests/views/row.ts';
import { refusedRelay } from '../facts.ts';
import { type TicketOutcome, type TicketRefusal, UNKNOWN } from '../outcome.ts';
import { recordInVain } from '../over.ts';
import { visibleTo } from '../sees.ts';
import { type RelayAsk, relayBound } from './ask.ts';
import { mayRelay, type Refused, type RelayDeps, refused } from './may.ts';
import { findQuestion, type Question, spendQuestion, takeQuestion } from './questions.ts';

/** What was asked, said again, and the proof of it. */
export type RelayAnswer = Omit<RelayAsk, 'proof'> & {
  readonly proof: { readonly id_token: string } | { readonly signature: ReviewSignature };
};

export type RelayTaken = {
  readonly status: ReviewOutcome['status'];
  readonly quorum: Quorum;
  readonly event_id: string;
};

type Relaying = {
  readonly system: TicketSystem;
  readonly stored: StoredRequest;
  readonly answer: RelayAnswer;
};

export async function answer(
  deps: RelayDeps,
  system: TicketSystem,
  given: RelayAnswer,
): Promise<TicketOutcome<RelayTaken>> {
  const stored = await visibleTo(deps, system, given.request_id);
  if (stored === undefined) return UNKNOWN;
  const relaying: Relaying = { system, stored, answer: given };
  const no = mayRelay(deps, system, { stored, decision: given.decision });
  // Late is for whoever counts to say, and to record; what may not go this way goes no further.
  if (no !== undefined && no.why !== 'already_resolved') return no;
  return 'id_token' in given.proof
    ? byToken(deps, relaying, given.proof.id_token)
    : byPasskey(deps, relaying, given.proof.signature);
}

const NOT_ASKED =
  'This proof answers no open question of this ticket system about this request: it was used, took over five minutes, or was made for something else. Ask again.';

async function byToken(
  deps: RelayDeps,
  relaying: Relaying,
  id_token: string,
): Promise<TicketOutcome<RelayTaken>> {
  const { system, stored, answer: given } = relaying;
  const asked = { challenge: nonceOf(id_token) ?? '', system: system.id, request_id: stored.request.id };
  const question = await findQuestion(deps.store, asked, deps.now());
  if (question === undefined) return notAsked(deps, relaying);
  const spend = spendQuestion(question.challenge);
  const token = await believed(deps, relaying, { question, id_token });
  if ('kind' in token) {
    // Nobody has looked at the token: it may be shown again.
    if (token.why === 'unavailable') return token;
    return closed(deps, relaying, { refusal: token, spend });
  }
  const relayed: Relayed = { by: system.id, spend, token };
  const outcome = await deps.requests.review({
    ...answerOf(given, question.person),
    proof: 'recent',
    ...by(relaying),
    relayed,
  });
  return told(deps, system, outcome);
}

async function byPasskey(
  deps: RelayDeps,
  relaying: Relaying,
  signature: ReviewSignature,
): Promise<TicketOutcome<RelayTaken>> {
  const { system, stored, answer: given } = relaying;
  const { directory } = deps.authority.current();
  const person = directory.person(given.person) ?? directory.personOfAccount(given.person);
  const session = ticketSystemName(system.id);
  const challenge = challengeNamed(signature.client_data) ?? '';
  const asked = { challenge, purpose: 'review', person: person?.id ?? '', session } as const;
  const open = await findChallenge(deps.store, asked, deps.now());
  if (person === undefined || open?.review?.request_id !== stored.request.id) return notAsked(deps, relaying);
  const relayed: Relayed = { by: system.id, spend: spendChallenge(challenge) };
  const outcome = await deps.requests.review({
    ...answerOf(given, person.id),
    proof: 'session',
    ...by(relaying),
    signature,
    session,
    relayed,
  });
  return told(deps, system, outcome);
}

const by = ({ system }: Relaying) => ({ channel: ticketSystemName(system.id) });

const answerOf = (
  { request_id, decision, reason, action_digest, rendered_digest }: RelayAnswer,
  reviewer: string,
): Omit<Answer, 'proof' | 'channel'> => ({
  request_id,
  reviewer,
  decision,
  ...(reason === undefined ? {} : { reason }),
  action_digest,
  rendered_digest,
});

type Shown = { readonly question: Question; readonly id_token: string };

/** The order of checks on a token: the provider's word, made now, by that person, over exactly this answer. */
async function believed(
  deps: RelayDeps,
  { system, stored, answer: given }: Relaying,
  { question, id_token }: Shown,
): Promise<RelayedToken | Refused> {
  const { oidc } = system.config;
  const provider = oidc === undefined ? undefined : deps.providers.get(oidc.provider);
  if (oidc === undefined || provider === undefined)
    return refused('proof_refused', 'No provider speaks for this ticket system’s users now.');
  const { client_id } = oidc;
  const found = await provider
    .vouch(id_token, { client_id, nonce: question.challenge })
    .catch((error: unknown) => {
      if (error instanceof SignInFailure) return error;
      throw error;
    });
  if (found instanceof SignInFailure)
    return found.reason === 'unreachable'
      ? refused(
          'unavailable',
          'The provider cannot be asked for its keys now; nothing was decided, try again.',
        )
      : refused('proof_refused', `The ID token does not count: ${found.reason}.`);
  const { account, authenticated_at } = found;
  // To the second, as the claim is: whoever signed in before they were asked has not answered.
  if (authenticated_at === undefined || authenticated_at < Math.floor(question.made_at / 1000) * 1000)
    return refused(
      'proof_refused',
      'The ID token does not say that the person signed in after they were asked: send them there with max_age=0 and prompt=login, and compare the clocks.',
    );
  const holder = deps.authority.current().directory.personOfAccount(account);
  if (account !== question.account || holder?.id !== question.person)
    return refused('proof_refused', 'The ID token is another account’s than the one that was asked.');
  const document = parseReviewDocument(question.document);
  const other = otherThanAsked(document, { stored, given, salts: question.salts });
  if (other !== undefined)
    return refused('proof_refused', `The proof is of another ${other} than the answer says.`);
  const evidence: Payload = { id: payloadId(deps.now()), kind: 'proof', salt: newSalt(), body: id_token };
  const { shown, reason } = question.salts;
  return {
    account,
    document,
    salts: {
      shown: decodeBase64Url(shown),
      ...(reason === undefined ? {} : { reason: decodeBase64Url(reason) }),
    },
    take: takeQuestion(question.challenge),
    evidence,
    logged: { document, issuer: provider.config.issuer, client_id, id_token: sealed(evidence) },
  };
}

type Said = {
  readonly stored: StoredRequest;
  readonly given: RelayAnswer;
  readonly salts: Question['salts'];
};

function otherThanAsked(document: ReviewDocument, { stored, given, salts }: Said): string | undefined {
  const reason = reasonText(given.reason);
  const pairs: readonly (readonly [name: string, asked: unknown, said: unknown])[] = [
    ['request', document.task_id, stored.request.id],
    ['decision', document.decision, given.decision],
    ['action', document.action_digest, given.action_digest],
    ['action', document.action_digest, stored.request.action_digest],
    ['policy', document.policy_digest, stored.explanation.policy.digest],
    ['view of the action', document.rendered_digest, commitment(salts.shown, given.rendered_digest)],
    ['reason', document.reason_digest, commitment(salts.reason, reason) ?? null],
  ];
  return pairs.find(([, asked, said]) => asked !== said)?.[0];
}

const commitment = (salt: string | undefined, text: string | undefined): string | undefined =>
  salt === undefined || text === undefined
    ? text
    : sealedDigest(seal(decodeBase64Url(salt), encodeUtf8(text)));

/** What it says it answers, not believed before it is verified. */
function nonceOf(id_token: string): string | undefined {
  const [, body = ''] = id_token.split('.');
  try {
    const claims = parseJson(Buffer.from(body, 'base64url'), { depth_max: 16 });
    const nonce = isJsonObject(claims) ? claims['nonce'] : undefined;
    return typeof nonce === 'string' && nonce.length <= 64 ? nonce : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Told so, and recorded, as often as it may ask at all: what is handed over unasked must not fill the log. */
async function notAsked(deps: RelayDeps, { system, stored, answer: given }: Relaying): Promise<Refused> {
  const at = deps.now();
  const bound = relayBound(system);
  const request_id = stored.request.id;
  const refusal = { system: system.id, request_id, why: 'not_asked', ...claimed(deps, given) };
  const event = refusedRelay(deps, stored.about, refusal);
  const vain = { bound, kind: 'relay', tried: 'relay', request_id, event, at } as const;
  const over = await recordInVain(deps, { name: 'ticket-unasked', ...vain });
  if (over !== undefined) return over;
  const { status } = stored.request;
  return status === 'pending'
    ? refused('proof_refused', NOT_ASKED)
    : {
        ...refused('already_resolved', `This request is already ${status}. The answer changed nothing.`),
        status,
      };
}

function claimed({ authority }: RelayDeps, { person }: RelayAnswer): { readonly claimed?: string } {
  const { directory } = authority.current();
  const found = directory.person(person) ?? directory.personOfAccount(person);
  return found === undefined ? {} : { claimed: found.id };
}

type Closing = { readonly refusal: Refused; readonly spend: Relayed['spend'] };

async function closed(
  deps: RelayDeps,
  { system, stored, answer: given }: Relaying,
  { refusal, spend }: Closing,
): Promise<Refused> {
  const request_id = stored.request.id;
  const event = refusedRelay(deps, stored.about, {
    system: system.id,
    request_id,
    why: refusal.why,
    ...claimed(deps, given),
  });
  const outcome = await deps.store.commit({ name: 'ticket-refused', steps: [spend], entries: [event.entry] });
  if (outcome.ok) event.committed();
  return refusal;
}

const WHY: { readonly [W in Extract<ReviewOutcome, { kind: 'refused' }>['why']]: TicketRefusal } = {
  unknown_request: 'unknown',
  already_resolved: 'already_resolved',
  already_reviewed: 'already_reviewed',
  not_eligible: 'not_eligible',
  shown_changed: 'shown_changed',
  not_approvable: 'not_approvable',
  grant_refused: 'not_allowed',
  proof_too_weak: 'proof_too_weak',
  signature_refused: 'proof_refused',
  relay_refused: 'proof_refused',
};

function told(
  { events }: RelayDeps,
  system: TicketSystem,
  outcome: ReviewOutcome,
): TicketOutcome<RelayTaken> {
  if (outcome.kind === 'recorded') {
    events.ticketingDone({ system: system.id, act: 'relay', outcome: 'taken' });
    const { status, quorum, event_id } = outcome;
    return { kind: 'done', result: { status, quorum, event_id } };
  }
  const { why, message, status } = outcome;
  return { ...refused(WHY[why], message), ...(status === undefined ? {} : { status }) };
}
