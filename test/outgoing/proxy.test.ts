/** What is to leave through a proxy leaves through it, and nothing goes around it (A26): over real sockets, TLS and CONNECT. */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { type AddressInfo, connect as connectTo, Socket } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { openSlack } from '../../gateway/src/channels/slack/slack.ts';
import { Http, Unanswered } from '../../gateway/src/channels/teams/service/http.ts';
import { keySource } from '../../gateway/src/identity/workload/source.ts';
import type { Lookup } from '../../gateway/src/outgoing/names.ts';
import { createOutgoing } from '../../gateway/src/outgoing/outgoing.ts';
import { DIRECT, fetchBy, openWaysOut, USES, type Use } from '../../gateway/src/outgoing/way.ts';
import { until } from '../../gateway/testing/until.ts';
import { selfSigned } from '../mail/certificate.ts';
import { startSlack } from '../slack/counterpart/counterpart.ts';
import { configOf, peopled, secretOf } from '../slack/stage.ts';
import { type ConnectProxy, startProxy } from './connect-proxy.ts';

const NAMES = ['there.test', 'slack.test', 'localhost'];
const { key, cert } = selfSigned(NAMES);
const heard: { readonly method: string | undefined; readonly body: string }[] = [];
const there = createServer({ key, cert }, async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  heard.push({ method: request.method, body: Buffer.concat(parts).toString() });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"keys":[]}');
});
const portOf = (server: TlsServer): number => (server.address() as AddressInfo).port;
before(() => new Promise<void>((done) => void there.listen(0, '127.0.0.1', done)));
after(() => {
  there.closeAllConnections();
  there.close();
});

let proxy: ConnectProxy;
beforeEach(async () => {
  proxy = await startProxy();
  proxy.places.set('there.test:443', portOf(there));
  heard.length = 0;
});
afterEach(() => proxy.close());

type Over = {
  readonly credentials?: string;
  readonly no_proxy?: readonly string[];
  readonly for?: readonly Use[];
  readonly ca?: string;
};
const ways = ({ ca = cert, ...over }: Over = {}, { url } = proxy) =>
  openWaysOut({
    proxy: { url: new URL(url), for: USES, no_proxy: [], ...over },
    ...(ca === '' ? {} : { ca }),
  });

/** Where sockets of this process were led to, while somebody looks. */
function watched(t: TestContext): () => readonly string[] {
  const { mock } = t.mock.method(Socket.prototype, 'connect');
  return () =>
    mock.calls.map(({ arguments: [first] }) => {
      const { host, port } = ((Array.isArray(first) ? first[0] : first) ?? {}) as {
        host?: string;
        port?: number;
      };
      return `${host}:${port}`;
    });
}

const nowhere: Lookup = (name, done) => done(Object.assign(new Error(name), { code: 'ENOTFOUND' }), []);
const at =
  (...addresses: readonly string[]): Lookup =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
type Posting = {
  readonly url?: string;
  readonly lookup?: Lookup;
  readonly over?: Over;
  readonly allow?: readonly string[];
};
async function post({
  url = 'https://there.test/hook',
  lookup = nowhere,
  over = {},
  allow = [],
}: Posting = {}) {
  const out = createOutgoing({ allow_networks: allow, lookup, way: ways(over)('webhooks') });
  const answered = await out.post({ url, headers: {}, body: '{"n":1}' });
  await out.close();
  return answered;
}

describe('a message', () => {
  it('goes through the proxy, which alone looks its name up, and TLS is with the place itself', async (t) => {
    const connections = watched(t);
    assert.deepEqual(await post(), { kind: 'answered', status: 200 });
    assert.deepEqual(proxy.wanted, [{ target: 'there.test:443', credentials: undefined }]);
    assert.deepEqual(heard, [{ method: 'POST', body: '{"n":1}' }]);
    assert.deepEqual(
      connections().filter((each) => each.includes('there.test')),
      [],
    );
    // A proxy that leads to somebody else is found out.
    proxy.places.set('another.test:443', portOf(there));
    assert.deepEqual(await post({ url: 'https://another.test/' }), {
      kind: 'failed',
      why: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    assert.equal((await post({ over: { ca: '' } })).kind, 'failed');
    assert.equal(heard.length, 1);
  });

  it('waits for nobody else when the proxy is down or says no: nothing goes around it', async (t) => {
    const lookup = at('8.8.8.8');
    for (const [answer, why] of [
      [403, /^the proxy localhost:\d+ answered 403$/],
      [407, /answered 407: it wants other credentials/],
      [502, /answered 502/],
      ['early', /spoke where the other side should have/],
    ] as const) {
      proxy.answer = answer;
      const answered = await post({ lookup });
      assert.ok(answered.kind === 'failed', String(answer));
      assert.match(answered.why, why);
    }
    await proxy.close();
    const connections = watched(t);
    const answered = await post({ lookup });
    assert.ok(answered.kind === 'failed');
    assert.match(answered.why, /^the proxy localhost:\d+ could not be used \(ECONNREFUSED\)$/);
    assert.deepEqual(
      [...new Set(connections())],
      [new URL(proxy.url).host],
      'the proxy is all that was tried',
    );
    assert.deepEqual(heard, []);
    proxy = await startProxy();
  });

  it('shows the proxy its credentials, and nobody else', async () => {
    await proxy.close();
    proxy = await startProxy({ credentials: 'gate:päss:word' });
    proxy.places.set('there.test:443', portOf(there));
    assert.deepEqual(await post({ over: { credentials: 'gate:päss:word' } }), {
      kind: 'answered',
      status: 200,
    });
    assert.equal((await post({ over: { credentials: 'gate:other' } })).kind, 'failed');
    assert.equal((await post()).kind, 'failed');
    assert.equal(heard.length, 1);
  });

  it('reaches a proxy over TLS, by its own name and certificate', async () => {
    const secure = await startProxy({ tls: { key, cert } });
    const other = await startProxy({ tls: selfSigned(['localhost']) });
    try {
      for (const [one, kind] of [
        [secure, 'answered'],
        [other, 'failed'],
      ] as const) {
        one.places.set('there.test:443', portOf(there));
        const out = createOutgoing({ allow_networks: [], lookup: nowhere, way: ways({}, one)('webhooks') });
        const answered = await out.post({ url: 'https://there.test/', headers: {}, body: '{}' });
        assert.equal(answered.kind, kind);
        await out.close();
      }
      assert.equal(other.wanted.length, 0, 'not even where it wanted to go was told to who is not the proxy');
    } finally {
      await secure.close();
      await other.close();
    }
  });

  const REFUSED: readonly (readonly [url: string, lookup: Lookup, why: RegExp])[] = [
    ['https://10.1.2.3/', nowhere, /10\.1\.2\.3 is a private address/],
    ['https://[64:ff9b:1::a9fe:a9fe]/', nowhere, /metadata/],
    ['https://169.254.169.254/latest/', nowhere, /metadata/],
    ['https://there.test/', at('192.168.0.1'), /there\.test is at 192\.168\.0\.1, a private address/],
    ['https://there.test/', at('8.8.8.8', 'fd00::1'), /fd00::1, not a public address/],
    ['http://there.test/', nowhere, /only https/],
    ['https://metadata.google.internal/', nowhere, /a name of a network inside/],
    ['https://printer.local./', nowhere, /a name of a network inside/],
    ['https://orders/', nowhere, /a name of a network inside/],
    ['https://metadata.google.internal../', nowhere, /is no name/],
    ['https://there.test../', nowhere, /is no name/],
  ];
  for (const [url, lookup, why] of REFUSED)
    it(`the proxy is not asked for ${url}, which ${why.source}`, async () => {
      const answered = await post({ url, lookup });
      assert.ok(answered.kind === 'forbidden');
      assert.match(answered.why, why);
      assert.deepEqual(proxy.wanted, []);
    });

  it('that is exempt, or this machine, goes directly and is judged as without a proxy', async () => {
    const direct = { url: `https://there.test:${portOf(there)}/`, lookup: at('127.0.0.1') };
    for (const no_proxy of ['there.test', '.test', '*.test', 'test']) {
      assert.deepEqual(await post({ ...direct, over: { no_proxy: [no_proxy] }, allow: ['127.0.0.1'] }), {
        kind: 'answered',
        status: 200,
      });
      assert.equal((await post({ ...direct, over: { no_proxy: [no_proxy] } })).kind, 'forbidden');
    }
    assert.equal(
      (await post({ url: `https://localhost:${portOf(there)}/`, lookup: at('127.0.0.1') })).kind,
      'forbidden',
    );
    assert.deepEqual(proxy.wanted, []);
    for (const no_proxy of ['here.test', 'e.test', '10.0.0.0/8'])
      assert.equal((await post({ over: { no_proxy: [no_proxy] } })).kind, 'answered', no_proxy);
    assert.equal(proxy.wanted.length, 3);
  });

  it('a name with a dot before it is what is below it, and not itself', () => {
    for (const no_proxy of ['.corp.test', '*.corp.test']) {
      const { through } = ways({ no_proxy: [no_proxy] })('webhooks');
      assert.deepEqual(
        ['a.corp.test', 'a.b.corp.test.', 'corp.test', 'xcorp.test'].map(through),
        [false, false, true, true],
        no_proxy,
      );
    }
    assert.equal(ways({ no_proxy: ['corp.test'] })('webhooks').through('corp.test'), false);
  });
});

describe('what else leaves', () => {
  it('is what is listed: the rest is reached directly', () => {
    const way = ways({ for: ['slack'] });
    assert.equal(way('slack').through('slack.com'), true);
    assert.equal(way('webhooks').through('slack.com'), false);
    assert.equal(openWaysOut({})('slack'), DIRECT);
  });

  it('an identity provider: the same fetch, with what is posted', async () => {
    const send = fetchBy(ways()('sign_in'));
    const answer = await send('https://there.test/token', {
      method: 'POST',
      body: new URLSearchParams({ code: 'one' }),
      headers: new Headers({ accept: 'application/json' }),
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    });
    assert.deepEqual([answer.status, await answer.json()], [200, { keys: [] }]);
    assert.deepEqual(heard, [{ method: 'POST', body: 'code=one' }]);
    proxy.answer = 403;
    await assert.rejects(send('https://elsewhere.test/'));
    assert.deepEqual(
      proxy.wanted.map(({ target }) => target),
      ['there.test:443', 'elsewhere.test:443'],
    );
  });

  it('keys of an issuer, and Microsoft’s services', async () => {
    const issuer = { issuer: 'https://there.test', jwks_uri: 'https://there.test/keys' };
    const source = keySource(issuer as Parameters<typeof keySource>[0], '/', ways()('workload_identity'));
    assert.equal(new TextDecoder().decode((await source.read()) as Uint8Array), '{"keys":[]}');
    const http = new Http(ways()('teams'));
    assert.equal((await http.ask('https://there.test/v1', { method: 'GET', headers: {} })).status, 200);
    await http.close();
    assert.equal(proxy.wanted.length, 2);
    proxy.answer = 403;
    const refused = new Http(ways()('teams'));
    await assert.rejects(
      refused.ask('https://there.test/v1', { method: 'GET', headers: {} }),
      (error: unknown) => error instanceof Unanswered && !error.sent,
    );
    await refused.close();
  });

  it('Slack: its Web API and Socket Mode, which stay away while the proxy does', async (t) => {
    const slack = await startSlack({ transport: 'socket', unhurried: true, named: 'https://slack.test' });
    peopled(slack);
    const front = createTlsServer({ key, cert }, (socket) => {
      const inside = connectTo(slack.port, '127.0.0.1');
      socket.on('error', () => inside.destroy()).pipe(inside);
      inside.on('error', () => socket.destroy()).pipe(socket);
    });
    await new Promise<void>((done) => void front.listen(0, '127.0.0.1', done));
    proxy.places.set('slack.test:443', portOf(front));
    const connections = watched(t);
    const silent = (): void => undefined;
    const door = { now: Date.now, log: { info: silent, warn: silent, error: silent } };
    const channel = await openSlack(configOf(slack, { transport: 'socket' }), {
      door: door as unknown as Parameters<typeof openSlack>[1]['door'],
      secret: secretOf(slack),
      way: ways()('slack'),
    });
    try {
      await until('Slack greeted', () => channel.health().ok);
      assert.equal(slack.sockets.peers().length, 1);
      assert.ok(proxy.wanted.length >= 2, 'one for calls, one for the socket');
      assert.ok(proxy.wanted.every(({ target }) => target === 'slack.test:443'));
      proxy.answer = 502;
      const before = proxy.wanted.length;
      for (const peer of slack.sockets.peers()) peer.cut();
      await until('it tried again', () => proxy.wanted.length > before && !channel.health().ok);
      assert.equal(slack.sockets.peers().length, 0);
      proxy.answer = 200;
      await until('it is back', () => channel.health().ok, 20_000);
      const own = [new URL(proxy.url).port, portOf(front), slack.port].map(String);
      for (const each of connections()) assert.ok(own.includes(each.split(':').at(-1) ?? ''), each);
    } finally {
      await channel.close();
      await slack.close();
      front.close();
    }
  });
});
