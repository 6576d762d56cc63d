/** How strongly an answer is proven: by its session, or by the signature that came with it, taken and checked here. */
import { type Case, type Person, type Proof, proofMeets } from '@countersign/core';
import type { Snapshot } from '../../authority/authority.ts';
import type { Deps } from '../../deps.ts';
import type { Answer } from '../requests.ts';
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

export type Proven = { readonly proof: Proof; readonly signed?: TakenSignature };
export type Unproven = {
  readonly why: 'signature_refused' | 'proof_too_weak';
  readonly message: string;
  /** The question a refused signature answered: it is spent. */
  readonly spent?: string;
};

export async function prove(deps: Deps, proving: Proving): Promise<Proven | Unproven> {
  const { stored, answer, authority, theCase, person } = proving;
  const { signature, proof } = answer;
  if (signature !== undefined) {
    const stage = stageNow(theCase);
    const taken = await takeSignature(deps, { stored, answer: { ...answer, signature }, authority, stage });
    return 'message' in taken ? { why: 'signature_refused', ...taken } : { proof: 'passkey', signed: taken };
  }
  const needed = proofNeeded(person, theCase);
  if (proofMeets(proof, needed)) return { proof };
  const page = `${deps.public_url}/requests/${stored.request.id}`;
  const how =
    needed === 'passkey'
      ? `The policy asks for an answer signed with your passkey. Open ${page} in a browser and sign there.`
      : 'The policy asks for a recent sign-in. Sign in again, then answer.';
  return { why: 'proof_too_weak', message: how };
}
