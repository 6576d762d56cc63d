/**
 * The demo's own OpenID provider, so that signing in can be tried with nothing but this machine: discovery, keys,
 * authorization code with PKCE, ID tokens with groups. Whoever opens its page picks who to be, so it must never stand for
 * a real one: it lives as long as the demo, on loopback, knows one client, and nothing but the demo imports it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { ACCOUNTS, type Account, choicePage, refusalPage } from './provider-page.ts';

export type DemoProvider = {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  close(): Promise<void>;
};

const CLIENT_ID = 'countersign-demo';
const FLOW_MS = 10 * 60_000;
const CODE_MS = 60_000;
const TOKEN_S = 300;
/** Sign-ins under way; the oldest give way (I15). */
const FLOWS_MAX = 100;
const BODY_BYTES_MAX = 8192;
const TEXT_MAX = 1024;

/** One sign-in: asked for by the gateway, then answered by a person, then turned into a token; each once. */
type Asked = {
  readonly state: string;
  readonly nonce: string | undefined;
  readonly code_challenge: string;
  readonly until: number;
};
type Granted = Asked & { readonly account: Account };

type Provider = {
  readonly issuer: string;
  readonly redirect_uri: string;
  readonly client_secret: string;
  readonly asked: Map<string, Asked>;
  readonly granted: Map<string, Granted>;
  readonly published: JWK;
  sign(claims: { readonly [name: string]: unknown }): Promise<string>;
};

/** `redirect_uri` is the one place it sends anybody. */
export async function startProvider(redirect_uri: string): Promise<DemoProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('a server without an address');
  const issuer = `http://localhost:${address.port}`;
  const kid = 'demo';
  const provider: Provider = {
    issuer,
    redirect_uri,
    client_secret: random(),
    asked: new Map(),
    granted: new Map(),
    published: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' },
    sign: (claims) => new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey),
  };
  server.on(
    'request',
    getRequestListener((request) => answer(provider, request), { overrideGlobalObjects: false }),
  );
  return {
    issuer,
    client_id: CLIENT_ID,
    client_secret: provider.client_secret,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const random = (): string => randomBytes(32).toString('base64url');

type Endpoint = (provider: Provider, request: Request, url: URL) => Promise<Response> | Response;

const ENDPOINTS: { readonly [endpoint: string]: Endpoint } = {
  'GET /.well-known/openid-configuration': discovery,
  'GET /jwks': ({ published }) => json({ keys: [published] }),
  'GET /authorize': authorize,
  'POST /authorize': choose,
  'POST /token': token,
};

async function answer(provider: Provider, request: Request): Promise<Response> {
  const url = new URL(request.url);
  // A name rebound to this address reaches nothing.
  if (url.origin !== provider.issuer) return refusalPage('This provider has another name.');
  const endpoint = ENDPOINTS[`${request.method} ${url.pathname}`];
  return endpoint === undefined ? json({ error: 'not_found' }, 404) : await endpoint(provider, request, url);
}

function discovery({ issuer }: Provider): Response {
  return json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'profile'],
    claims_supported: ['sub', 'name', 'groups'],
    authorization_response_iss_parameter_supported: true,
  });
}

/** RFC 6749 4.1.1, OpenID Connect Core 3.1.2: who asks is checked first, and a wrong one is sent nowhere. */
function authorize(provider: Provider, _request: Request, url: URL): Response {
  const said = once(url.searchParams);
  if (said === undefined) return refusalPage('A parameter is said twice, or is too long.');
  if (said.get('client_id') !== CLIENT_ID || said.get('redirect_uri') !== provider.redirect_uri)
    return refusalPage('Only the demo’s gateway may send people here.');
  const state = said.get('state') ?? '';
  const code_challenge = said.get('code_challenge') ?? '';
  const error = authorizeError(said, code_challenge);
  if (error !== undefined) return sendBack(provider, { error, state });
  const flow = random();
  keep(provider.asked, flow, {
    state,
    nonce: said.get('nonce'),
    code_challenge,
    until: Date.now() + FLOW_MS,
  });
  return choicePage(flow);
}

function authorizeError(said: ReadonlyMap<string, string>, code_challenge: string): string | undefined {
  if (said.get('response_type') !== 'code') return 'unsupported_response_type';
  if (!(said.get('scope') ?? '').split(' ').includes('openid')) return 'invalid_scope';
  const proves = said.get('code_challenge_method') === 'S256' && /^[A-Za-z0-9_-]{43}$/.test(code_challenge);
  return proves ? undefined : 'invalid_request';
}

/** A button was pressed on our own page. */
async function choose(provider: Provider, request: Request): Promise<Response> {
  const form = await formOf(request);
  const asked = take(provider.asked, form?.get('flow'));
  const account = ACCOUNTS.find(({ id }) => id === form?.get('as'));
  if (asked === undefined || account === undefined)
    return refusalPage('This sign-in is over. Begin again at the gateway.');
  const code = random();
  keep(provider.granted, code, { ...asked, account, until: Date.now() + CODE_MS });
  return sendBack(provider, { code, state: asked.state });
}

/** RFC 6749 4.1.3, RFC 7636 4.6: the code once, to the client, for whoever holds the verifier. */
async function token(provider: Provider, request: Request): Promise<Response> {
  if (!isClient(provider, request.headers.get('authorization') ?? ''))
    return json({ error: 'invalid_client' }, 401);
  const form = await formOf(request);
  if (form?.get('grant_type') !== 'authorization_code') return json({ error: 'unsupported_grant_type' }, 400);
  const granted = take(provider.granted, form.get('code'));
  const proof = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (granted?.code_challenge !== proof || form.get('redirect_uri') !== provider.redirect_uri)
    return json({ error: 'invalid_grant' }, 400);
  const { sub, name, groups } = granted.account;
  const iat = Math.floor(Date.now() / 1000);
  const id_token = await provider.sign({
    iss: provider.issuer,
    aud: CLIENT_ID,
    sub,
    name,
    groups,
    iat,
    exp: iat + TOKEN_S,
    ...(granted.nonce === undefined ? {} : { nonce: granted.nonce }),
  });
  // No user info endpoint and nothing else takes it; OAuth wants one there.
  return json({ access_token: random(), token_type: 'Bearer', expires_in: TOKEN_S, id_token });
}

function isClient({ client_secret }: Provider, header: string): boolean {
  const [, basic = ''] = /^Basic +([A-Za-z0-9+/=]{1,512})$/i.exec(header) ?? [];
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':').map(decoded);
  const [given, wanted] = [`${id}:${secret}`, `${CLIENT_ID}:${client_secret}`].map((text) =>
    createHash('sha256').update(text).digest(),
  );
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // no percent-encoding: nobody's
  }
}

function sendBack({ redirect_uri, issuer }: Provider, answer: { readonly [name: string]: string }): Response {
  const url = new URL(redirect_uri);
  url.search = new URLSearchParams({ ...answer, iss: issuer }).toString();
  return new Response(null, { status: 303, headers: { location: url.href, 'cache-control': 'no-store' } });
}

const json = (body: object, status = 200): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } });

/** Every parameter, each said once; undefined otherwise. */
function once(params: URLSearchParams): ReadonlyMap<string, string> | undefined {
  const said = new Map<string, string>();
  for (const [name, value] of params) {
    if (said.has(name) || value.length > TEXT_MAX) return undefined;
    said.set(name, value);
  }
  return said;
}

async function formOf(request: Request): Promise<ReadonlyMap<string, string> | undefined> {
  if (Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY) > BODY_BYTES_MAX)
    return undefined;
  return once(new URLSearchParams(await request.text()));
}

function keep<T>(all: Map<string, T>, key: string, value: T): void {
  const [oldest] = all.keys();
  if (all.size >= FLOWS_MAX && oldest !== undefined) all.delete(oldest);
  all.set(key, value);
}

/** What is taken is gone. */
function take<T extends { readonly until: number }>(
  all: Map<string, T>,
  key: string | undefined,
): T | undefined {
  const found = key === undefined ? undefined : all.get(key);
  if (key !== undefined) all.delete(key);
  return found !== undefined && Date.now() < found.until ? found : undefined;
}
