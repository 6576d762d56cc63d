/** Broken glass as its row says. Rows are ours; one that does not read back is a broken store. */
import type { BreakGlass } from '@countersign/core';
import type { GlassVerdict } from '@countersign/sdk';
import type { SignedReview } from '../passkeys/signed-review.ts';
import type { Row, Store } from '../store/store.ts';

export type StoredGlass = {
  readonly id: string;
  readonly request_id: string;
  readonly approval_id: string;
  /** Who broke it. */
  readonly person: string;
  /** Of the rules, when it was broken. */
  readonly terms: BreakGlass;
  readonly reason_payload_id: string;
  readonly signed: SignedReview;
  readonly broken_at: number;
  /** Of the authority it was broken under: whoever was taken out since is out, put back or not (A10). */
  readonly epoch: number;
  readonly review: GlassReview;
};

/** The review afterwards. */
export type GlassReview =
  | { readonly status: 'open' }
  | {
      readonly status: 'closed';
      readonly by: string;
      readonly at: number;
      readonly verdict: GlassVerdict;
      readonly note_payload_id: string;
    };

export const GLASS_COLUMNS =
  'id, request_id, approval_id, person, terms, reason_payload_id, credential_id, document, client_data, authenticator_data, signature, broken_at, epoch, status, closed_by, closed_at, verdict, note_payload_id';

export async function loadGlass(store: Store, id: string): Promise<StoredGlass | undefined> {
  const sql = `SELECT ${GLASS_COLUMNS} FROM broken_glass WHERE id = $1`;
  const [row] = await store.read({ sql, params: [id] });
  return row === undefined ? undefined : readGlass(row);
}

const text = (row: Row, column: string): string => String(row[column]);

export function readGlass(row: Row): StoredGlass {
  return {
    id: text(row, 'id'),
    request_id: text(row, 'request_id'),
    approval_id: text(row, 'approval_id'),
    person: text(row, 'person'),
    terms: JSON.parse(text(row, 'terms')) as BreakGlass,
    reason_payload_id: text(row, 'reason_payload_id'),
    signed: {
      credential_id: text(row, 'credential_id'),
      document: text(row, 'document'),
      client_data: text(row, 'client_data'),
      authenticator_data: text(row, 'authenticator_data'),
      signature: text(row, 'signature'),
    },
    broken_at: Number(row['broken_at']),
    epoch: Number(row['epoch']),
    review:
      row['status'] === 'open'
        ? { status: 'open' }
        : {
            status: 'closed',
            by: text(row, 'closed_by'),
            at: Number(row['closed_at']),
            verdict: text(row, 'verdict') as GlassVerdict,
            note_payload_id: text(row, 'note_payload_id'),
          },
  };
}
