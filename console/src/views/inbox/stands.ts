/** How the person looking stands to something that waits, in a few words; nothing where they may simply answer it. */
import { INELIGIBLE } from '@countersign/core';
import type { InboxItem } from '@countersign/sdk';

export function standsFor({ eligibility, my_decision, proof_needed }: InboxItem): string | undefined {
  if (my_decision !== undefined) return my_decision === 'approved' ? 'you approved it' : 'you denied it';
  // Whoever is no reviewer knows it of every row.
  if (!eligibility.eligible)
    return eligibility.why === 'not_a_reviewer' ? undefined : `not yours: ${INELIGIBLE[eligibility.why]}`;
  if (eligibility.for !== undefined) return `in the seat of ${eligibility.for.join(', ')}`;
  return proof_needed === 'passkey' ? 'takes your passkey' : undefined;
}
