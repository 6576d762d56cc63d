/**
 * What a person is to prove for exactly one answer: a nonce for their provider's sign-in, or a challenge for their passkey. Asked
 * over what was handed out whole, of somebody who may answer; all of it is asked again of the answer, which is what counts.
 */
import {
  eligibility,
  encodeBase64Url,
  type Person,
  type ReviewDecision,
  reviewChallenge,
  reviewDocumentText,
} from '@countersign/core';
import type { ReviewChallenge } from '@countersign/sdk';
import { issuerOf } from '../../config/sign-in.ts';
import type { TicketSystem } from '../../identity/ticketing.ts';
import { ticketSystemName } from '../../identity/ticketing.ts';
import { ticketActId } from '../../ids.ts';
import { CHALLENGE_TTL_MS } from '../../passkeys/challenges.ts';
import { loadCase } from '../../requests/case.ts';
import { documentOf } from '../../requests/signing/document.ts';
import { proofNeeded, stageNow } from '../../requests/signing/stage.ts';
import { renderForReview } from '../../requests/views/render.ts';
import type { StoredRequest } from '../../requests/views/row.ts';
import type { Step } from '../../store/store.ts';
import { dropOldAsks, insertAct, withinHour } from '../acts.ts';
import { whileInForce } from '../in-force.ts';
import { type TicketOutcome, UNKNOWN } from '../outcome.ts';
import { tooMany } from '../over.ts';
import { visibleTo } from '../sees.ts';
import { mayRelay, type Refused, type RelayDeps, refused } from './may.ts';
import { keepQuestion } from './questions.ts';
import { wasShown } from './rendering.ts';

/** The answer a person is about to give in the ticket system. */
export type RelayAsk = {
  readonly request_id: string;
  /** By id, or by an account of theirs; who it is, their proof says. */
  readonly person: string;
  readonly decision: ReviewDecision;
  readonly reason?: string;
  readonly action_digest: string;
  /** Of what the ticket system showed them. */
  readonly rendered_digest: string;
  readonly proof: 'oidc' | 'passkey';
};

export type RelayAsked =
  | {
      readonly proof: 'oidc';
      /** Goes into the authorization request as it stands, with `max_age=0` or `prompt=login`. */
      readonly nonce: string;
      readonly client_id: string;
      readonly issuer: string;
      readonly expires_at: number;
    }
  | { readonly proof: 'passkey'; readonly challenge: ReviewChallenge; readonly expires_at: number };

export const relayBound = ({ id, config }: TicketSystem) =>
  ({ system: id, kinds: ['relay'], most: config.limits.relays_per_hour }) as const;

/** Whether nobody is called that, or they may not answer, is no business of a ticket system’s: it hears the same. */
const NOT_THEIRS = refused(
  'not_eligible',
  'This person may not answer this request; its page tells them why.',
);

export const ask = (
  deps: RelayDeps,
  system: TicketSystem,
  asking: RelayAsk,
): Promise<TicketOutcome<RelayAsked>> =>
  whileInForce(deps, system, (guard) => askOnce(deps, system, { asking, guard }));

type Once = { readonly asking: RelayAsk; readonly guard: Step };

async function askOnce(
  deps: RelayDeps,
  system: TicketSystem,
  { asking, guard }: Once,
): Promise<TicketOutcome<RelayAsked> | 'again'> {
  const stored = await visibleTo(deps, system, asking.request_id);
  if (stored === undefined) return UNKNOWN;
  const no = mayRelay(deps, system, { stored, decision: asking.decision }) ?? hasNoSuchProof(system, asking);
  if (no !== undefined) return no;
  const counted = await countAsk(deps, system, { asking, guard });
  if (counted !== undefined) return counted;
  const person = personOf(deps, asking.person);
  const theCase = await loadCase(deps, stored, { authority: deps.authority.current() });
  if (person === undefined || !eligibility(person, theCase).eligible) return NOT_THEIRS;
  const other = await shownRefusal(deps, { system, stored, asking, person });
  if (other !== undefined) return other;
  if (asking.proof === 'passkey') return askPasskey(deps, system, { asking, person });
  if (proofNeeded(person, theCase) === 'passkey')
    return refused(
      'proof_too_weak',
      'The policy asks for this person’s passkey; an ID token is not enough. Ask for a passkey, or give them the link.',
    );
  return askProvider(deps, system, { asking, person, stored, stage: stageNow(theCase) });
}

function personOf({ authority }: Pick<RelayDeps, 'authority'>, named: string): Person | undefined {
  const { directory } = authority.current();
  const person = directory.person(named) ?? directory.personOfAccount(named);
  return person?.active === true ? person : undefined;
}

function hasNoSuchProof({ id, config }: TicketSystem, { proof }: RelayAsk): Refused | undefined {
  if (proof === 'oidc' && config.oidc === undefined)
    return refused('not_allowed', `ticketing.${id}.oidc is not configured; ask for a passkey`);
  if (proof === 'passkey' && config.origins.length === 0)
    return refused('not_allowed', `ticketing.${id}.origins is empty; ask for an ID token`);
  return undefined;
}

async function countAsk(
  deps: RelayDeps,
  system: TicketSystem,
  { asking: { request_id }, guard }: Once,
): Promise<Refused | 'again' | undefined> {
  const at = deps.now();
  const bound = relayBound(system);
  const act = { id: ticketActId(at), system: system.id, kind: 'relay', request_id, at } as const;
  const outcome = await deps.store.commit({
    name: 'ticket-ask',
    steps: [guard, dropOldAsks(system.id, at), withinHour(bound, at), insertAct(act)],
    entries: [],
  });
  if (outcome.ok) return undefined;
  return outcome.guard === guard.name ? 'again' : tooMany(deps, bound, 'relay');
}

type Asking = { readonly asking: RelayAsk; readonly person: Person };
type Looking = Asking & { readonly system: TicketSystem; readonly stored: StoredRequest };

/** Over what they would be shown on our own pages, handed out whole before (A4). */
async function shownRefusal(
  deps: RelayDeps,
  { system, stored, asking, person }: Looking,
): Promise<Refused | undefined> {
  const { request_id, rendered_digest, action_digest, decision } = asking;
  const rendered = await renderForReview(deps, stored, person.id);
  if (rendered === undefined) return refused('wrong_state', 'The clear text of this request was erased.');
  // They see more than the ticket system may be handed: its view is never theirs.
  if (rendered.revealed)
    return refused(
      'not_allowed',
      'This person revealed what is hidden in it and answers on its page; give them its link.',
    );
  if (decision === 'approved' && !rendered.approvable.ok)
    return refused('not_approvable', rendered.approvable.why);
  const same = rendered_digest === rendered.rendered_digest && action_digest === stored.request.action_digest;
  return same && (await wasShown(deps.store, { system: system.id, request_id, rendered_digest }))
    ? undefined
    : refused(
        'shown_changed',
        'That is not what would run now, or it was never handed out whole. Ask for the rendering, show it, then ask again.',
      );
}

async function askPasskey(
  deps: RelayDeps,
  system: TicketSystem,
  { asking, person }: Asking,
): Promise<TicketOutcome<RelayAsked>> {
  const { request_id, decision, reason, action_digest, rendered_digest } = asking;
  const asked = await deps.requests.askSignature({
    request_id,
    reviewer: person.id,
    session: ticketSystemName(system.id),
    decision,
    action_digest,
    rendered_digest,
    ...(reason === undefined ? {} : { reason }),
  });
  if (asked.kind === 'refused')
    return refused(asked.why === 'no_passkey' ? 'no_passkey' : 'shown_changed', asked.message);
  const { challenge } = asked;
  return { kind: 'done', result: { proof: 'passkey', challenge, expires_at: challenge.expires_at } };
}

async function askProvider(
  deps: RelayDeps,
  system: TicketSystem,
  { asking, person, stored, stage }: Asking & { readonly stored: StoredRequest; readonly stage: number },
): Promise<TicketOutcome<RelayAsked>> {
  const { oidc } = system.config;
  const provider = oidc === undefined ? undefined : deps.providers.get(oidc.provider);
  if (oidc === undefined || provider === undefined)
    return refused(
      'wrong_state',
      'The provider is not open yet; the gateway takes up sign_in at its next start.',
    );
  const { issuer } = provider.config;
  const own = person.accounts.filter((account) => issuerOf(account) === issuer);
  const account = own.find((each) => each === asking.person) ?? own[0];
  if (account === undefined)
    return refused(
      'no_account',
      'This person has no account of this provider here; an operator can link it.',
    );
  const at = deps.now();
  const { document, salts } = documentOf(
    { ...asking, reviewer: person.id },
    {
      origin: new URL(deps.public_url).origin,
      stored,
      stage,
      // It names what it is to be proven with; no passkey is called so, and no passkey’s signature is looked for here.
      credential_id: Buffer.from(account).toString('base64url'),
      at,
    },
  );
  const challenge = encodeBase64Url(reviewChallenge(document));
  const expires_at = at + CHALLENGE_TTL_MS;
  const question = {
    challenge,
    system: system.id,
    request_id: asking.request_id,
    person: person.id,
    account,
    document: reviewDocumentText(document),
    salts,
    made_at: at,
    expires_at,
  };
  const steps = keepQuestion(question);
  if (!(await deps.store.commit({ name: 'ticket-question', steps, entries: [] })).ok)
    return refused('already_resolved', 'This request is no longer open.');
  const { client_id } = oidc;
  return { kind: 'done', result: { proof: 'oidc', nonce: challenge, client_id, issuer, expires_at } };
}
