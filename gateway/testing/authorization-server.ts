/** A real authorization server in this process, `oidc-provider`: access tokens for one resource (RFC 8707), bound to a key where asked (RFC 9449). */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { silent } from './idp.ts';

export type AuthorizationServer = {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  close(): Promise<void>;
};

const CLIENT = { client_id: 'assistant', client_secret: ['client', 'for', 'tests'].join('-') };

const configurationOf = (jwk: object): Configuration => ({
  clients: [
    {
      ...CLIENT,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [jwk] } as NonNullable<Configuration['jwks']>,
  cookies: { keys: ['signs the cookies of tests'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => [],
      getResourceServerInfo: (_context, resource) => ({
        scope: 'tools admin',
        audience: resource,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'signs-access-tokens', alg: 'ES256', use: 'sig' };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = silent(() => new Provider(issuer, configurationOf(jwk)));
  const callback = provider.callback();
  server.on('request', (request, response) => void callback(request, response));
  return {
    issuer,
    ...CLIENT,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
