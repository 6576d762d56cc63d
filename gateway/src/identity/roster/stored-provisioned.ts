/** What was pushed over SCIM, in the store: read whole at start, written by the steps of one change. */
import type { Row, Step } from '../../store/store.ts';
import type { Profile, ProvisionedGroup, ProvisionedUser, UserState } from './provisioned.ts';
import type { RosterEdit } from './roster.ts';

type Read = (listing: {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
}) => Promise<readonly Row[]>;

const textOrNull = (value: Row[string] | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

export async function loadProvisioned(readAll: Read): Promise<{
  readonly users: ReadonlyMap<string, ProvisionedUser>;
  readonly groups: readonly ProvisionedGroup[];
}> {
  const users = await readAll({
    table: 'scim_users',
    key: 'id',
    columns: 'id, provider, person, external_id, user_name, state, profile, version, created_at, updated_at',
  });
  const groups = await readAll({
    table: 'scim_groups',
    key: 'id',
    columns: 'id, provider, external_id, display_name, version, created_at, updated_at',
  });
  const members = new Map<string, Set<string>>(groups.map((row) => [String(row['id']), new Set()]));
  const rows = await readAll({
    table: 'scim_members',
    key: "group_id || '\n' || user_id",
    columns: 'group_id, user_id',
  });
  for (const row of rows) members.get(String(row['group_id']))?.add(String(row['user_id']));
  return {
    users: new Map(users.map((row) => [String(row['id']), userOf(row)])),
    groups: groups.map((row) => groupOf(row, members.get(String(row['id'])) ?? new Set())),
  };
}

const headOf = (row: Row) => ({
  id: String(row['id']),
  provider: String(row['provider']),
  external_id: textOrNull(row['external_id']),
  version: Number(row['version']),
  created_at: Number(row['created_at']),
  updated_at: Number(row['updated_at']),
});

const userOf = (row: Row): ProvisionedUser => ({
  ...headOf(row),
  person: String(row['person']),
  user_name: String(row['user_name']),
  state: row['state'] as UserState,
  profile: JSON.parse(String(row['profile'])) as Profile,
});

const groupOf = (row: Row, members: ReadonlySet<string>): ProvisionedGroup => ({
  ...headOf(row),
  display_name: String(row['display_name']),
  members,
});

export const provisionedSteps = (edit: RosterEdit): readonly Step[] => [
  ...(edit.users ?? []).map(writeUser),
  ...(edit.forgotten_users ?? []).map(
    (id): Step => ({
      name: 'forget-user',
      sql: "DELETE FROM scim_users WHERE id = $1 AND state = 'gone'",
      params: [id],
      rows: 1,
    }),
  ),
  ...(edit.groups ?? []).flatMap(({ group, joined, left }) => [
    writeGroup(group),
    ...left.map((user) => leave(group.id, user)),
    ...joined.map((user) => join(group.id, user)),
  ]),
  ...(edit.deleted_groups ?? []).flatMap((id): Step[] => [
    {
      name: 'empty-group',
      sql: 'DELETE FROM scim_members WHERE group_id = $1',
      params: [id],
      rows: 'any',
    },
    { name: 'delete-group', sql: 'DELETE FROM scim_groups WHERE id = $1', params: [id], rows: 1 },
  ]),
];

/** The version before it is the guard: a change made of an older state is not stored. */
const writeUser = (user: ProvisionedUser): Step => ({
  name: 'scim-user',
  sql: `INSERT INTO scim_users (id, provider, person, external_id, user_name, state, profile, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (id) DO UPDATE SET external_id = $4, user_name = $5, state = $6, profile = $7, version = $8, updated_at = $10
        WHERE scim_users.version < $8 AND scim_users.person = $3`,
  params: [
    user.id,
    user.provider,
    user.person,
    user.external_id,
    user.user_name,
    user.state,
    JSON.stringify(user.profile),
    user.version,
    user.created_at,
    user.updated_at,
  ],
  rows: 1,
});

const writeGroup = (group: ProvisionedGroup): Step => ({
  name: 'scim-group',
  sql: `INSERT INTO scim_groups (id, provider, external_id, display_name, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET external_id = $3, display_name = $4, version = $5, updated_at = $7
        WHERE scim_groups.version < $5`,
  params: [
    group.id,
    group.provider,
    group.external_id,
    group.display_name,
    group.version,
    group.created_at,
    group.updated_at,
  ],
  rows: 1,
});

const join = (group: string, user: string): Step => ({
  name: 'scim-join',
  sql: 'INSERT INTO scim_members (group_id, user_id) VALUES ($1, $2)',
  params: [group, user],
  rows: 1,
});

const leave = (group: string, user: string): Step => ({
  name: 'scim-leave',
  sql: 'DELETE FROM scim_members WHERE group_id = $1 AND user_id = $2',
  params: [group, user],
  rows: 1,
});
