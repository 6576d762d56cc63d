/** What ends everything a person is signed in with, in the transaction that makes them inactive. */
import type { Step } from '../store/store.ts';

export const endSessionsOf = (people: readonly string[], at: number): readonly Step[] =>
  people.flatMap((person): Step[] => [
    {
      name: 'end-sessions',
      sql: 'UPDATE sessions SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL',
      params: [person, at],
      rows: 'any',
    },
    { name: 'end-codes', sql: 'DELETE FROM sign_in_codes WHERE person = $1', params: [person], rows: 'any' },
  ]);
