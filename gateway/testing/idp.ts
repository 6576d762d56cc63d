/**
 * A real OpenID provider in this process, `oidc-provider`, whose people and keys the test decides, and a browser just
 * good enough to be sent through it: cookies, redirects, nothing else.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

export type Account = {
  readonly name?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  /** What some directories call the address. */
  readonly mail?: string;
  readonly groups?: readonly string[];
};

export type Idp = {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** By subject; read at every sign-in and refresh. */
  readonly accounts: Map<string, Account>;
  /** Who the next sign-in is. */
  signedIn: string;
  /** Private, to sign as it would. */
  key(): JWK;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  rotateKeys(): Promise<void>;
  /** What something in between answers in its place, by path. */
  readonly instead: Map<string, { readonly status: number; readonly body: string }>;
  /** Answers nothing any more until opened again. */
  down: boolean;
  close(): Promise<void>;
};

export type IdpOptions = {
  readonly redirect_uris: readonly string[];
  readonly post_logout?: readonly string[];
  /** Another program whose users sign in there, by its client id. */
  readonly others?: readonly { readonly client_id: string; readonly redirect_uri: string }[];
};

export async function startIdp({ redirect_uris, post_logout = [], others = [] }: IdpOptions): Promise<Idp> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const client = {
    client_id: 'countersign',
    client_secret: ['idp', 'client', 'for', 'tests'].join('-'),
    redirect_uris: [...redirect_uris],
    post_logout_redirect_uris: [...post_logout],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
  };
  const clients = [
    client,
    ...others.map(({ client_id, redirect_uri }) => ({ ...client, client_id, redirect_uris: [redirect_uri] })),
  ];
  const accounts = new Map<string, Account>();
  let jwk = await newKey('first');
  const open = (): Provider =>
    silent(() => new Provider(issuer, configurationOf({ clients, jwk, accounts })));
  let provider = open();
  const asked = new Map<string, number>();
  const idp: Idp = {
    issuer,
    client_id: client.client_id,
    client_secret: client.client_secret,
    accounts,
    signedIn: '',
    key: () => jwk,
    asked,
    instead: new Map(),
    down: false,
    async rotateKeys() {
      jwk = await newKey(`key-${Math.random().toString(36).slice(2)}`);
      provider = open();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').replace(/\?.*/s, '');
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (idp.down) return void request.socket.destroy();
    const instead = idp.instead.get(path);
    if (instead !== undefined)
      return void response.writeHead(instead.status, { 'content-type': 'text/html' }).end(instead.body);
    if (!path.startsWith('/interaction/')) return void (await provider.callback()(request, response));
    await provider.interactionFinished(request, response, { login: { accountId: idp.signedIn } });
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  return idp;
}

/** It warns about http and in-memory storage, which is what a test wants. */
export const silent = <T>(make: () => T): T => {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
};

type Configured = {
  readonly clients: NonNullable<Configuration['clients']>;
  readonly jwk: JWK;
  readonly accounts: ReadonlyMap<string, Account>;
};

const configurationOf = ({ clients, jwk, accounts }: Configured): Configuration => ({
  clients,
  jwks: { keys: [jwk] } as NonNullable<Configuration['jwks']>,
  cookies: { keys: ['signs the cookies of tests'] },
  claims: { openid: ['sub', 'name', 'email', 'email_verified', 'mail', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  issueRefreshToken: () => true,
  ttl: {
    IdToken: 86_400,
    AccessToken: 3_600,
    RefreshToken: 86_400,
    Session: 86_400,
    Grant: 86_400,
    Interaction: 3_600,
  },
  rotateRefreshToken: true,
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, sub) => {
    const account = accounts.get(sub);
    return account === undefined ? undefined : { accountId: sub, claims: () => ({ sub, ...account }) };
  },
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client?.clientId ?? '',
      accountId: oidc.session?.accountId ?? '',
    });
    grant.addOIDCScope('openid offline_access');
    await grant.save();
    return grant;
  },
});

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

/** Goes where it is sent, with cookies by host and port, until it is sent to `stop` or somewhere stays. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  cookie(url: string, name: string): string | undefined {
    return this.#cookies.get(new URL(url).host)?.get(name);
  }
  setCookie(url: string, name: string, value: string): void {
    const jar = this.#cookies.get(new URL(url).host) ?? new Map<string, string>();
    this.#cookies.set(new URL(url).host, jar.set(name, value));
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.#cookies.get(new URL(url).host) ?? new Map<string, string>();
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    this.#cookies.set(new URL(url).host, jar);
    return response;
  }

  /** Where it was last sent to: the first place beginning with `stop`, which is not asked for. */
  async goTo(start: string, stop: string): Promise<string> {
    let url = start;
    for (let hops = 0; hops < 10; hops += 1) {
      if (url.startsWith(stop)) return url;
      const response = await this.ask(url);
      const next = response.headers.get('location');
      if (next === null) throw new Error(`stayed at ${url}: ${response.status} ${await response.text()}`);
      url = new URL(next, url).href;
    }
    throw new Error('sent in circles');
  }
}
