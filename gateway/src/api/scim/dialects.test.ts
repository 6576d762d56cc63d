/** The requests Okta and Entra ID document that they send, in their order and spelling, each with what it must come to. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  type Body,
  createScimRig,
  GROUP,
  PATCH,
  type ScimRig,
  type Told,
  USER,
} from '../../../testing/scim.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** What the steps before made, by name. */
type Ids = Record<string, string>;
type Step = {
  readonly name: string;
  readonly send: (ids: Ids) => readonly [method: string, path: string, body?: Body];
  readonly status: number;
  /** Kept under this name. */
  readonly makes?: string;
  readonly check?: (told: Told, rig: ScimRig, ids: Ids) => void;
};

const patch = (...Operations: readonly Body[]): Body => ({ schemas: [PATCH], Operations });
const find = (place: string, filter: string, more = ''): string =>
  `/${place}?filter=${encodeURIComponent(filter)}${more}`;
const found = (n: number) => (told: Told) => assert.equal(told.body.totalResults, n);

const OKTA: readonly Step[] = [
  {
    name: 'looks whether the user is there',
    send: () => ['GET', find('Users', 'userName eq "test.user@okta.local"', '&startIndex=1&count=100')],
    status: 200,
    check: ({ body }) =>
      assert.deepEqual(
        [body.totalResults, body.startIndex, body.itemsPerPage, body.Resources],
        [0, 1, 0, []],
      ),
  },
  {
    name: 'creates a user',
    send: () => [
      'POST',
      '/Users',
      {
        schemas: [USER],
        userName: 'test.user@okta.local',
        name: { givenName: 'Test', familyName: 'User' },
        emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
        displayName: 'Test User',
        locale: 'en-US',
        externalId: '00ujl29u0le5T6Aj10h7',
        groups: [],
        password: '1mz050nq',
        active: true,
      },
    ],
    status: 201,
    makes: 'user',
    check: (told, rig) => {
      assert.equal(told.headers.get('location'), `https://gate.example.com/scim/v2/Users/${told.body.id}`);
      assert.match(told.headers.get('content-type') ?? '', /^application\/scim\+json/);
      assert.equal(told.body.userName, 'test.user@okta.local');
      assert.ok(!JSON.stringify(told.body).includes('1mz050nq'), 'a password is never kept');
      assert.equal(rig.personOf(told.body.id)?.name, 'Test User');
    },
  },
  {
    name: 'creates it again',
    send: () => ['POST', '/Users', { schemas: [USER], userName: 'Test.User@okta.local' }],
    status: 409,
    check: ({ body }) => assert.equal(body.scimType, 'uniqueness'),
  },
  { name: 'reads it', send: ({ user }) => ['GET', `/Users/${user}`], status: 200 },
  { name: 'imports all', send: () => ['GET', '/Users?startIndex=1&count=100'], status: 200, check: found(1) },
  {
    name: 'writes a profile, without externalId',
    send: ({ user }) => [
      'PUT',
      `/Users/${user}`,
      {
        schemas: [USER],
        id: user,
        userName: 'test.user@okta.local',
        name: { givenName: 'Another', middleName: '', familyName: 'User' },
        emails: [
          { primary: true, value: 'test.user@okta.local', type: 'work', display: 'test.user@okta.local' },
        ],
        active: true,
        groups: [],
        meta: { resourceType: 'User' },
      },
    ],
    status: 200,
    check: ({ body }) =>
      assert.deepEqual([body.name.givenName, body.externalId], ['Another', '00ujl29u0le5T6Aj10h7']),
  },
  {
    name: 'creates a group',
    send: () => ['POST', '/Groups', { schemas: [GROUP], displayName: 'Test SCIMv2', members: [] }],
    status: 201,
    makes: 'group',
  },
  {
    name: 'renames it, repeating its id',
    send: ({ group }) => [
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'replace', value: { id: group, displayName: 'Database Admins' } }),
    ],
    status: 204,
  },
  {
    name: 'takes out somebody who is not in it and adds a member',
    send: ({ group, user }) => [
      'PATCH',
      `/Groups/${group}`,
      patch(
        { op: 'remove', path: 'members[value eq "89bb1940-b905-4575-9e7f-6f887cfb368e"]' },
        { op: 'add', path: 'members', value: [{ value: user, display: 'test.user@okta.local' }] },
      ),
    ],
    status: 204,
    check: (_, rig, { user }) => assert.deepEqual(rig.personOf(user ?? '')?.groups, ['dba']),
  },
  {
    name: 'writes the group whole',
    send: ({ group, user }) => [
      'PUT',
      `/Groups/${group}`,
      {
        schemas: [GROUP],
        id: group,
        displayName: 'Database Admins',
        members: [{ value: user, display: 'test.user@okta.local' }],
      },
    ],
    status: 200,
    check: (told, _, { user }) => assert.deepEqual(told.body.members, [{ value: user }]),
  },
  {
    name: 'imports groups',
    send: () => ['GET', '/Groups?startIndex=1&count=100'],
    status: 200,
    check: found(1),
  },
  {
    name: 'deactivates the user',
    send: ({ user }) => ['PATCH', `/Users/${user}`, patch({ op: 'replace', value: { active: false } })],
    status: 200,
    check: (told, rig, { user }) =>
      assert.deepEqual([told.body.active, rig.personOf(user ?? '')?.active], [false, false]),
  },
  {
    name: 'writes the profile of somebody inactive, and says nothing of active',
    send: ({ user }) => [
      'PUT',
      `/Users/${user}`,
      { schemas: [USER], userName: 'test.user@okta.local', displayName: 'Test User' },
    ],
    status: 200,
    check: ({ body }) => assert.equal(body.active, false),
  },
  { name: 'deletes the group', send: ({ group }) => ['DELETE', `/Groups/${group}`], status: 204 },
  { name: 'deletes it again', send: ({ group }) => ['DELETE', `/Groups/${group}`], status: 404 },
];

const ENTRA: readonly Step[] = [
  {
    name: 'tests the connection with a user that is not there',
    send: () => ['GET', find('Users', 'userName eq "7ad2eb11-6ca5-4d69-a5b0-5b8f0a2d1f0e"')],
    status: 200,
    check: found(0),
  },
  { name: 'asks for the schemas', send: () => ['GET', '/Schemas'], status: 200, check: found(2) },
  {
    name: 'creates a user',
    send: () => [
      'POST',
      '/Users',
      {
        schemas: [USER, ENTERPRISE],
        externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
        userName: 'Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1',
        active: true,
        emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b@testuser.com' }],
        meta: { resourceType: 'User' },
        name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
        roles: [],
        [ENTERPRISE]: { department: 'Tech', manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' } },
      },
    ],
    status: 201,
    makes: 'user',
    check: (told, rig) => assert.equal(rig.personOf(told.body.id)?.name, 'givenName familyName'),
  },
  {
    name: 'finds it by name in other letters',
    send: () => ['GET', find('Users', 'userName eq "TEST_USER_AB6490EE-1e48-479e-a20b-2d77186b5dd1"')],
    status: 200,
    check: found(1),
  },
  {
    name: 'finds it by externalId',
    send: () => ['GET', find('Users', 'externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"')],
    status: 200,
    check: found(1),
  },
  {
    name: 'finds it by work address',
    send: () => ['GET', find('Users', 'emails[type eq "work"].value eq "test_user_fd0ea19b@testuser.com"')],
    status: 200,
    check: found(1),
  },
  {
    name: 'changes address and name',
    send: ({ user }) => [
      'PATCH',
      `/Users/${user}`,
      patch(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@microsoft.com' },
        { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      ),
    ],
    status: 200,
    check: ({ body }) =>
      assert.deepEqual(
        [body.emails, body.name.familyName, body.name.givenName],
        [
          [{ value: 'updatedEmail@microsoft.com', type: 'work', primary: true }],
          'updatedFamilyName',
          'givenName',
        ],
      ),
  },
  {
    name: 'adds what is not kept',
    send: ({ user }) => [
      'PATCH',
      `/Users/${user}`,
      patch(
        { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Tech' },
        { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+1 555' },
        { op: 'Add', path: 'roles[primary eq "True"].value', value: 'operator' },
        { op: 'Add', path: 'addresses[type eq "work"].formatted', value: 'Main St 1' },
        { op: 'Add', path: `${ENTERPRISE}:manager`, value: [{ $ref: null, value: 'x' }] },
      ),
    ],
    status: 200,
    check: ({ body }) => assert.equal(body.meta.version, 'W/"2"', 'nothing changed'),
  },
  {
    name: 'adds with paths as keys (without its SCIM compliance flag)',
    send: ({ user }) => [
      'PATCH',
      `/Users/${user}`,
      patch({
        op: 'Add',
        value: {
          displayName: 'Test User',
          'name.formatted': 'Updated Name',
          'emails[type eq "home"].value': 'home@microsoft.com',
          [`${ENTERPRISE}:department`]: 'Tech',
        },
      }),
    ],
    status: 200,
    check: ({ body }) =>
      assert.deepEqual(
        [body.displayName, body.name.formatted, body.emails[1]],
        ['Test User', 'Updated Name', { value: 'home@microsoft.com', type: 'home' }],
      ),
  },
  {
    name: 'creates a group',
    send: () => [
      'POST',
      '/Groups',
      {
        schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
        externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
        displayName: 'Database Admins',
        meta: { resourceType: 'Group' },
      },
    ],
    status: 201,
    makes: 'group',
  },
  {
    name: 'reads it without its members',
    send: ({ group }) => ['GET', `/Groups/${group}?excludedAttributes=members`],
    status: 200,
  },
  {
    name: 'adds a member',
    send: ({ group, user }) => [
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: user }] }),
    ],
    status: 204,
    check: (_, rig, { user }) => assert.deepEqual(rig.personOf(user ?? '')?.groups, ['dba']),
  },
  {
    name: 'finds the group by name, without members',
    send: () => ['GET', find('Groups', 'displayName eq "Database Admins"', '&excludedAttributes=members')],
    status: 200,
    check: ({ body }) =>
      assert.deepEqual([body.totalResults, body.Resources[0]?.['members']], [1, undefined]),
  },
  {
    name: 'asks whether it has the member',
    send: ({ group, user }) => ['GET', find('Groups', `id eq "${group}" and members eq "${user}"`)],
    status: 200,
    check: found(1),
  },
  {
    name: 'removes one member by value, and leaves the others',
    send: ({ group }) => [
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'f648f8d5ea4e4cd38e9c' }] }),
    ],
    status: 204,
    check: (_, rig, { user }) => assert.deepEqual(rig.personOf(user ?? '')?.groups, ['dba']),
  },
  {
    name: 'disables the user, in its words for false',
    send: ({ user }) => ['PATCH', `/Users/${user}`, patch({ op: 'Replace', path: 'active', value: 'False' })],
    status: 200,
    check: (told, rig, { user }) =>
      assert.deepEqual([told.body.active, rig.personOf(user ?? '')?.active], [false, false]),
  },
  {
    name: 'enables it, in its oldest words for true',
    send: ({ user }) => [
      'PATCH',
      `/Users/${user}`,
      patch({ op: 'Replace', path: 'active', value: [{ $ref: null, value: 'True' }] }),
    ],
    status: 200,
    check: (_, rig, { user }) => assert.equal(rig.personOf(user ?? '')?.active, true),
  },
  {
    name: 'removes the member',
    send: ({ group, user }) => [
      'PATCH',
      `/Groups/${group}`,
      patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: user }] }),
    ],
    status: 204,
    check: (_, rig, { user }) => assert.deepEqual(rig.personOf(user ?? '')?.groups, []),
  },
  { name: 'deletes the user', send: ({ user }) => ['DELETE', `/Users/${user}`], status: 204 },
  { name: 'sees that it is gone', send: ({ user }) => ['GET', `/Users/${user}`], status: 404 },
];

for (const [provider, steps] of Object.entries({ Okta: OKTA, 'Entra ID': ENTRA })) {
  it(`${provider} is understood, step by step`, async (t) => {
    const rig = await createScimRig();
    const ids: Ids = {};
    for (const { name, send, status, makes, check } of steps) {
      await t.test(name, async () => {
        const told = await rig.send(...send(ids));
        assert.equal(told.status, status, JSON.stringify(told.body));
        if (makes !== undefined) ids[makes] = told.body.id;
        check?.(told, rig, ids);
      });
    }
    assert.deepEqual(rig.broken, []);
    await rig.close();
  });
}
