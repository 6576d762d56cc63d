/**
 * Asks a person's key to sign their answer: makes the document from the stored request and from what this person is
 * shown now, and keeps what opens its commitments. It decides nothing; whether the answer counts is asked when it comes.
 *
 * Signing is a folder of its own because two moments share it: asking (here) and taking (`take.ts`).
 */
import {
  type Case,
  eligibility,
  encodeBase64Url,
  glassEligibility,
  INELIGIBLE,
  NO_GLASS,
  type Person,
  reviewChallenge,
  reviewDocumentText,
} from '@countersign/core';
import type { Deps } from '../../deps.ts';
import { CHALLENGE_TTL_MS, keepChallenge } from '../../passkeys/challenges.ts';
import { type PasskeySite, passkeySite } from '../../passkeys/site.ts';
import { listKeys, type StoredKey } from '../../passkeys/stored.ts';
import { loadCase } from '../case.ts';
import { loadRequest } from '../load.ts';
import type { SignatureAsk, SignatureAsked } from '../requests.ts';
import { renderForReview } from '../views/render.ts';
import type { StoredRequest } from '../views/row.ts';
import { documentOf } from './document.ts';
import { emergencyReasonProblem } from './reason.ts';
import { stageNow } from './stage.ts';

type Refused = Extract<SignatureAsked, { readonly kind: 'refused' }>;
const refused = (why: Refused['why'], message: string): Refused => ({ kind: 'refused', why, message });

const OVER = refused('already_resolved', 'This request is no longer open.');

export async function askSignature(deps: Deps, ask: SignatureAsk): Promise<SignatureAsked> {
  const asking = await readyToSign(deps, ask);
  if ('why' in asking) return asking;
  const { site, key, at } = asking;
  const { document, salts } = documentOf(ask, {
    ...asking,
    origin: site.origin,
    credential_id: key.credential_id,
  });
  const challenge = encodeBase64Url(reviewChallenge(document));
  const expires_at = document.exp * 1000;
  const { reviewer: person, session, request_id } = ask;
  const review = { request_id, document: reviewDocumentText(document), salts };
  const kept = { challenge, purpose: 'review', person, session, review, expires_at } as const;
  if (!(await keepChallenge(deps.store, kept, at))) return OVER;
  const { credential_id: id, transports } = key;
  return {
    kind: 'asked',
    challenge: {
      document,
      salts,
      options: {
        challenge,
        rpId: site.rp_id,
        allowCredentials: [{ type: 'public-key', id, transports }],
        userVerification: 'required',
        timeout: CHALLENGE_TTL_MS,
      },
      expires_at,
    },
  };
}

type Asking = {
  readonly site: Extract<PasskeySite, { readonly ok: true }>;
  readonly stored: StoredRequest;
  readonly stage: number;
  readonly key: StoredKey;
  readonly at: number;
};

/** The order of checks before a key is asked: they are asked again of the answer, which is what counts. */
async function readyToSign(deps: Deps, ask: SignatureAsk): Promise<Asking | Refused> {
  const site = passkeySite(deps.public_url);
  if (!site.ok) return refused('no_passkey', `Passkeys cannot be used here: ${site.why}.`);
  const stored = await loadRequest(deps.store, ask.request_id);
  if (stored === undefined) return refused('unknown_request', 'There is no such request.');
  const { request } = stored;
  const at = deps.now();
  if (request.status !== 'pending' || at >= request.expires_at) return OVER;
  const authority = deps.authority.current();
  const theCase = await loadCase(deps, stored, { authority });
  const person = authority.directory.person(ask.reviewer);
  const no =
    ask.decision === 'break-glass' ? mayNotBreak(person, theCase, ask) : mayNotReview(person, theCase);
  if (no !== undefined) return no;
  const other = await shownRefusal(deps, stored, ask);
  if (other !== undefined) return other;
  const key = await chosenKey(deps, ask);
  if (key === undefined) {
    const how = `Enrol one at ${deps.public_url}/account and let an operator confirm it.`;
    return refused('no_passkey', `You have no confirmed passkey here. ${how}`);
  }
  return { site, stored, stage: stageNow(theCase), key, at };
}

function mayNotReview(person: Person | undefined, theCase: Case): Refused | undefined {
  const may = person === undefined ? undefined : eligibility(person, theCase);
  if (may?.eligible === true) return undefined;
  return refused('not_eligible', `You may not review this: ${INELIGIBLE[may?.why ?? 'inactive']}.`);
}

function mayNotBreak(
  person: Person | undefined,
  theCase: Case,
  { reason }: SignatureAsk,
): Refused | undefined {
  const may = person === undefined ? undefined : glassEligibility(person, theCase);
  if (may?.eligible !== true)
    return refused(
      'not_eligible',
      `You may not break the glass on this: ${NO_GLASS[may?.why ?? 'inactive']}.`,
    );
  const problem = emergencyReasonProblem(reason);
  return problem === undefined ? undefined : refused('reason_refused', problem);
}

async function shownRefusal(
  deps: Deps,
  stored: StoredRequest,
  ask: SignatureAsk,
): Promise<Refused | undefined> {
  const rendered = await renderForReview(deps, stored, ask.reviewer);
  if (rendered === undefined) return refused('not_approvable', 'The action of this request has been erased.');
  const { approvable, rendered_digest } = rendered;
  if (ask.decision !== 'denied' && !approvable.ok) return refused('not_approvable', approvable.why);
  if (ask.action_digest === stored.request.action_digest && ask.rendered_digest === rendered_digest)
    return undefined;
  return refused('shown_changed', 'What you were shown is not what would run now. Look again, then answer.');
}

/** The one named, else the one used last, else the newest. Only keys that count. */
async function chosenKey(
  deps: Deps,
  { reviewer, credential_id }: SignatureAsk,
): Promise<StoredKey | undefined> {
  const { passkeys } = deps.authority.current();
  const own = (await listKeys(deps.store, reviewer)).filter(
    (key) => passkeys.get(key.credential_id)?.person === reviewer,
  );
  if (credential_id !== undefined) return own.find((key) => key.credential_id === credential_id);
  const used = (key: StoredKey): number => key.last_used_at ?? 0;
  return own.toSorted((a, b) => used(b) - used(a) || b.enrolled_at - a.enrolled_at)[0];
}
