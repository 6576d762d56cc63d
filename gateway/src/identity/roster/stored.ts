/** The roster in the store: read whole at start, written by the steps of one change. */
import type { Role } from '@countersign/core';
import type { Row, Step, Store } from '../../store/store.ts';
import { linkSteps, loadLinks, loadParted } from './links.ts';
import {
  edited,
  type Roster,
  type RosterAccount,
  type RosterEdit,
  type RosterPerson,
  type RosterSource,
} from './roster.ts';
import { loadProvisioned, provisionedSteps } from './stored-provisioned.ts';

const PAGE_ROWS = 10_000;

export async function loadRoster(store: Pick<Store, 'read'>): Promise<Roster> {
  const people = await readAll(store, {
    table: 'people',
    key: 'id',
    columns: 'id, name, email, active, roles, source',
  });
  const accounts = await readAll(store, {
    table: 'accounts',
    key: 'account',
    columns: 'account, person, source',
  });
  const said = await readAll(store, {
    table: 'memberships',
    key: "account || '\n' || group_name",
    columns: 'account, group_name',
  });
  const memberships = new Map<string, string[]>();
  for (const row of said) {
    const account = String(row['account']);
    const groups = memberships.get(account) ?? [];
    groups.push(String(row['group_name']));
    memberships.set(account, groups);
  }
  const { users, groups } = await loadProvisioned((listing) => readAll(store, listing));
  const held: Roster = {
    people: new Map(people.map((row) => [String(row['id']), personOf(row)])),
    accounts: new Map(accounts.map((row) => [String(row['account']), accountOf(row)])),
    memberships,
    links: await loadLinks((listing) => readAll(store, listing)),
    parted: await loadParted(store),
    provisioned: { users, groups: new Map() },
  };
  // What users are in follows from the groups that were pushed: it is not stored twice.
  return edited(held, { groups: groups.map((group) => ({ group, joined: [], left: [] })) });
}

type Listing = { readonly table: string; readonly key: string; readonly columns: string };

async function readAll(
  store: Pick<Store, 'read'>,
  { table, key, columns }: Listing,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (let after = ''; ; ) {
    const rows = await store.read({
      sql: `SELECT ${columns}, ${key} AS page_key FROM ${table} WHERE ${key} > $1 ORDER BY ${key} LIMIT ${PAGE_ROWS}`,
      params: [after],
    });
    all.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return all;
    after = String(last['page_key']);
  }
}

const personOf = (row: Row): RosterPerson => ({
  id: String(row['id']),
  name: String(row['name']),
  email: row['email'] === null || row['email'] === undefined ? null : String(row['email']),
  active: Number(row['active']) === 1,
  roles: JSON.parse(String(row['roles'])) as readonly Role[],
  source: row['source'] as RosterSource,
});

const accountOf = (row: Row): RosterAccount => ({
  account: String(row['account']),
  person: String(row['person']),
  source: row['source'] as RosterSource,
});

/** What makes the store say what `edited` says. An account somebody else got meanwhile fails its guard. */
export const stepsOf = (edit: RosterEdit, at: number): readonly Step[] => [
  ...(edit.people ?? []).map((person) => writePerson(person, at)),
  ...(edit.accounts ?? []).map((account) => writeAccount(account, at)),
  ...(edit.memberships ?? []).flatMap((each) => writeMemberships(each, at)),
  ...provisionedSteps(edit),
  ...linkSteps(edit),
];

const writePerson = ({ id, name, email, active, roles, source }: RosterPerson, at: number): Step => ({
  name: 'person',
  sql: `INSERT INTO people (id, name, email, active, roles, source, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        ON CONFLICT (id) DO UPDATE SET name = $2, email = $3, active = $4, roles = $5, updated_at = $7`,
  params: [id, name, email, active ? 1 : 0, JSON.stringify(roles), source, at],
  rows: 1,
});

const writeAccount = ({ account, person, source }: RosterAccount, at: number): Step => ({
  name: 'account',
  sql: 'INSERT INTO accounts (account, person, source, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
  params: [account, person, source, at],
  rows: 1,
});

function writeMemberships(
  { account, groups }: { readonly account: string; readonly groups: readonly string[] },
  at: number,
): readonly Step[] {
  return [
    { name: 'left', sql: 'DELETE FROM memberships WHERE account = $1', params: [account], rows: 'any' },
    ...groups.map(
      (group): Step => ({
        name: 'joined',
        sql: 'INSERT INTO memberships (account, group_name, since) VALUES ($1, $2, $3)',
        params: [account, group, at],
        rows: 1,
      }),
    ),
  ];
}
