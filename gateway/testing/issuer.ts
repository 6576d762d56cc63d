/** An issuer of workload tokens in process: real keys, a real JWKS over loopback, tokens shaped as platforms shape them. */
import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@countersign/core';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';

export type Signing = {
  readonly alg?: string;
  /** Members of the header to add, change, or (`undefined`) leave out. */
  readonly header?: { readonly [name: string]: unknown };
};

export type Issuer = {
  readonly url: string;
  /** How often the keys were asked for. */
  readonly fetched: () => number;
  /** What `/jwks` answers instead. */
  answer:
    | ((url: string) => {
        readonly status: number;
        readonly headers?: { readonly [name: string]: string };
        readonly body: string;
      })
    | undefined;
  jwks(): { readonly keys: readonly JWK[] };
  sign(claims: JsonObject | string, signing?: Signing): Promise<string>;
  /** A new key signs from now on; with `drop`, the old one is no longer published. */
  rotate(options?: { readonly drop?: boolean }): Promise<void>;
  close(): Promise<void>;
};

type Key = { readonly kid: string; readonly alg: string; readonly key: CryptoKey; readonly jwk: JWK };

let made = 0;
async function makeKey(alg: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  made += 1;
  const kid = `key-${made}`;
  return { kid, alg, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export async function startIssuer(alg = 'ES256'): Promise<Issuer> {
  let keys: readonly Key[] = [await makeKey(alg)];
  let fetched = 0;
  const server = createServer((request, response) => {
    const told = issuer.answer?.(request.url ?? '');
    if (request.url === '/jwks') fetched += 1;
    if (told !== undefined) {
      response.writeHead(told.status, told.headers).end(told.body);
      return;
    }
    const body =
      request.url === '/jwks'
        ? issuer.jwks()
        : request.url === '/.well-known/openid-configuration'
          ? { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }
          : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer: Issuer = {
    url: `http://127.0.0.1:${port}`,
    fetched: () => fetched,
    answer: undefined,
    jwks: () => ({ keys: keys.map(({ jwk }) => jwk) }),
    sign(claims, { header = {}, ...signing } = {}) {
      const [key] = keys;
      if (key === undefined) throw new TypeError('no key');
      const payload = new TextEncoder().encode(typeof claims === 'string' ? claims : JSON.stringify(claims));
      const protectedHeader = { alg: signing.alg ?? key.alg, kid: key.kid, typ: 'JWT', ...header };
      return new CompactSign(payload)
        .setProtectedHeader(JSON.parse(JSON.stringify(protectedHeader)) as { alg: string })
        .sign(key.key);
    },
    async rotate({ drop = false } = {}) {
      keys = [await makeKey(alg), ...(drop ? [] : keys)];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}

/** Holds a key that tokens can be bound to (RFC 9449). */
export type Holder = {
  readonly jkt: string;
  /** A proof of one request, with one token unless it is how the token is asked for. */
  prove(of: {
    readonly token?: string;
    readonly method: string;
    readonly url: string;
    readonly jti: string;
  }): Promise<string>;
};

export async function makeHolder(): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    prove: ({ token, method, url, jti }) =>
      new SignJWT({
        htm: method,
        htu: url,
        jti,
        ...(token === undefined ? {} : { ath: hash('sha256', token, 'base64url') }),
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
        .setIssuedAt()
        .sign(privateKey),
  };
}

/** As GitHub Actions writes them. */
export const githubClaims = (iss: string, now: number): JsonObject => ({
  jti: '4d0f6f0e-5f8c-4ac2-9e4e-9d3a7a3f1d52',
  sub: 'repo:acme/shop:environment:production',
  aud: 'https://gate.example.com',
  ref: 'refs/heads/main',
  sha: '9f2b1c',
  repository: 'acme/shop',
  repository_owner: 'acme',
  repository_id: '74',
  run_id: '6192',
  run_attempt: '1',
  actor: 'octo-alice',
  workflow: 'deploy',
  event_name: 'push',
  environment: 'production',
  repository_visibility: 'private',
  iss,
  nbf: Math.floor(now / 1000) - 5,
  exp: Math.floor(now / 1000) + 300,
  iat: Math.floor(now / 1000),
});

/** As a Kubernetes API server writes those of a projected volume. */
export const kubernetesClaims = (iss: string, now: number): JsonObject => ({
  aud: ['https://gate.example.com'],
  exp: Math.floor(now / 1000) + 3607,
  iat: Math.floor(now / 1000),
  iss,
  jti: '2c1b9a52-6a3a-4c56-a9a5-1c1c6f0fb5f5',
  'kubernetes.io': {
    namespace: 'batch',
    node: { name: 'node-1', uid: '646e7c5e' },
    pod: { name: 'reporter-7d9', uid: '5e0bd49b' },
    serviceaccount: { name: 'reporter', uid: '14ee3fa4' },
  },
  nbf: Math.floor(now / 1000),
  sub: 'system:serviceaccount:batch:reporter',
});
