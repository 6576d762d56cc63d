/** Taken out and put back before an approval is used: whichever way, what was answered before counts no more (I8, A10). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@countersign/core';
import { held, type Rig } from '../../testing/rig.ts';
import { createScimRig, type ScimRig } from '../../testing/scim.ts';
import { createDelegations } from '../delegations/delegations.ts';
import { createDirectory } from '../identity/directory.ts';
import { createRosterChanges } from '../identity/roster/changes.ts';
import type { RosterPerson } from '../identity/roster/roster.ts';
import { loadDuties } from './duties.ts';

type Way = { readonly out: () => Promise<unknown>; readonly back: () => Promise<unknown> };
type Story = {
  readonly name: string;
  /** Somebody who may review, and how they are taken out and put back. */
  readonly meet: (rig: ScimRig) => Promise<Way & { readonly person: string }>;
};

/** Pushed by the provider, in the group that reviews. */
async function pushed(rig: ScimRig): Promise<{ readonly user: string; readonly person: string }> {
  const user = await rig.user('erin');
  await rig.group('Database Admins', [user]);
  return { user, person: rig.personOf(user)?.id ?? '' };
}
const active = (rig: ScimRig, user: string, value: boolean) =>
  rig.patch(`/Users/${user}`, { op: 'replace', path: 'active', value });
const set = (rig: ScimRig, person: string, change: Partial<RosterPerson>) =>
  createRosterChanges({ changes: rig.changes, now: rig.deps.now }).change(({ roster }) => {
    const known = roster.people.get(person);
    assert.ok(known);
    return {
      edit: { people: [{ ...known, ...change }] },
      person,
      predicate: { change: 'person changed' },
    };
  });
/** As a saved file is taken up. */
async function configured(rig: ScimRig, people: object): Promise<unknown> {
  const { world } = rig.changes;
  const config = { ...world().config, ...people };
  return rig.changes.apply(
    ({ roster }) => ({
      world: { config },
      next: { directory: createDirectory(config, roster) },
      steps: [],
      record: { kind: 'config-change', task_id: 'config', predicate: {} },
    }),
    async (draft) => {
      await draft.commit(rig.authority.current().policy, undefined);
      return { ok: true };
    },
  );
}

const stories: readonly Story[] = [
  {
    name: 'a provider that says they are not active',
    meet: async (rig) => {
      const { user, person } = await pushed(rig);
      return { person, out: () => active(rig, user, false), back: () => active(rig, user, true) };
    },
  },
  {
    name: 'a provider that deletes them, and makes them anew',
    meet: async (rig) => {
      const { user, person } = await pushed(rig);
      return {
        person,
        out: () => rig.send('DELETE', `/Users/${user}`),
        back: async () => {
          const again = await rig.user('erin');
          const [group] = rig.changes.world().roster.provisioned.groups.keys();
          const told = await rig.patch(`/Groups/${group}`, {
            op: 'add',
            path: 'members',
            value: [{ value: again }],
          });
          assert.equal(told.status, 204);
        },
      };
    },
  },
  {
    name: 'their last role, with the group that gave it',
    meet: async (rig) => {
      const { user, person } = await pushed(rig);
      const [group] = rig.changes.world().roster.provisioned.groups.keys();
      const members = (...ids: readonly string[]) =>
        rig.patch(`/Groups/${group}`, {
          op: 'replace',
          path: 'members',
          value: ids.map((value) => ({ value })),
        });
      return { person, out: () => members(), back: () => members(user) };
    },
  },
  {
    name: 'an operator who deactivates them',
    meet: async (rig) => {
      const { person } = await pushed(rig);
      return {
        person,
        out: () => set(rig, person, { active: false }),
        back: () => set(rig, person, { active: true }),
      };
    },
  },
  {
    name: 'an account of theirs that the configuration lists for another',
    meet: async (rig) => {
      const { person } = await pushed(rig);
      const { people } = rig.changes.world().config;
      const alice = people['alice'];
      assert.ok(alice);
      const accounts = [...alice.accounts, 'oidc:https://idp.example.com#00u-erin'];
      return {
        person,
        out: () => configured(rig, { people: { ...people, alice: { ...alice, accounts } } }),
        back: () => configured(rig, { people }),
      };
    },
  },
  ...(['out of the file', 'active: false'] as const).map(
    (how): Story => ({
      name: `the configuration: ${how}`,
      meet: async (rig) => {
        const { people } = rig.changes.world().config;
        const groups = { dba: ['bob'] };
        await configured(rig, { groups });
        const { bob, ...others } = people;
        assert.ok(bob);
        return {
          person: 'bob',
          out: () =>
            configured(
              rig,
              how === 'active: false'
                ? { people: { ...others, bob: { ...bob, active: false } } }
                : { people: others, groups: { dba: [] } },
            ),
          back: () => configured(rig, { people, groups }),
        };
      },
    }),
  ),
];

const OTHERS = {
  alice: { name: 'Alice', roles: ['operator'], accounts: ['oidc:https://idp.example.com#00u-alice'] },
  bob: { name: 'Bob', roles: ['reviewer'], accounts: ['bob@example.com'] },
  carol: { name: 'Carol', roles: ['reviewer'] },
  dan: { name: 'Dan', roles: ['reviewer'] },
};
const delegationsOf = (rig: ScimRig) =>
  createDelegations({ ...rig.deps, changes: rig.changes, lasts_max_ms: () => 86_400_000 });
const statusOf = async (rig: Rig, id: string) => (await rig.requests.show(id, 'alice'))?.approval?.status;

for (const { name, meet } of stories) {
  describe(`taken out by ${name}`, () => {
    it('and put back: the answer given before does not run anything, and says why', async () => {
      const rig = await createScimRig();
      try {
        const { person, out, back } = await meet(rig);
        const { id } = held(await rig.call('drop'));
        assert.equal((await rig.answer(id, person)).kind, 'recorded');
        const signedIn = await rig.sessions.signIn(await rig.sessions.issueCode(person), 'cli');
        assert.ok(signedIn);
        await out();
        assert.notEqual(rig.directory().person(person)?.active, true, 'out');
        await back();
        assert.equal(rig.directory().person(person)?.active, true, 'back');
        assert.notEqual((await rig.call('drop')).kind, 'permitted');
        assert.equal(await statusOf(rig, id), 'revoked');
        const [review] = (await rig.requests.show(id, 'alice'))?.reviews ?? [];
        assert.deepEqual([review?.counts, review?.why_not], [false, 'left']);
        assert.equal(await rig.sessions.authenticate(signedIn.token), undefined, 'nor is a session');
      } finally {
        await rig.close();
      }
    });

    it('and put back: of what they had answered they are told that it counts no more, and no second time is taken', async () => {
      const rig = await createScimRig({ config: { people: OTHERS } });
      try {
        const { person, out, back } = await meet(rig);
        const { id } = held(await rig.call('both'));
        assert.equal((await rig.answer(id, person)).kind, 'recorded');
        await out();
        await back();
        const shown = await rig.requests.show(id, person);
        assert.deepEqual(shown?.eligibility, { eligible: false, why: 'left' });
        const again = await rig.answer(id, person);
        assert.match(JSON.stringify(again), /not been active here all the time since you answered/);
      } finally {
        await rig.close();
      }
    });

    it('and put back: nobody sits in a seat they gave, nor they in one given to them, and it is on the record', async () => {
      const rig = await createScimRig({ config: { people: OTHERS } });
      try {
        const { person, out, back } = await meet(rig);
        const delegations = delegationsOf(rig);
        const give = async (from: string, to: string, in_ms: number): Promise<string> => {
          const starts_at = rig.time.now + in_ms;
          const outcome = await delegations.give(from, { to, starts_at, until: starts_at + 3_600_000 });
          assert.ok(outcome.kind === 'given', JSON.stringify(outcome));
          return outcome.delegation.id;
        };
        const ids = [await give(person, 'carol', 0), await give('dan', person, 3_600_000)].sort();
        await out();
        await back();
        assert.equal(rig.directory().person(person)?.active, true, 'back');
        assert.deepEqual(rig.authority.current().duties.delegations, []);
        assert.deepEqual((await loadDuties(rig.store, rig.time.now)).delegations, [], 'nor after a restart');
        const listed = (await delegations.list({}, { limit: 9 })).items;
        assert.deepEqual(
          listed.map(({ id, status }) => [id, status]).sort(),
          ids.map((id) => [id, 'revoked']),
        );
        const said = (await rig.entries())
          .map(({ predicate }) => predicate as JsonObject)
          .filter(({ change }) => change === 'seat ended');
        assert.deepEqual(said.map(({ delegation, left }) => [delegation, left]).sort(), [
          [ids[0], [person]],
          [ids[1], [person]],
        ]);
        const { id } = held(await rig.call('drop'));
        assert.equal((await rig.answer(id, person)).kind, 'recorded', 'the seat is theirs again');
      } finally {
        await rig.close();
      }
    });

    it('and put back: what they answer from then on counts', async () => {
      const rig = await createScimRig();
      try {
        const { person, out, back } = await meet(rig);
        await out();
        await back();
        const { id } = held(await rig.call('drop'));
        assert.equal((await rig.answer(id, person)).kind, 'recorded');
        assert.equal((await rig.call('drop')).kind, 'permitted');
      } finally {
        await rig.close();
      }
    });
  });
}

it('somebody else’s leaving takes nothing from anybody: the tests above can fail', async () => {
  const rig = await createScimRig();
  try {
    const { user, person } = await pushed(rig);
    const other = await rig.user('finn');
    const { id } = held(await rig.call('drop'));
    await rig.answer(id, person);
    await active(rig, other, false);
    await rig.patch(`/Users/${user}`, { op: 'replace', path: 'displayName', value: 'Erin Renamed' });
    assert.equal((await rig.call('drop')).kind, 'permitted');
  } finally {
    await rig.close();
  }
});
