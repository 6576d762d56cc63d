/** How strongly an answer is proven: by its session, or by the signature that came with it, taken and checked here. */
import { type Case, type Person, type Proof, proofMeets } from '@countersign/core';
import type { Snapshot } from '../../authority/authority.ts';
import type { Deps } from '../../deps.ts';
import { handsOver } from '../../identity/ticketing.ts';
import type { Answer, RelayedToken } from '../requests.ts';
import type { StoredRequest } from '../views/row.ts';
import { proofNeeded, stageNow } from './stage.ts';
import { type TakenSignature, takeSignature } from './take.ts';

export type Proving = {
  readonly stored: StoredRequest;
  readonly answer: Answer;
  readonly authority: Snapshot;
  readonly theCase: Case;
  readonly person: Person;
};

export type Proven = {
  readonly proof: Proof;
  readonly signed?: TakenSignature;
  /** Of a person's provider, for exactly this answer. */
  readonly token?: RelayedToken;
};
export type Unproven = {
  readonly why: 'signature_refused' | 'proof_too_weak' | 'relay_refused';
  readonly message: string;
  /** The question a refused signature answered: it is spent. */
  readonly spent?: string;
};

export async function prove(deps: Deps, proving: Proving): Promise<Proven | Unproven> {
  const { stored, answer, authority, theCase, person } = proving;
  const { signature, proof, relayed } = answer;
  const stage = stageNow(theCase);
  const refusal = relayed === undefined ? undefined : relayRefusal(relayed, { ...proving, stage });
  if (refusal !== undefined) return refusal;
  if (signature !== undefined) {
    const taken = await takeSignature(deps, { stored, answer: { ...answer, signature }, authority, stage });
    return 'message' in taken ? { why: 'signature_refused', ...taken } : { proof: 'passkey', signed: taken };
  }
  const needed = proofNeeded(person, theCase);
  if (proofMeets(proof, needed))
    return relayed?.token === undefined ? { proof } : { proof, token: relayed.token };
  const page = `${deps.public_url}/requests/${stored.request.id}`;
  const how =
    needed === 'passkey'
      ? `The policy asks for an answer signed with your passkey. Open ${page} in a browser and sign there.`
      : 'The policy asks for a recent sign-in. Sign in again, then answer.';
  return { why: 'proof_too_weak', message: how };
}

/** A ticket system hands answers over only while its configuration lets it, and never one of its own (I4, I12). */
function relayRefusal(
  { by, token }: NonNullable<Answer['relayed']>,
  { authority, stored, answer, stage }: Proving & { readonly stage: number },
): Unproven | undefined {
  const no = (message: string): Unproven => ({ why: 'relay_refused', message });
  const system = authority.ticketing.get(by);
  if (!handsOver(system, stored.about, token === undefined ? 'passkey' : 'oidc'))
    return no('This ticket system may not hand over answers to this request.');
  if (token === undefined)
    return answer.signature === undefined ? no('A ticket system’s own word is no answer.') : undefined;
  // The snapshot it is counted under, not the one it was believed under (A13).
  if (authority.directory.personOfAccount(token.account)?.id !== answer.reviewer)
    return no('The account it was proven with is not this person’s now.');
  return token.document.stage === stage
    ? undefined
    : no('The request has moved on to another stage since the person was asked. Ask them again.');
}
