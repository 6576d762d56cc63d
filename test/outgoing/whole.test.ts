/** A whole gateway behind a proxy that says no: everything that was configured asked it, and no socket went anywhere else. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { newSecret } from '../../gateway/src/webhooks/sign.ts';
import { until } from '../../gateway/testing/until.ts';
import { callHeld, openYard, type Yard } from '../gateway/yard.ts';
import { selfSigned } from '../mail/certificate.ts';
import { type ConnectProxy, startProxy } from './connect-proxy.ts';

const AT_MOST = { timeout: 60_000 };
const [CREDENTIALS, OF_THE_BOT] = ['gate:keeper', ['xoxb', 'for', 'this', 'test', 'only'].join('-')];
let yard: Yard;
let proxy: ConnectProxy;

before(async () => {
  proxy = await startProxy({ credentials: CREDENTIALS });
  proxy.answer = 403;
  yard = await openYard();
  await yard.house.gateway.close();
}, AT_MOST);
after(async () => {
  await yard?.close();
  await proxy?.close();
});

const secret = (name: string, text: string): Promise<void> =>
  writeFile(path.join(yard.dir, name), text, { mode: 0o600 });

it(
  'Slack, Teams, providers, issuers and webhooks ask the proxy, and nothing asks anybody else',
  AT_MOST,
  async (t) => {
    await secret('proxy', CREDENTIALS);
    await secret('bot', OF_THE_BOT);
    await secret('app', OF_THE_BOT.replace('xoxb', 'xapp'));
    await secret('other', 'a-client-secret');
    await secret('hook', newSecret());
    await writeFile(path.join(yard.dir, 'ca.pem'), selfSigned().cert);
    await yard.editConfig(
      (text) => `${text}
outgoing:
  ca_file: ./ca.pem
  proxy:
    url: ${proxy.url}
    credentials: file:./proxy
    for: [slack, teams, sign_in, workload_identity, webhooks]
sign_in:
  oidc:
    corp: { name: Corp, issuer: "https://idp.test", client_id: gate, client_secret: file:./other }
workload_identity:
  - { issuer: "https://issuer.test", audience: gate, agents: [{ match: { sub: x }, agent: ci, owner: alice }] }
channels:
  slack: { app_id: A0EXAMPLE1, bot_token: file:./bot, app_token: file:./app, workspaces: [T0EXAMPLE], to: [C0EXAMPLE1] }
  teams: { app_id: 00000000-0000-4000-8000-000000000001, tenant: 00000000-0000-4000-8000-000000000002, client_secret: file:./other, to: "19:x@thread.tacv2" }
  webhooks:
    siem: { url: "https://hooks.example/", secret: file:./hook }
`,
    );
    const { mock } = t.mock.method(Socket.prototype, 'connect');
    await yard.restart();
    assert.equal((await callHeld(yard)) === undefined, false);
    const asked = (host: string) => proxy.wanted.some(({ target }) => target === `${host}:443`);
    for (const host of ['slack.com', 'login.microsoftonline.com', 'idp.test', 'issuer.test', 'hooks.example'])
      await until(`${host} was asked for`, () => asked(host));
    const good = `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`;
    assert.ok(proxy.wanted.every(({ credentials }) => credentials === good));
    const ports = new Set(
      mock.calls.map(({ arguments: [first] }) => {
        const { host = '', port } = ((Array.isArray(first) ? first[0] : first) ?? {}) as {
          host?: string;
          port?: number;
        };
        return `${host.replace('127.0.0.1', 'localhost')}:${port}`;
      }),
    );
    const own = [proxy.url, yard.house.gateway.url, yard.fixture.url].map((url) => new URL(url).port);
    assert.deepEqual(
      [...ports].filter((each) => !own.includes(each.replace('localhost:', ''))),
      [],
      'only this machine',
    );
    assert.ok(!yard.log.join('\n').includes('keeper'), 'no credential in a line of the log (I7)');
  },
);

it('what cannot work is said at the start, by name', AT_MOST, async () => {
  for (const [file, text, why] of [
    ['proxy', 'no-colon', /outgoing\.proxy\.credentials: must be user:password/],
    ['ca.pem', 'not a certificate', /outgoing\.ca_file: .*ca\.pem holds no certificate/],
  ] as const) {
    await secret('proxy', CREDENTIALS);
    await writeFile(path.join(yard.dir, 'ca.pem'), selfSigned().cert);
    await secret(file, text);
    await assert.rejects(yard.restart(), why);
  }
  await secret('proxy', CREDENTIALS);
  await writeFile(path.join(yard.dir, 'ca.pem'), selfSigned().cert);
  await yard.restart();
});
