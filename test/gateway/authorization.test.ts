/** MCP authorization with an authorization server we did not write: found, asked and used the way an MCP client does. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { connectAgent } from '../../gateway/src/cli/setup/tools.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../gateway/testing/authorization-server.ts';
import { type Holder, makeHolder } from '../../gateway/testing/issuer.ts';
import { openYard, UPSTREAM_SECRET, type Yard } from './yard.ts';

let yard: Yard;
let server: AuthorizationServer;
before(async () => {
  [yard, server] = await Promise.all([openYard(), startAuthorizationServer()]);
  await yard.editConfig((text) =>
    text.replace('UPSTREAM_TOKEN }', 'UPSTREAM_TOKEN, scopes: [tools] }').concat(`workload_identity:
  - issuer: ${server.issuer}
    authorization_server: true
    agents:
      - match: { client_id: assistant }
        agent: "app:{client_id}"
        owner: alice
`),
  );
  await yard.restart();
});
after(async () => {
  await yard?.close();
  await server?.close();
});

type Document = { readonly [name: string]: unknown };
const read = async (url: string): Promise<Document> => (await (await fetch(url)).json()) as Document;
const resource = (): string => `http://localhost:${new URL(yard.house.gateway.url).port}/mcp/tools`;

const post = (headers: { readonly [name: string]: string }) =>
  fetch(resource(), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });

/** From the refusal to the token: RFC 9728, RFC 8414, RFC 8707, RFC 6749 §4.4. */
async function tokenFor(scope: string | undefined, holder?: Holder): Promise<string> {
  const refused = await post({});
  const [, about = ''] =
    /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  const protectedResource = await read(about);
  const [issuer] = protectedResource['authorization_servers'] as readonly string[];
  const { token_endpoint } = await read(`${issuer}/.well-known/openid-configuration`);
  const url = String(token_endpoint);
  const proof = await holder?.prove({ method: 'POST', url, jti: 'asks-for-a-token' });
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${server.client_id}:${server.client_secret}`)}`,
      ...(proof === undefined ? {} : { dpop: proof }),
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: String(protectedResource['resource']),
      scope: scope ?? (protectedResource['scopes_supported'] as readonly string[]).join(' '),
    }),
  });
  const said = (await response.json()) as Document;
  assert.equal(response.status, 200, JSON.stringify(said));
  return String(said['access_token']);
}

it('a client finds the server, gets a token for this resource, and acts; the upstream never sees it', async () => {
  const client = await connectAgent(yard.house.gateway.url, 'tools', await tokenFor(undefined));
  const result = await client.callTool({ name: 'test_image_content', arguments: {} });
  await client.close();
  assert.match(JSON.stringify(result), /image/);
  const calls = yard.fixture.journal.list();
  assert.ok(calls.length > 0);
  for (const { headers } of calls) assert.equal(headers['authorization'], `Bearer ${UPSTREAM_SECRET}`);
});

it('a token without the scope is told which it lacks', async () => {
  const response = await post({ authorization: `Bearer ${await tokenFor('admin')}` });
  assert.equal(response.status, 403);
  assert.match(response.headers.get('www-authenticate') ?? '', /insufficient_scope", scope="tools"/);
});

it('a token the server bound to a key is good with that key’s proof only', async () => {
  const [holder, thief] = await Promise.all([makeHolder(), makeHolder()]);
  const token = await tokenFor(undefined, holder);
  const asked = async (by: Holder): Promise<number> => {
    const dpop = await by.prove({ token, method: 'POST', url: resource(), jti: 'asks-the-gateway' });
    return (await post({ authorization: `DPoP ${token}`, dpop })).status;
  };
  assert.equal((await post({ authorization: `Bearer ${token}` })).status, 401);
  assert.equal(await asked(thief), 401);
  assert.equal(await asked(holder), 400, 'let in; the ping has no session');
});
