/** How the person looking stands to a request, from what the gateway says. */
import { INELIGIBLE, REQUEST_ACTIONS } from '@countersign/core';
import type { Me, RequestDetail } from '@countersign/sdk';
import { canSign } from '../../../data/signing.ts';

export type Stand =
  | { readonly kind: 'over' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'barred'; readonly why: string; readonly answered: boolean }
  | {
      readonly kind: 'may';
      /** Why not even a denial can be sent now. */
      readonly stuck?: Stuck;
      readonly signs: boolean;
    };
export type Stuck = 'no_passkey' | 'no_browser';

export type Looking = { readonly me: Me; readonly keys: number; readonly now: number };

export function standOf(detail: RequestDetail, { keys, now }: Omit<Looking, 'me'>): Stand {
  if (!REQUEST_ACTIONS[detail.status].includes('approve')) return { kind: 'over' };
  if (now >= detail.expires_at) return { kind: 'expired' };
  const { eligibility, proof_needed = 'session' } = detail;
  if (!eligibility.eligible)
    return {
      kind: 'barred',
      why: INELIGIBLE[eligibility.why],
      answered: eligibility.why === 'already_reviewed',
    };
  const signs = proof_needed !== 'session' && keys > 0 && canSign();
  if (proof_needed !== 'passkey' || signs) return { kind: 'may', signs };
  return { kind: 'may', signs, stuck: canSign() ? 'no_passkey' : 'no_browser' };
}

/** Its agent's owner, or an operator. */
export const mayWithdraw = ({ status, owner }: RequestDetail, { id, roles }: Me): boolean =>
  REQUEST_ACTIONS[status].includes('cancel') && (owner === id || roles.includes('operator'));

/** Whoever may review it or did, and operators; the gateway says so again when it is pressed. */
export const mayRevoke = ({ reviews, eligibility }: RequestDetail, { id, roles }: Me): boolean =>
  roles.includes('operator') || eligibility.eligible || reviews.some(({ reviewer }) => reviewer === id);
