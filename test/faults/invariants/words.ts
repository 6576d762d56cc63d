/** Nothing acknowledged is lost: whatever the gateway said, it stands by (I5, I10). */
import type { Value } from '../../../gateway/src/store/store.ts';
import type { Word } from '../outside.ts';
import type { Check } from './check.ts';

type Lookup = { readonly sql: string; readonly params: readonly Value[] };

/** A row must be there, for each thing that was said. */
function proofOf(word: Word): Lookup | undefined {
  switch (word.said) {
    case 'permitted':
      return { sql: 'SELECT 1 FROM executions WHERE id = $1', params: [word.execution_id] };
    case 'request':
      // Pending may have moved on; what was final is what it was.
      return word.status === 'pending'
        ? { sql: 'SELECT 1 FROM requests WHERE id = $1', params: [word.request_id] }
        : {
            sql: 'SELECT 1 FROM requests WHERE id = $1 AND status = $2',
            params: [word.request_id, word.status],
          };
    case 'reviewed':
      return {
        sql: `SELECT 1 FROM reviews v JOIN entries e ON e.request_id = v.request_id AND e.reviewer = v.reviewer
               WHERE v.request_id = $1 AND v.reviewer = $2 AND e.event_id = $3`,
        params: [word.request_id, word.reviewer, word.event_id],
      };
    case 'revoked':
      return {
        sql: "SELECT 1 FROM approvals WHERE id = $1 AND status = 'revoked'",
        params: [word.approval_id],
      };
    case 'glass':
      return word.status === 'open'
        ? { sql: 'SELECT 1 FROM broken_glass WHERE id = $1', params: [word.glass_id] }
        : {
            sql: "SELECT 1 FROM broken_glass WHERE id = $1 AND status = 'closed'",
            params: [word.glass_id],
          };
    case 'erased':
      return {
        sql: 'SELECT 1 FROM requests WHERE id = $1 AND erased_at IS NOT NULL',
        params: [word.request_id],
      };
    case 'epoch':
      return { sql: 'SELECT 1 FROM authority WHERE epoch >= $1', params: [word.epoch] };
    case 'signed-in':
      return { sql: 'SELECT 1 FROM sessions WHERE token_hash = $1', params: [word.session] };
    case 'signed-out':
      return {
        sql: 'SELECT 1 FROM sessions WHERE token_hash = $1 AND revoked_at IS NOT NULL',
        params: [word.session],
      };
    case 'accepted':
      return {
        sql: "SELECT 1 FROM tool_pins WHERE tool = $1 AND pin = $2 AND status = 'accepted'",
        params: [word.tool, word.pin],
      };
    case 'kept':
      return {
        sql: "SELECT 1 FROM idempotency WHERE principal = 'bob' AND key = $1 AND status IS NOT NULL",
        params: [word.key],
      };
    case 'checkpoint':
      return { sql: 'SELECT 1 FROM checkpoints WHERE note = $1', params: [word.note] };
  }
}

export const wordsKept: Check = async ({ rig: { store } }, { words }) => {
  const found: string[] = [];
  for (const word of words) {
    const proof = proofOf(word);
    if (proof !== undefined && (await store.read(proof)).length === 0)
      found.push(`said and not kept: ${JSON.stringify(word)}`);
  }
  return found;
};
