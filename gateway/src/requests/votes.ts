/** The approving reviews of a request that still count: cast by people who are eligible now (I8). */
import { type Case, eligibility, type Proof, type Vote } from '@countersign/core';
import type { Store } from '../store/store.ts';

export async function standingVotes(
  store: Store,
  request_id: string,
  theCase: Case,
): Promise<readonly Vote[]> {
  const rows = await store.read({
    sql: "SELECT reviewer, proof FROM reviews WHERE request_id = $1 AND decision = 'approved'",
    params: [request_id],
  });
  return rows.flatMap((review) => {
    const person = theCase.directory.person(String(review['reviewer']));
    if (person === undefined || !eligibility(person, theCase).eligible) return [];
    return [{ person, proof: String(review['proof']) as Proof }];
  });
}
