/** Links in the store: read at start, written by the steps of one change. A link that ended stays, with its end. */
import { linkId } from '../../ids.ts';
import type { Row, Step, Store } from '../../store/store.ts';
import type { AccountLink, Parting, RosterEdit, Unlink } from './roster.ts';

type Read = (listing: {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
}) => Promise<readonly Row[]>;

export async function loadLinks(readAll: Read): Promise<ReadonlyMap<string, AccountLink>> {
  const rows = await readAll({
    table: '(SELECT * FROM account_links WHERE unlinked_at IS NULL) AS live',
    key: 'id',
    columns: 'id, account, person, linked_at, linked_by',
  });
  return new Map(rows.map(linkOf).map((link) => [link.account, link]));
}

const linkOf = (row: Row): AccountLink => ({
  id: String(row['id']),
  account: String(row['account']),
  person: String(row['person']),
  at: Number(row['linked_at']),
  by: String(row['linked_by']),
});

/** More than anybody unlinks while one request is decided; a store with more stops the start (I15). */
const PARTED_MAX = 100_000;

/**
 * Those that still bear on something: a request that waits, what was approved or granted and is not used up, or a broken
 * glass nobody has judged, which can be long after the run (I4).
 */
export async function loadParted(store: Pick<Store, 'read'>): Promise<readonly Parting[]> {
  const rows = await store.read({
    sql: `SELECT person, account, unlinked_at FROM account_links
           WHERE unlinked_at >= (SELECT MIN(asked.opened_at) FROM (
             SELECT opened_at FROM requests WHERE status = 'pending'
             UNION ALL SELECT r.opened_at FROM approvals a JOIN requests r ON r.id = a.request_id WHERE a.status = 'active'
             UNION ALL SELECT r.opened_at FROM grants g JOIN requests r ON r.id = g.request_id WHERE g.status = 'active'
             UNION ALL SELECT r.opened_at FROM broken_glass b JOIN requests r ON r.id = b.request_id WHERE b.status = 'open') AS asked)
           ORDER BY unlinked_at, id`,
    params: [],
    rows_max: PARTED_MAX,
  });
  return rows.map((row) => ({
    person: String(row['person']),
    account: String(row['account']),
    at: Number(row['unlinked_at']),
  }));
}

export const linkSteps = ({ linked = [], unlinked = [] }: RosterEdit): readonly Step[] => [
  ...linked.map(
    ({ id, account, person, at, by }): Step => ({
      name: 'link-account',
      sql: 'INSERT INTO account_links (id, account, person, linked_at, linked_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
      params: [id, account, person, at, by],
      rows: 1,
    }),
  ),
  ...unlinked.flatMap(unlinkSteps),
];

/** Of accounts the configuration listed: they were no links, and are kept as ones that ended. */
export const takenSteps = (taken: readonly Parting[]): readonly Step[] =>
  taken.map(({ person, account, at }) => ({
    name: 'account-taken',
    sql: `INSERT INTO account_links (id, account, person, linked_at, linked_by, unlinked_at, unlinked_by)
          VALUES ($1, $2, $3, $4, $5, $4, $5)`,
    params: [linkId(at), account, person, at, CONFIGURATION],
    rows: 1,
  }));

const CONFIGURATION = 'countersign:files';

/** The guard of every parting. */
export const askedByThen = (at: number): Step => ({
  name: 'asked-by-then',
  sql: 'SELECT 1 FROM requests WHERE opened_at > $1 LIMIT 1',
  params: [at],
  rows: 0,
});

/**
 * Whatever was asked before must have been asked by then: a request committed under the epoch before this change, at a
 * later moment, would be one the parting does not bear on. The change is then made again, a moment later.
 */
const unlinkSteps = ({ person, account, at, by }: Unlink): readonly Step[] => [
  askedByThen(at),
  {
    name: 'unlink-account',
    sql: 'UPDATE account_links SET unlinked_at = $3, unlinked_by = $4 WHERE account = $1 AND person = $2 AND unlinked_at IS NULL',
    params: [account, person, at, by],
    rows: 1,
  },
  // Whoever came in by that account is not this person any more.
  {
    name: 'end-sessions-by-account',
    sql: 'UPDATE sessions SET revoked_at = $3 WHERE person = $1 AND account = $2 AND revoked_at IS NULL',
    params: [person, account, at],
    rows: 'any',
  },
  {
    name: 'end-codes-by-account',
    sql: 'DELETE FROM sign_in_codes WHERE person = $1 AND account = $2',
    params: [person, account],
    rows: 'any',
  },
];
