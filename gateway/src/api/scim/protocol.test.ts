/** The protocol beside what it is for: who gets in, what is refused and how, bounds, versions, filters and pages. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Body, createScimRig, GROUP, PATCH, type ScimRig, USER } from '../../../testing/scim.ts';
import { makeCredential } from '../../identity/credential.ts';

let rig: ScimRig;
beforeEach(async () => {
  rig = await createScimRig();
});
afterEach(async () => {
  assert.deepEqual(rig.broken, []);
  await rig.close();
});

const person = (over: Body = {}): Body => ({ schemas: [USER], userName: 'erin', ...over });
const patch = (...Operations: readonly unknown[]): Body => ({ schemas: [PATCH], Operations });

describe('who gets in', () => {
  it('a provider with its own token, and nobody with any other credential (I12)', async () => {
    const signedIn = await rig.sessions.signIn(await rig.sessions.issueCode('alice'), 'cli');
    const refused = {
      nothing: '',
      'an unknown token': makeCredential('scim'),
      'an expired token': rig.tokens.old,
      'an agent’s key': makeCredential('agent'),
      'an operator’s session': signedIn?.token ?? '',
      'a sign-in code': makeCredential('code'),
      nonsense: 'x'.repeat(600),
    };
    for (const [name, token] of Object.entries(refused)) {
      const told = await rig.sender({ token })('GET', '/ServiceProviderConfig');
      assert.equal(told.status, 401, name);
      assert.match(told.headers.get('www-authenticate') ?? '', /^Bearer/, name);
      assert.deepEqual(told.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error'], name);
      assert.ok(token === '' || !JSON.stringify(told.body).includes(token), name);
    }
    assert.equal((await rig.send('GET', '/ServiceProviderConfig')).status, 200);
  });

  it('a provider’s token is no session and no agent’s key', async () => {
    assert.equal(await rig.sessions.authenticate(rig.tokens.corp), undefined);
    const { agents } = rig.authority.current();
    assert.deepEqual(agents.byKey(rig.tokens.corp, rig.time.now), { reason: 'wrong_kind' });
  });

  it('so often a minute, told when to come back (A21)', async () => {
    await rig.close();
    rig = await createScimRig({ corp: { requests_per_minute: 2 } });
    const told = await Promise.all([1, 2, 3].map(() => rig.send('GET', '/Users')));
    assert.deepEqual(
      told.map(({ status }) => status),
      [200, 200, 429],
    );
    assert.equal(told[2]?.headers.get('retry-after'), '30');
    const other = rig.sender({ token: rig.tokens.other });
    assert.equal((await other('GET', '/Users')).status, 200, 'another provider has its own');
    rig.time.now += 30_000;
    assert.equal((await rig.send('GET', '/Users')).status, 200);
  });
});

describe('what is refused, with the type and without repeating what was sent (I7)', () => {
  const SECRET = 's3cret-value';
  const rows: readonly [string, (id: string) => readonly [string, string, unknown?], number, string?][] = [
    ['no JSON', () => ['POST', '/Users', `{"userName": ${SECRET}`], 400, 'invalidSyntax'],
    ['a name twice (A6)', () => ['POST', '/Users', '{"schemas":[],"schemas":[]}'], 400, 'invalidSyntax'],
    ['a list', () => ['POST', '/Users', []], 400, 'invalidSyntax'],
    ['too deep', () => ['POST', '/Users', `${'['.repeat(40)}${']'.repeat(40)}`], 400, 'invalidSyntax'],
    ['no schemas', () => ['POST', '/Users', { userName: 'x' }], 400, 'invalidSyntax'],
    ['another schema', () => ['POST', '/Users', { schemas: [GROUP], userName: 'x' }], 400, 'invalidSyntax'],
    ['no userName', () => ['POST', '/Users', { schemas: [USER] }], 400, 'invalidValue'],
    ['an empty userName', () => ['POST', '/Users', person({ userName: ' ' })], 400, 'invalidValue'],
    ['userName and USERNAME', () => ['POST', '/Users', person({ USERNAME: 'y' })], 400, 'invalidSyntax'],
    ['a long name', () => ['POST', '/Users', person({ displayName: 'x'.repeat(257) })], 400, 'invalidValue'],
    [
      'a name for a terminal (A2)',
      () => ['POST', '/Users', person({ displayName: '\u001b[2K' })],
      400,
      'invalidValue',
    ],
    ['a number for a name', () => ['POST', '/Users', person({ displayName: 7 })], 400, 'invalidValue'],
    ['active: maybe', () => ['POST', '/Users', person({ active: 'maybe' })], 400, 'invalidValue'],
    ['active: 1', () => ['POST', '/Users', person({ active: 1 })], 400, 'invalidValue'],
    [
      'an e-mail without value',
      () => ['POST', '/Users', person({ emails: [{ type: 'work' }] })],
      400,
      'invalidValue',
    ],
    [
      'too many e-mails',
      () => [
        'POST',
        '/Users',
        person({ emails: Array.from({ length: 21 }, (_, n) => ({ value: `${n}@x` })) }),
      ],
      400,
      'tooMany',
    ],
    ['a large body', () => ['POST', '/Users', person({ x: 'x'.repeat(4_200_000) })], 413],
    [
      'a member who is not there',
      () => ['POST', '/Groups', { schemas: [GROUP], displayName: 'g', members: [{ value: SECRET }] }],
      400,
      'invalidValue',
    ],
    [
      'a group in a group',
      (id) => [
        'POST',
        '/Groups',
        { schemas: [GROUP], displayName: 'g', members: [{ value: `${id}x`, type: 'Group' }] },
      ],
      400,
      'invalidValue',
    ],
    ['a patch of nothing', (id) => ['PATCH', `/Users/${id}`, patch()], 400, 'invalidSyntax'],
    [
      'a patch without its schema',
      (id) => ['PATCH', `/Users/${id}`, { Operations: [{ op: 'add', path: 'active', value: true }] }],
      400,
      'invalidSyntax',
    ],
    [
      'too many operations',
      (id) => [
        'PATCH',
        `/Users/${id}`,
        patch(...Array.from({ length: 1001 }, () => ({ op: 'remove', path: 'name' }))),
      ],
      400,
      'tooMany',
    ],
    [
      'an unknown operation',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'move', path: 'active', value: true })],
      400,
      'invalidSyntax',
    ],
    [
      'no value',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active' })],
      400,
      'invalidValue',
    ],
    [
      'to remove what is active',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'remove', path: 'active' })],
      400,
      'invalidValue',
    ],
    [
      'to remove the name',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'remove', path: 'userName' })],
      400,
      'invalidValue',
    ],
    [
      'to remove nothing in particular',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'remove' })],
      400,
      'noTarget',
    ],
    [
      'a path nobody knows',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'add', path: SECRET, value: 'x' })],
      400,
      'invalidPath',
    ],
    [
      'half a path',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'add', path: 'emails[type eq "work"', value: 'x' })],
      400,
      'invalidPath',
    ],
    [
      'an id',
      (id) => ['PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'id', value: SECRET })],
      400,
      'mutability',
    ],
    [
      'to replace an address there is not',
      (id) => [
        'PATCH',
        `/Users/${id}`,
        patch({ op: 'replace', path: 'emails[type eq "fax"].value', value: 'a@b' }),
      ],
      400,
      'noTarget',
    ],
    [
      'a half of a change',
      (id) => [
        'PATCH',
        `/Users/${id}`,
        patch({ op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'nope', value: 1 }),
      ],
      400,
      'invalidPath',
    ],
    ['an unknown user', () => ['GET', `/Users/${SECRET}`], 404],
    ['a path that is none', () => ['GET', '/Users/%zz'], 404],
    ['a deeper path', (id) => ['GET', `/Users/${id}/emails`], 404],
    ['bulk', () => ['POST', '/Bulk', {}], 501],
    ['me', () => ['GET', '/Me'], 501],
    ['to delete everybody', () => ['DELETE', '/Users'], 405],
    ['to write a schema', () => ['POST', '/Schemas', {}], 405],
  ];
  it('each of them', async () => {
    const id = await rig.user('known');
    const before = rig.authority.current().epoch;
    for (const [name, make, status, scimType] of rows) {
      const told = await rig.send(...make(id));
      assert.deepEqual([told.status, told.body.scimType], [status, scimType], `${name}: ${told.body.detail}`);
      assert.equal(told.body.status, String(status), name);
      assert.match(told.headers.get('content-type') ?? '', /^application\/scim\+json/, name);
      assert.ok(!JSON.stringify(told.body).includes(SECRET), name);
      assert.equal(rig.authority.current().epoch, before, `${name}: nothing changed`);
      assert.equal((await rig.send('GET', `/Users/${id}`)).body.active, true, name);
    }
  });

  it('another content type', async () => {
    const send = rig.sender({ headers: { 'content-type': 'text/plain' } });
    assert.equal((await send('POST', '/Users', person())).status, 415);
    const plain = rig.sender({ headers: { 'content-type': 'application/json; charset=utf-8' } });
    assert.equal((await plain('POST', '/Users', person())).status, 201);
  });

  it('more people than are kept', async () => {
    await rig.close();
    rig = await createScimRig({ config: { limits: { people_max: 2 } } });
    await rig.user('a');
    await rig.user('b');
    const third = await rig.send('POST', '/Users', person());
    assert.deepEqual([third.status, third.body.scimType], [400, 'tooMany']);
    assert.match(third.body.detail, /limits\.people_max/);
  });
});

describe('versions (RFC 7644 §3.14)', () => {
  it('refuse a change made of an older one', async () => {
    const id = await rig.user('erin');
    const first = await rig.send('GET', `/Users/${id}`);
    const tag = first.headers.get('etag') ?? '';
    assert.deepEqual([tag, first.body.meta.version], ['W/"1"', 'W/"1"']);
    const same = await rig.sender({ headers: { 'if-none-match': `"x", ${tag}` } })('GET', `/Users/${id}`);
    assert.equal(same.status, 304);
    const based = rig.sender({ headers: { 'if-match': tag } });
    const change = patch({ op: 'replace', path: 'displayName', value: 'Erin' });
    assert.equal((await based('PATCH', `/Users/${id}`, change)).headers.get('etag'), 'W/"2"');
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const body = method === 'PATCH' ? change : method === 'PUT' ? person() : undefined;
      assert.equal((await based(method, `/Users/${id}`, body)).status, 412, method);
    }
    const nonsense = rig.sender({ headers: { 'if-match': 'W/"nonsense"' } });
    assert.equal((await nonsense('DELETE', `/Users/${id}`)).status, 412);
    assert.equal((await rig.sender({ headers: { 'if-match': '*' } })('DELETE', `/Users/${id}`)).status, 204);
  });

  it('let one of two racers win', async () => {
    const id = await rig.group('g');
    const racing = rig.sender({ headers: { 'if-match': 'W/"1"' } });
    const told = await Promise.all(
      ['x', 'y'].map((displayName) =>
        racing('PATCH', `/Groups/${id}`, patch({ op: 'replace', value: { displayName } })),
      ),
    );
    assert.deepEqual(told.map(({ status }) => status).sort(), [204, 412]);
  });
});

it('says what it can do, and can do what it says', async () => {
  const { body } = await rig.send('GET', '/ServiceProviderConfig');
  assert.deepEqual(
    [body.patch.supported, body.bulk.supported, body.filter.supported, body.etag.supported],
    [true, false, true, true],
  );
  const types = await rig.send('GET', '/ResourceTypes');
  assert.deepEqual(
    types.body.Resources.map(({ endpoint, schema }: Body) => [endpoint, schema]),
    [
      ['/Users', USER],
      ['/Groups', GROUP],
    ],
  );
  assert.equal((await rig.send('GET', '/ResourceTypes/User')).body.id, 'User');
  const schema = await rig.send('GET', `/Schemas/${USER}`);
  const names = schema.body.attributes.map(({ name }) => name);
  const sent: Record<string, unknown> = {
    externalId: 'e',
    userName: 'u',
    displayName: 'd',
    active: true,
    name: { formatted: 'f', givenName: 'g', familyName: 'h' },
    emails: [{ value: 'a@b', type: 'work', primary: true }],
  };
  assert.deepEqual(names.sort(), Object.keys(sent).sort());
  const told = await rig.send('POST', '/Users', { schemas: [USER], ...sent });
  for (const name of names) assert.deepEqual(told.body[name], sent[name], `${name} is kept as it was sent`);
});
