/** An account in a service becomes somebody's: by a link that works once and by nothing else, or by a service's word where that is taken. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG, createRig, policyOf, type Rig } from '../../testing/rig.ts';
import type { AccountChange } from '../api/ports.ts';
import type { World } from '../authority/changes.ts';
import { type Config, configSchema } from '../config/config.ts';
import { createDirectory } from '../identity/directory.ts';
import { EMPTY_ROSTER, edited, type Roster } from '../identity/roster/roster.ts';
import { toLink } from '../operations/links/may.ts';
import { createLinking, type Linking, type LinkingDeps } from './linking.ts';

const PEOPLE: Config = configSchema.parse({
  ...CONFIG,
  people: {
    ...CONFIG.people,
    bob: { name: 'Bob', roles: ['reviewer'], accounts: ['bob@example.com'] },
    mallory: { name: 'Mallory', roles: ['reviewer'], accounts: ['m@example.com'], active: false },
  },
});

const codeOf = (page: string): string => page.slice(page.indexOf('#') + 1);
const ACCOUNT = 'slack:t01/u01';

describe('linking an account of a service', () => {
  let rig: Rig;
  let linked: AccountChange[];
  let roster: Roster;
  let linking: Linking;
  const open = (over: Partial<LinkingDeps> = {}): Linking => {
    const { deps } = rig;
    const directory = () => createDirectory(PEOPLE, roster);
    return createLinking({
      ...deps,
      authority: {
        ...rig.authority,
        current: () => ({ ...rig.authority.current(), directory: directory() }),
      },
      accounts: {
        async link(change) {
          linked.push(change);
          return { kind: 'held', request_id: 'req_1', expires_at: 2 };
        },
      },
      people: {
        async change(build) {
          const world: World = { config: PEOPLE, pins: new Map(), roster };
          const made = build(world);
          if (made !== undefined) roster = edited(roster, made.edit);
          return { ok: true };
        },
      },
      adopts: (channel) => channel === 'slack',
      mayLink: toLink,
      ...over,
    });
  };
  beforeEach(async () => {
    rig = await createRig(policyOf({}), { config: PEOPLE });
    linked = [];
    roster = EMPTY_ROSTER;
    linking = open();
  });
  afterEach(() => rig.close());

  const begin = (account = ACCOUNT): Promise<string> =>
    linking.begin({ channel: 'slack', account, label: 'Bob \u202e(admin)' });

  it('A16: looking at a link changes nothing, however often; only the address’s fragment has the code', async () => {
    const page = new URL(await begin());
    assert.equal(page.search, '');
    assert.equal(page.pathname, '/channels/link');
    for (let times = 0; times < 3; times += 1) {
      const asked = await linking.look(page.hash.slice(1));
      assert.deepEqual([asked?.channel, asked?.account], ['slack', ACCOUNT]);
    }
    assert.deepEqual(linked, []);
  });

  it('links it for whoever confirms, as any link is: others may have to agree; and works once', async () => {
    const code = codeOf(await begin());
    assert.equal((await linking.confirm(code, 'bob')).kind, 'held');
    assert.deepEqual(linked, [{ person: 'bob', account: ACCOUNT, by: 'bob' }]);
    const again = await linking.confirm(code, 'carol');
    assert.equal(again.kind, 'refused');
    assert.equal(await linking.look(code), undefined);
    assert.equal(linked.length, 1);
  });

  it('of two who confirm at once, one does', async () => {
    const code = codeOf(await begin());
    const came = await Promise.all(['bob', 'carol'].map((who) => linking.confirm(code, who)));
    assert.deepEqual(came.map(({ kind }) => kind).sort(), ['held', 'refused']);
    assert.equal(linked.length, 1);
  });

  it('is good for ten minutes, and the newest link of an account is the only one', async () => {
    const first = codeOf(await begin());
    const second = codeOf(await begin());
    assert.equal(await linking.look(first), undefined);
    rig.time.now += 10 * 60_000 - 1;
    assert.notEqual(await linking.look(second), undefined);
    rig.time.now += 1;
    assert.equal((await linking.confirm(second, 'bob')).kind, 'refused');
    assert.deepEqual(linked, []);
  });

  it('takes no guess for a code', async () => {
    await begin();
    for (const code of ['', 'x', 'A'.repeat(43), '%27%20OR%201=1'])
      assert.equal((await linking.confirm(code, 'bob')).kind, 'refused', code);
  });

  it('makes no link of what is no account of a service', async () => {
    for (const account of ['bob', 'person:bob', 'slack:u 1', 'slack:u\u200b1'])
      await assert.rejects(begin(account), /account:/, account);
  });

  describe('by a verified e-mail address', () => {
    const adopt = (email: string, account = ACCOUNT, channel = 'slack') =>
      linking.adopt({ channel, account, email });

    it('makes it the account of the one person here who has that address, on the record', async () => {
      assert.equal((await adopt('Bob@Example.com'))?.id, 'bob');
      assert.deepEqual(
        [...roster.links.values()].map(({ account, person, by }) => [account, person, by]),
        [[ACCOUNT, 'bob', 'channel:slack']],
      );
      assert.equal((await adopt('bob@example.com'))?.id, 'bob');
      assert.equal(roster.links.size, 1);
    });

    it('does nothing where the configuration does not take the service’s word', async () => {
      assert.equal(await adopt('bob@example.com', ACCOUNT, 'teams'), undefined);
      assert.equal(roster.links.size, 0);
    });

    it('A13, A15: finds nobody by a name, by an address nobody or somebody inactive has, or by what is no address', async () => {
      for (const email of [
        'bob',
        'carol',
        'nobody@example.com',
        'm@example.com',
        '',
        'bob@example.com@x',
        'a@b',
      ])
        assert.equal(await adopt(email), undefined, email);
      assert.equal(roster.links.size, 0);
    });

    it('A13: takes no account from whoever has it', async () => {
      const config = { ...PEOPLE, people: { ...PEOPLE.people } };
      config.people['carol'] = { name: 'Carol', roles: ['reviewer'], active: true, accounts: [ACCOUNT] };
      const { deps } = rig;
      linking = open({
        authority: {
          ...rig.authority,
          current: () => ({ ...rig.authority.current(), directory: createDirectory(config, EMPTY_ROSTER) }),
        },
        now: deps.now,
      });
      assert.equal((await adopt('bob@example.com'))?.id, 'carol');
      assert.equal(roster.links.size, 0);
    });
  });
});
