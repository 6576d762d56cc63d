/** What a push makes of somebody here, and takes from them: at once, on everything not yet redeemed (I4, I8, I12, A10, A13). */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { held } from '../../../testing/rig.ts';
import { createScimRig, GROUP, ISSUER, type ScimRig, USER } from '../../../testing/scim.ts';
import { oidcAccount } from '../../config/sign-in.ts';
import { createRosterChanges } from '../../identity/roster/changes.ts';
import { loadRoster } from '../../identity/roster/stored.ts';
import { createPeopleAdmin } from '../../operations/people.ts';

let rig: ScimRig;
beforeEach(async () => {
  rig = await createScimRig();
});
afterEach(async () => {
  assert.deepEqual(rig.broken, []);
  await rig.close();
});

describe('a held call, approved by somebody who was pushed', () => {
  const ways: readonly [string, (erin: string, dba: string) => Promise<{ readonly status: number }>][] = [
    ['deleted', (erin) => rig.send('DELETE', `/Users/${erin}`)],
    [
      'made inactive by Okta',
      (erin) => rig.patch(`/Users/${erin}`, { op: 'replace', value: { active: false } }),
    ],
    [
      'made inactive by Entra ID',
      (erin) => rig.patch(`/Users/${erin}`, { op: 'Replace', path: 'active', value: 'False' }),
    ],
    [
      'written as inactive',
      (erin) =>
        rig.send('PUT', `/Users/${erin}`, {
          schemas: [USER],
          userName: 'erin@example.com',
          externalId: '00u-erin',
          active: false,
        }),
    ],
    [
      'taken from the group',
      (erin, dba) => rig.patch(`/Groups/${dba}`, { op: 'remove', path: `members[value eq "${erin}"]` }),
    ],
    ['left without the group', (_, dba) => rig.send('DELETE', `/Groups/${dba}`)],
    [
      'left in a group of another name',
      (_, dba) => rig.patch(`/Groups/${dba}`, { op: 'replace', value: { displayName: 'Lunch' } }),
    ],
  ];
  for (const [name, lose] of ways) {
    it(`is not run once they are ${name}`, async () => {
      const erin = await rig.user('erin');
      const dba = await rig.group('Database Admins', [erin]);
      const person = rig.personOf(erin);
      assert.ok(person);
      assert.deepEqual([person.active, person.groups, person.roles], [true, ['dba'], ['reviewer']]);
      const { id } = held(await rig.call('drop'));
      const answered = await rig.answer(id, person.id);
      assert.equal(answered.kind === 'recorded' && answered.status, 'approved');
      const signedIn = await rig.sessions.signIn(await rig.sessions.issueCode(person.id), 'cli');
      assert.ok(signedIn);
      let told = 0;
      rig.sessions.onEnded(() => {
        told += 1;
      });
      const before = rig.authority.current().epoch;
      assert.ok((await lose(erin, dba)).status < 300);
      assert.equal(rig.authority.current().epoch, before + 1);
      assert.notEqual((await rig.call('drop')).kind, 'permitted');
      const [approval] = (await rig.requests.listApprovals({}, { limit: 1 })).items;
      assert.notEqual(approval?.status, 'active');
      assert.equal(await rig.sessions.authenticate(signedIn.token), undefined);
      assert.equal(told, 1, 'whoever holds a stream open is told');
    });
  }

  it('runs while they stay: the tests above can fail', async () => {
    const erin = await rig.user('erin');
    await rig.group('Database Admins', [erin]);
    const { id } = held(await rig.call('drop'));
    await rig.answer(id, rig.personOf(erin)?.id ?? '');
    await rig.patch(`/Users/${erin}`, { op: 'replace', path: 'displayName', value: 'Erin' });
    assert.equal((await rig.call('drop')).kind, 'permitted');
  });
});

describe('who a pushed user is', () => {
  it('is who signs in with the linked provider, whichever came first', async () => {
    const account = oidcAccount(ISSUER, '00u-erin');
    const people = createRosterChanges({ changes: rig.changes, now: rig.deps.now });
    await people.change(() => ({
      edit: {
        people: [
          { id: 'usr_jit', name: 'Erin', email: 'erin@example.com', active: true, roles: [], source: 'oidc' },
        ],
        accounts: [{ account, person: 'usr_jit', source: 'oidc' }],
      },
      person: 'usr_jit',
      predicate: { change: 'person created' },
    }));
    const erin = await rig.user('erin', { emails: [{ value: 'erin@example.com', primary: true }] });
    assert.equal(rig.personOf(erin)?.id, 'usr_jit');
    const frank = await rig.user('frank');
    assert.equal(
      rig.directory().personOfAccount(oidcAccount(ISSUER, '00u-frank'))?.id,
      rig.personOf(frank)?.id,
    );
  });

  it('is who the configuration says, with the groups pushed and the roles configured; out is out', async () => {
    const id = await rig.user('alice');
    await rig.group('Database Admins', [id]);
    const alice = rig.directory().person('alice');
    assert.deepEqual([alice?.active, alice?.groups, alice?.roles], [true, ['dba'], ['operator']]);
    assert.equal(rig.personOf(id)?.active, false, 'the double stands aside');
    await rig.patch(`/Users/${id}`, { op: 'replace', value: { active: false } });
    assert.equal(rig.directory().person('alice')?.active, false);
    await rig.patch(`/Users/${id}`, { op: 'replace', value: { active: true } });
    assert.equal(rig.directory().person('alice')?.active, true);
  });

  it('is nobody by e-mail address alone (A13)', async () => {
    const clash = await rig.send('POST', '/Users', {
      schemas: [USER],
      userName: 'robert',
      externalId: '00u-robert',
      emails: [{ value: 'BOB@example.com' }],
    });
    assert.deepEqual([clash.status, clash.body.scimType], [409, 'uniqueness']);
    assert.match(clash.body.detail, /people\.bob\.accounts/);
    await rig.user('erin', { emails: [{ value: 'e@example.com' }] });
    const second = await rig.send('POST', '/Users', {
      schemas: [USER],
      userName: 'erin2',
      externalId: '00u-erin2',
      emails: [{ value: 'E@example.com' }],
    });
    assert.deepEqual([second.status, second.body.scimType], [409, 'uniqueness']);
    const third = await rig.user('gina');
    const moved = await rig.patch(`/Users/${third}`, {
      op: 'add',
      path: 'emails[type eq "work"].value',
      value: 'e@example.com',
    });
    assert.equal(moved.status, 409);
  });

  it('cannot become somebody else by a new externalId', async () => {
    const erin = await rig.user('erin');
    const changed = await rig.patch(`/Users/${erin}`, {
      op: 'replace',
      path: 'externalId',
      value: '00u-alice',
    });
    assert.deepEqual([changed.status, changed.body.scimType], [400, 'mutability']);
    const late = await rig.user('late', { externalId: undefined });
    const taken = await rig.patch(`/Users/${late}`, { op: 'add', path: 'externalId', value: '00u-erin' });
    assert.deepEqual([taken.status, taken.body.scimType], [409, 'uniqueness']);
    const own = await rig.patch(`/Users/${late}`, { op: 'add', path: 'externalId', value: '00u-late' });
    assert.equal(own.status, 200);
    assert.equal(
      rig.directory().personOfAccount(oidcAccount(ISSUER, '00u-late'))?.id,
      rig.personOf(late)?.id,
    );
  });

  it('is taken out whatever else is the matter, and not let back in before that is mended', async () => {
    await rig.user('frank', { emails: [{ value: 'f@example.com' }] });
    const erin = await rig.user('erin');
    await rig.group('Database Admins', [erin]);
    const out = { schemas: [USER], userName: 'erin', emails: [{ value: 'F@example.com' }], active: false };
    assert.equal((await rig.send('PUT', `/Users/${erin}`, { ...out, active: true })).status, 409);
    assert.equal((await rig.send('PUT', `/Users/${erin}`, out)).status, 200);
    assert.equal(rig.personOf(erin)?.active, false);
    const back = await rig.patch(`/Users/${erin}`, { op: 'replace', value: { active: true } });
    assert.equal(back.status, 409);
    await rig.patch(
      `/Users/${erin}`,
      { op: 'remove', path: 'emails' },
      { op: 'replace', path: 'active', value: true },
    );
    assert.equal(rig.personOf(erin)?.active, true);
  });

  it('is linked when next written, where the link was configured after the push', async () => {
    await rig.close();
    rig = await createScimRig({ corp: { link: undefined } });
    const erin = await rig.user('erin');
    const account = oidcAccount(ISSUER, '00u-erin');
    assert.equal(rig.directory().personOfAccount(account), undefined);
    const { config } = rig.changes.world();
    const corp = config.scim['corp'];
    assert.ok(corp);
    const link = { oidc: 'okta', by: 'externalId' } as const;
    await rig.changes.applyBeside(() => ({
      world: { config: { ...config, scim: { ...config.scim, corp: { ...corp, link } } } },
      next: {},
      steps: [],
      record: { kind: 'config-change', task_id: 'config', predicate: { changed: ['scim.corp'] } },
    }));
    const same = { schemas: [USER], userName: 'erin@example.com', externalId: '00u-erin', active: true };
    assert.equal((await rig.send('PUT', `/Users/${erin}`, same)).body.meta.version, 'W/"2"');
    assert.equal(rig.directory().personOfAccount(account)?.id, rig.personOf(erin)?.id);
  });

  it('is nobody while the provider they sign in with is not in force yet', async () => {
    await rig.close();
    rig = await createScimRig({ corp: { link: { oidc: 'later' } } });
    const told = await rig.send('POST', '/Users', {
      schemas: [USER],
      userName: 'erin',
      externalId: '00u-erin',
    });
    assert.deepEqual([told.status, rig.changes.world().roster.people.size], [503, 0]);
    assert.match(told.body.detail, /restart/);
  });

  it('is the same person when deleted and pushed again, and is not kept out by having been out', async () => {
    for (const more of [{}, { externalId: undefined, userName: 'By-Name' }]) {
      const first = await rig.user('erin', more);
      const person = rig.personOf(first)?.id;
      await rig.send('DELETE', `/Users/${first}`);
      assert.equal((await rig.send('GET', `/Users/${first}`)).status, 404);
      assert.equal(rig.directory().person(person ?? '')?.active, false);
      const again = await rig.user('erin', more);
      assert.notEqual(again, first, 'ids are never given twice');
      assert.equal(rig.personOf(again)?.id, person);
      const dba = await rig.group('Database Admins', [again]);
      assert.equal(rig.personOf(again)?.active, true);
      await rig.send('DELETE', `/Groups/${dba}`);
    }
  });

  it('stays out when an operator said so, whatever is pushed; and when the provider did, whatever an operator says', async () => {
    const erin = await rig.user('erin');
    await rig.group('Database Admins', [erin]);
    const person = rig.personOf(erin)?.id ?? '';
    const { authority, now } = rig.deps;
    const admin = createPeopleAdmin({
      authority,
      people: createRosterChanges({ changes: rig.changes, now }),
      agree: async () => ({
        kind: 'agreed',
        beside: { epoch: authority.current().epoch, steps: [], events: [] },
        review: null,
      }),
    });
    await admin.setActive({ person, active: false, by: 'alice' });
    for (const active of [false, true])
      await rig.patch(`/Users/${erin}`, { op: 'replace', value: { active } });
    assert.equal(rig.personOf(erin)?.active, false);
    await admin.setActive({ person, active: true, by: 'alice' });
    assert.equal(rig.personOf(erin)?.active, true);
    await rig.patch(`/Users/${erin}`, { op: 'replace', value: { active: false } });
    await admin.setActive({ person, active: true, by: 'alice' });
    assert.equal(rig.personOf(erin)?.active, false);
  });
});

describe('what a push gives', () => {
  it('is what the configuration maps and nothing else; an operator only by name', async () => {
    const erin = await rig.user('erin', { roles: [{ value: 'operator' }] });
    await rig.group('dba', [erin]);
    await rig.group('operator', [erin]);
    assert.deepEqual([rig.personOf(erin)?.roles, rig.personOf(erin)?.groups], [[], []]);
    await rig.group('Operators', [erin]);
    assert.deepEqual(rig.personOf(erin)?.roles, ['operator']);
  });

  it('is nobody else’s to see or change: not another provider’s, whatever it knows', async () => {
    const erin = await rig.user('erin');
    const dba = await rig.group('Database Admins', [erin]);
    const send = rig.sender({ token: rig.tokens.other });
    assert.equal((await send('GET', '/Users')).body.totalResults, 0);
    for (const [method, path] of [
      ['GET', `/Users/${erin}`],
      ['DELETE', `/Users/${erin}`],
      ['GET', `/Groups/${dba}`],
      ['DELETE', `/Groups/${dba}`],
    ] as const)
      assert.equal((await send(method, path)).status, 404, `${method} ${path}`);
    const stolen = { schemas: [GROUP], displayName: 'mine', members: [{ value: erin }] };
    assert.equal((await send('POST', '/Groups', stolen)).body.scimType, 'invalidValue');
    // The same name elsewhere is another person, and of no group of ours.
    const theirs = await send('POST', '/Groups', { schemas: [GROUP], displayName: 'Database Admins' });
    assert.equal(theirs.status, 201);
  });

  it('is on the record, one entry for each, without names or addresses (I7, I13)', async () => {
    const erin = await rig.user('erin', { displayName: 'Erin Dee', emails: [{ value: 'erin@example.com' }] });
    const dba = await rig.group('Database Admins', [erin]);
    await rig.patch(`/Users/${erin}`, { op: 'replace', value: { active: false } });
    await rig.send('DELETE', `/Users/${erin}`);
    await rig.send('DELETE', `/Groups/${dba}`);
    const log = JSON.stringify(await rig.entries());
    for (const said of [
      'person provisioned',
      'group provisioned',
      'provisioned person changed',
      'person deprovisioned',
      'group deprovisioned',
    ])
      assert.ok(log.includes(said), said);
    for (const secret of ['Erin', 'erin@', '00u-', 'Database Admins'])
      assert.ok(!log.includes(secret), secret);
  });

  it('is stored as it is served, and is the same after a restart', async () => {
    const erin = await rig.user('erin', { displayName: 'Erin', emails: [{ value: 'erin@example.com' }] });
    const frank = await rig.user('frank');
    const gone = await rig.user('gone');
    await rig.group('Database Admins', [erin, frank, gone]);
    const lunch = await rig.group('Lunch', [erin]);
    await rig.patch(`/Groups/${lunch}`, { op: 'replace', path: 'displayName', value: 'Dinner' });
    await rig.patch(`/Users/${frank}`, { op: 'replace', value: { active: false } });
    await rig.send('DELETE', `/Users/${gone}`);
    const { roster } = rig.changes.world();
    assert.deepEqual(await loadRoster(rig.store), roster);
    assert.equal(roster.provisioned.users.get(gone)?.state, 'gone');
    assert.ok(
      !JSON.stringify(roster.provisioned.users.get(gone)).includes('gone@'),
      'nothing is kept for nothing',
    );
  });
});

it('a change that says nothing new raises nothing', async () => {
  const erin = await rig.user('erin', { displayName: 'Erin' });
  const before = rig.authority.current().epoch;
  const same = await rig.patch(`/Users/${erin}`, { op: 'replace', path: 'displayName', value: 'Erin' });
  assert.deepEqual([same.status, same.body.meta.version], [200, 'W/"1"']);
  assert.equal(rig.authority.current().epoch, before);
});

it('what arrives together is one change, each with its entry and its own answer', async () => {
  const before = rig.authority.current().epoch;
  const names = Array.from({ length: 50 }, (_, n) => `p${n}`);
  const told = await Promise.all(
    [...names, 'p7'].map((userName) => rig.send('POST', '/Users', { schemas: [USER], userName })),
  );
  assert.equal(told.filter(({ status }) => status === 201).length, 50);
  assert.deepEqual([told.at(-1)?.status, told.at(-1)?.body.scimType], [409, 'uniqueness']);
  const entries = (await rig.entries()).filter((entry) =>
    JSON.stringify(entry).includes('person provisioned'),
  );
  assert.equal(entries.length, 50);
  assert.ok(rig.authority.current().epoch - before <= 2, 'one for the first, one for those that waited');
});
