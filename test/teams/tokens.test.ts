/** Who may send an activity at all (A15): Bot Framework, with a token for this bot, of keys it publishes for Teams now. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { APPROVE } from '../../gateway/src/channels/teams/verbs.ts';
import type { Forged } from './cloud/client.ts';
import type { Json, Message } from './cloud/model.ts';
import { newKey } from './cloud/tokens.ts';
import { CARD, openRig, type Rig } from './rig.ts';

let rig: Rig;
let message: Message;
before(async () => {
  rig = await openRig();
  await rig.channel.post(CARD, rig.place.id);
  message = rig.message();
});
after(() => rig.close());

const action: Json = { verb: APPROVE, data: { c: CARD.id, v: CARD.version } };
const seconds = (): number => Math.floor(Date.now() / 1000);
const press = (forged: Forged) => rig.clients.press(rig.bob, message, { action, forged });

const CLAIMS: readonly (readonly [string, () => Promise<Forged> | Forged])[] = [
  ['another audience: the token of another bot', () => ({ claims: { aud: randomUUID() } })],
  ['several audiences', () => ({ claims: { aud: [rig.cloud.bot.app_id, randomUUID()] } })],
  ['another issuer', () => ({ claims: { iss: 'https://sts.windows.net/x/' } })],
  ['no issuer', () => ({ claims: { iss: undefined as never } })],
  ['a time long over', () => ({ claims: { nbf: seconds() - 7200, exp: seconds() - 301 } })],
  ['a time that is not yet', () => ({ claims: { nbf: seconds() + 600 } })],
  ['no end', () => ({ claims: { exp: undefined as never } })],
  [
    'another service URL than the activity',
    () => ({ claims: { serviceurl: 'https://smba.trafficmanager.net/emea/' } }),
  ],
  ['no service URL', () => ({ claims: { serviceurl: undefined as never } })],
  [
    'A26: a service URL of another host, in token and activity alike',
    () => ({
      claims: { serviceurl: 'https://evil.example/teams' },
      activity: { serviceUrl: 'https://evil.example/teams' },
    }),
  ],
  [
    'A26: the metadata address as service URL',
    () => ({
      claims: { serviceurl: 'http://169.254.169.254/' },
      activity: { serviceUrl: 'http://169.254.169.254/' },
    }),
  ],
  [
    'A26: a service URL with another host behind an @',
    () => {
      const url = `${rig.cloud.service.replace('http://', 'http://x@')}/`;
      return { claims: { serviceurl: url }, activity: { serviceUrl: url } };
    },
  ],
  ['another channel', () => ({ activity: { channelId: 'webchat' } })],
  ['a key nobody published', async () => ({ key: await newKey() })],
  [
    'a published key’s name on another key',
    async () => ({ key: { ...(await newKey()), kid: rig.cloud.keys[0]?.kid ?? '' } }),
  ],
  ['another tenant (A15)', () => ({ activity: { channelData: { tenant: { id: randomUUID() } } } })],
  ['no tenant', () => ({ activity: { channelData: {} } })],
  [
    'tenants that contradict each other',
    () => ({
      activity: {
        conversation: { id: message.conversation_id, conversationType: 'channel', tenantId: randomUUID() },
      },
    }),
  ],
  ['another bot as recipient', () => ({ activity: { recipient: { id: `28:${randomUUID()}` } } })],
  ['a sender without an object id', () => ({ activity: { from: { id: rig.bob.mri, name: 'bob' } } })],
  [
    'a sender that is a bot',
    () => ({ activity: { from: { id: `28:${randomUUID()}`, aadObjectId: rig.bob.object_id } } }),
  ],
];
for (const [name, forged] of CLAIMS)
  test(`${name}: refused with 403`, async () => {
    const told = await press(await forged());
    assert.equal(told.status, 403);
    assert.deepEqual(rig.door.reviews, []);
  });

test('no token, or none that could be one: 401', async () => {
  for (const authorization of [
    null,
    'Basic YTpi',
    'Bearer x',
    'Bearer a.b',
    `Bearer ${'a'.repeat(9000)}.b.c`,
  ]) {
    assert.equal((await press({ authorization })).status, 401, String(authorization).slice(0, 20));
  }
  assert.deepEqual(rig.door.reviews, []);
});

test('an unsigned token, and one signed with the public key as a secret, are refused', async () => {
  const { app_id } = rig.cloud.bot;
  const claims = {
    serviceurl: `${rig.cloud.service}/`,
    iss: 'https://api.botframework.com',
    aud: app_id,
    exp: seconds() + 600,
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const kid = rig.cloud.keys[0]?.kid ?? '';
  assert.equal(
    (await press({ authorization: `Bearer ${part({ alg: 'none', kid })}.${part(claims)}.AA` })).status,
    403,
  );
  const hmac = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(Buffer.from('x'.repeat(64)));
  assert.equal((await press({ authorization: `Bearer ${hmac}` })).status, 403);
  assert.deepEqual(rig.door.reviews, []);
});

test('clocks may differ by five minutes', async () => {
  const told = await press({ claims: { nbf: seconds() + 240, exp: seconds() + 3000 } });
  assert.equal(told.status, 200);
  assert.equal(rig.door.reviews.length, 1);
  assert.equal((await press({ claims: { nbf: seconds() - 4000, exp: seconds() - 240 } })).status, 200);
  rig.door.reviews.length = 0;
});

test('a key that is not endorsed for Teams speaks for other channels only', async () => {
  const other = await openRig();
  try {
    await other.cloud.rotate({ drop: true, endorsements: ['webchat', 'facebook'] });
    other.door.clock = () => Date.now() + 61_000;
    await other.channel.post(CARD, other.place.id);
    const told = await other.clients.press(other.bob, other.message(), { action });
    assert.equal(told.status, 403);
    assert.match(other.door.logged.join('\n'), /not endorsed for Teams/);
  } finally {
    await other.close();
  }
});

test('keys rotate: a new one is looked up once, and an old one no more once it is gone', async () => {
  const own = await openRig();
  try {
    await own.channel.post(CARD, own.place.id);
    const posted = own.message();
    const [old] = own.cloud.keys;
    assert.equal((await own.clients.press(own.bob, posted, { action })).status, 200);
    await own.cloud.rotate();
    let now = Date.now() + 61_000;
    own.door.clock = () => now;
    assert.equal(
      (await own.clients.press(own.bob, posted, { action })).status,
      200,
      'the new key is taken up',
    );
    const reads = own.cloud.key_reads;
    for (let at = 0; at < 20; at++)
      await own.clients.press(own.bob, posted, { action, forged: { key: await newKey() } });
    assert.equal(own.cloud.key_reads, reads, 'unknown keys do not make it ask again and again');
    await own.cloud.rotate({ drop: true });
    now += 61_000;
    assert.equal((await own.clients.press(own.bob, posted, { action })).status, 200);
    assert.ok(old);
    assert.equal((await own.clients.press(own.bob, posted, { action, forged: { key: old } })).status, 403);
  } finally {
    await own.close();
  }
});

test('keys that cannot be had refuse everything, and are asked for again (I14)', async () => {
  const own = await openRig();
  try {
    await own.channel.post(CARD, own.place.id);
    own.cloud.goDown('refusing');
    let now = Date.now() + 6 * 24 * 3_600_000;
    own.door.clock = () => now;
    const claims = { nbf: Math.floor(now / 1000) - 10, exp: Math.floor(now / 1000) + 3600 };
    assert.equal(
      (await own.clients.press(own.bob, own.message(), { action, forged: { claims } })).status,
      503,
    );
    assert.deepEqual(own.door.reviews, []);
    own.cloud.comeUp();
    now += 61_000;
    assert.equal(
      (await own.clients.press(own.bob, own.message(), { action, forged: { claims } })).status,
      200,
    );
  } finally {
    await own.close();
  }
});

test('A21: who is refused a thousand times does not fill the log', async () => {
  const own = await openRig();
  try {
    await own.channel.post(CARD, own.place.id);
    const forged = { key: await newKey() };
    for (let at = 0; at < 60; at++) await own.clients.press(own.bob, own.message(), { action, forged });
    const told = own.door.logged.filter((line) => line.includes('nobody vouched for'));
    assert.ok(told.length >= 20 && told.length <= 30, String(told.length));
  } finally {
    await own.close();
  }
});

test('other paths, methods, sizes and bodies are refused before anything is read into them', async () => {
  const at = (path: string, init: RequestInit): Promise<number> =>
    fetch(`${rig.clients.endpoint}${path}`, { headers: { authorization: 'Bearer a.b.c' }, ...init }).then(
      ({ status }) => status,
    );
  assert.equal(await at('/', { method: 'POST', body: '{}' }), 404);
  assert.equal(await at('/messages/more', { method: 'POST', body: '{}' }), 404);
  assert.equal(await at('/messages', { method: 'GET' }), 405);
  assert.equal(await at('/messages', { method: 'POST', body: '{' }), 400);
  assert.equal(await at('/messages', { method: 'POST', body: '[]' }), 400);
  assert.equal(await at('/messages', { method: 'POST', body: `{"a":"${'x'.repeat(300_000)}"}` }), 413);
  assert.equal(
    await at('/messages', { method: 'POST', body: `${'{"a":'.repeat(40)}1${'}'.repeat(40)}` }),
    400,
  );
});
