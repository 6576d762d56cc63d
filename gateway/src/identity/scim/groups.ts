/** What a push changes of a group, and of whoever is in it. Pure. What the group means is the configuration's to say. */
import type { World } from '../../authority/changes.ts';
import type { ProvisionedGroup } from '../roster/provisioned.ts';
import type { Made, Record } from './batches.ts';
import { refused, ScimFailure } from './failure.ts';
import { isLiveOf, type Pushing, settingsOf } from './users.ts';

/** A group as the provider writes it, of what is kept. */
export type GroupWritten = {
  readonly display_name: string;
  readonly external_id: string | null;
  readonly members: ReadonlySet<string>;
};

const GROUPS_PER_PROVIDER_MAX = 2_000;
const MEMBERSHIPS_PER_PROVIDER_MAX = 500_000;
/** People named in one entry of the log; more take several entries. */
const PEOPLE_PER_ENTRY_MAX = 200;

/** @throws ScimFailure */
export function groupOf({ roster }: World, provider: string, id: string): ProvisionedGroup {
  const held = roster.provisioned.groups.get(id);
  if (held === undefined || held.provider !== provider) throw new ScimFailure(404, 'there is no such group');
  return held;
}

export type NewGroup = Pushing & { readonly id: string; readonly written: GroupWritten };

export function createGroup(world: World, { provider, id, at, written }: NewGroup): Made<ProvisionedGroup> {
  const others = groupsOf(world, provider);
  if (others.length >= GROUPS_PER_PROVIDER_MAX)
    throw refused(
      'tooMany',
      `at most ${GROUPS_PER_PROVIDER_MAX} groups are kept; push those that mean something`,
    );
  checkUnique(others, written);
  const group: ProvisionedGroup = {
    ...written,
    id,
    provider,
    version: 1,
    created_at: at,
    updated_at: at,
  };
  const joined = [...written.members];
  checkMembers(world, { provider, joined, others: [...others, group] });
  return {
    result: group,
    edit: { groups: [{ group, joined, left: [] }] },
    records: recordsOf(world, { group, change: 'group provisioned', joined, left: [] }),
  };
}

export type GroupChange = Pushing & {
  readonly id: string;
  readonly write: (held: ProvisionedGroup) => GroupWritten;
};

export function changeGroup(world: World, { provider, id, at, write }: GroupChange): Made<ProvisionedGroup> {
  const held = groupOf(world, provider, id);
  const written = write(held);
  const joined = [...written.members].filter((member) => !held.members.has(member));
  const left = [...held.members].filter((member) => !written.members.has(member));
  const renamed = written.display_name !== held.display_name;
  if (joined.length + left.length === 0 && !renamed && written.external_id === held.external_id)
    return { result: held };
  const group: ProvisionedGroup = { ...held, ...written, version: held.version + 1, updated_at: at };
  const others = groupsOf(world, provider).filter((other) => other.id !== id);
  checkUnique(others, written);
  checkMembers(world, { provider, joined, others: [...others, group] });
  return {
    result: group,
    edit: { groups: [{ group, joined, left }] },
    records: recordsOf(world, {
      group,
      change: renamed ? 'provisioned group renamed' : 'provisioned group changed',
      joined,
      left,
    }),
  };
}

export function deleteGroup(
  world: World,
  { provider, id }: Pushing & { readonly id: string },
): Made<undefined> {
  const group = groupOf(world, provider, id);
  return {
    result: undefined,
    edit: { deleted_groups: [id] },
    records: recordsOf(world, {
      group,
      change: 'group deprovisioned',
      joined: [],
      left: [...group.members],
    }),
  };
}

const groupsOf = ({ roster }: World, provider: string): readonly ProvisionedGroup[] =>
  [...roster.provisioned.groups.values()].filter((group) => group.provider === provider);

/** The configuration knows groups by their name, so a name is one group's. */
function checkUnique(others: readonly ProvisionedGroup[], written: GroupWritten): void {
  const wanted = written.display_name.toLowerCase();
  for (const other of others) {
    if (other.display_name.toLowerCase() === wanted)
      throw refused('uniqueness', 'displayName: another group has it already');
    if (written.external_id !== null && other.external_id === written.external_id)
      throw refused('uniqueness', 'externalId: another group has it already');
  }
}

type Joining = {
  readonly provider: string;
  readonly joined: readonly string[];
  /** Every group, as they would be. */
  readonly others: readonly ProvisionedGroup[];
};

function checkMembers({ roster }: World, { provider, joined, others }: Joining): void {
  const isOurs = isLiveOf(provider);
  for (const member of joined) {
    const user = roster.provisioned.users.get(member);
    if (user === undefined || !isOurs(user))
      throw refused(
        'invalidValue',
        'members: every value must be the id of a user this provider created here',
      );
  }
  const total = others.reduce((sum, { members }) => sum + members.size, 0);
  if (total > MEMBERSHIPS_PER_PROVIDER_MAX)
    throw refused('tooMany', `members: at most ${MEMBERSHIPS_PER_PROVIDER_MAX} over all groups`);
}

type Said = {
  readonly group: ProvisionedGroup;
  readonly change: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
};

/** For the log: the group by its id and by what it means here, people by theirs; no names (I7). */
function recordsOf(world: World, { group, change, joined, left }: Said): readonly Record[] {
  const { groups, roles } = settingsOf(world, group.provider);
  const meant = Object.hasOwn(groups, group.display_name) ? groups[group.display_name] : undefined;
  const gives = (['reviewer', 'auditor', 'operator'] as const).filter((role) =>
    roles[role].includes(group.display_name),
  );
  const people = (users: readonly string[]): readonly string[] =>
    users.map((user) => world.roster.provisioned.users.get(user)?.person ?? user);
  const moved = [
    ...people(joined).map((person) => ({ person, in: true })),
    ...people(left).map((person) => ({ person, in: false })),
  ];
  const parts = Math.max(1, Math.ceil(moved.length / PEOPLE_PER_ENTRY_MAX));
  return Array.from({ length: parts }, (_, part) => {
    const here = moved.slice(part * PEOPLE_PER_ENTRY_MAX, (part + 1) * PEOPLE_PER_ENTRY_MAX);
    const predicate = {
      change,
      by_provider: group.provider,
      provisioned_group: group.id,
      group: meant ?? null,
      roles: [...gives],
      joined: here.filter((each) => each.in).map(({ person }) => person),
      left: here.filter((each) => !each.in).map(({ person }) => person),
      ...(parts === 1 ? {} : { part: part + 1, parts }),
    };
    return { kind: 'config-change', task_id: `group:${group.id}`, predicate };
  });
}
