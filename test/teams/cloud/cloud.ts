/**
 * Microsoft’s side of Teams on loopback: Entra ID’s token endpoint, Bot Framework’s metadata and rotating keys, the Bot
 * Connector, and the Teams clients of people. It verifies what the real ones verify and is not one of them: what Microsoft
 * does not document, nobody can rebuild.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectorService, type Reply } from './connector.ts';
import { type Conversation, type Json, newConversation, newUser, type User } from './model.ts';
import { appOf, botToken, ISSUER, jwks, newKey, type SigningKey } from './tokens.ts';

export type Bot = { readonly app_id: string; readonly tenant: string; secret: string };

export type Log = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
};

type Parts = {
  readonly bot: Bot;
  readonly keys: SigningKey[];
  readonly own: SigningKey;
  readonly server: Server;
  readonly url: string;
  readonly now: () => number;
};

export class Cloud {
  readonly bot: Bot;
  readonly connector: ConnectorService;
  readonly url: string;
  /** The newest signs; all are published. */
  keys: SigningKey[];
  /** How long tokens of bots live. */
  token_lives_s = 3600;
  readonly log: Log[] = [];
  tokens_given = 0;
  key_reads = 0;
  #down: 'refusing' | 'silent' | undefined;
  #lose = 0;
  #hold: (() => void) | undefined;
  readonly #held = new Set<ServerResponse>();
  readonly #own: SigningKey;
  readonly #server: Server;

  constructor(parts: Parts) {
    this.bot = parts.bot;
    this.connector = new ConnectorService(parts.bot.tenant, parts.now);
    this.keys = parts.keys;
    this.#own = parts.own;
    this.#server = parts.server;
    this.url = parts.url;
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
  }

  get service(): string {
    return `${this.url}/teams`;
  }

  /** As `channels.teams` of a configuration says it. */
  get endpoints(): { readonly login: string; readonly openid: string; readonly service: string } {
    return {
      login: `${this.url}/login`,
      openid: `${this.url}/v1/.well-known/openidconfiguration`,
      service: this.service,
    };
  }

  user(name: string, more: Partial<User> = {}): User {
    const user = newUser(name, { tenant: this.bot.tenant, ...more });
    this.connector.users.set(user.mri, user);
    return user;
  }

  conversation(type: Conversation['type'], members: readonly User[]): Conversation {
    const made = newConversation(type, members);
    this.connector.conversations.set(made.id, made);
    return made;
  }

  /** A channel of a team; without a roster of its own, only the team’s id has one. */
  channelOf(members: readonly User[], { shares_roster }: { readonly shares_roster: boolean }): Conversation {
    const team = this.conversation('channel', members);
    const made: Conversation = {
      ...newConversation('channel', members),
      team: { id: team.id, shares_roster },
    };
    this.connector.conversations.set(made.id, made);
    return made;
  }

  /** A new key signs from now on; with `drop` the older ones are published no more. */
  async rotate({
    drop = false,
    endorsements = ['msteams'],
  }: {
    drop?: boolean;
    endorsements?: readonly string[];
  } = {}): Promise<void> {
    const made = await newKey(endorsements);
    this.keys = drop ? [made] : [...this.keys, made];
  }

  goDown(how: 'refusing' | 'silent'): void {
    this.#down = how;
  }

  comeUp(): void {
    this.#down = undefined;
    for (const response of this.#held) response.destroy();
    this.#held.clear();
  }

  /** The next message is taken, and the connection breaks before the bot hears of it. */
  loseNextAnswer(): void {
    this.#lose += 1;
  }

  /** The next message is taken and never answered; resolves once it is. */
  holdNextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.#hold = resolve;
    });
  }

  sent(): string {
    return this.log.map(({ method, path, body }) => `${method} ${path} ${body}`).join('\n');
  }

  async close(): Promise<void> {
    this.comeUp();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    const { method = '', url: path = '' } = request;
    if (this.#down === 'silent') return void this.#held.add(response);
    const {
      status,
      body: said,
      headers,
    } = this.#down === 'refusing' ? DOWN : await this.#answer(request, body);
    const secretless = path.startsWith('/login')
      ? body.replace(/client_secret=[^&]*/, 'client_secret=…')
      : body;
    this.log.push({ method, path, status, body: secretless });
    const posted =
      status < 300 && method === 'POST' && path.startsWith('/teams') && body.includes('attachments');
    if (posted && this.#hold !== undefined) {
      this.#held.add(response);
      this.#hold();
      this.#hold = undefined;
      return;
    }
    if (posted && this.#lose > 0) {
      this.#lose -= 1;
      response.destroy();
      return;
    }
    const text = said === undefined ? '' : JSON.stringify(said);
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'ms-cv': randomUUID(),
      ...headers,
    });
    response.end(text);
  }

  async #answer(request: IncomingMessage, body: string): Promise<Reply> {
    const { method = '', url: path = '', headers } = request;
    if (path === '/v1/.well-known/openidconfiguration') return { status: 200, body: this.#metadata() };
    if (path === '/v1/.well-known/keys') {
      this.key_reads += 1;
      return { status: 200, body: (await jwks(this.keys)) as Json };
    }
    if (path.startsWith('/login/') && method === 'POST') return this.#token(path, new URLSearchParams(body));
    if (!path.startsWith('/teams/v3/conversations')) return { status: 404, body: {} };
    if ((await appOf(this.#own, headers.authorization)) !== this.bot.app_id)
      return {
        status: 401,
        body: { error: { code: 'Unauthorized', message: 'Authorization has been denied.' } },
      };
    const said = body === '' ? undefined : (JSON.parse(body) as Json);
    if (said !== undefined && !(headers['content-type'] ?? '').startsWith('application/json'))
      return { status: 415, body: {} };
    return this.connector.answer(method, path.slice('/teams'.length), said);
  }

  #metadata(): Json {
    return {
      issuer: ISSUER,
      authorization_endpoint: 'https://invalid.botframework.com',
      jwks_uri: `${this.url}/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    };
  }

  async #token(path: string, form: URLSearchParams): Promise<Reply> {
    const { app_id, tenant, secret } = this.bot;
    const no = (error: string, number: number): Reply => ({
      status: error === 'invalid_client' ? 401 : 400,
      body: {
        error,
        error_description: `AADSTS${number}: … Trace ID: ${randomUUID()}`,
        error_codes: [number],
      },
    });
    if (path !== `/login/${tenant}/oauth2/v2.0/token`) return no('invalid_request', 90002);
    if (form.get('grant_type') !== 'client_credentials') return no('unsupported_grant_type', 70003);
    if (form.get('scope') !== 'https://api.botframework.com/.default') return no('invalid_scope', 70011);
    if (form.get('client_id') !== app_id) return no('unauthorized_client', 700016);
    if (form.get('client_secret') !== secret) return no('invalid_client', 7000215);
    this.tokens_given += 1;
    const access_token = await botToken(this.#own, this.bot, this.token_lives_s);
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: this.token_lives_s,
        ext_expires_in: this.token_lives_s,
        access_token,
      },
    };
  }
}

const DOWN: Reply = {
  status: 503,
  body: { error: { code: 'ServiceUnavailable', message: 'Service unavailable.' } },
};

/** `now`: what its limits go by. */
export async function startCloud({ now = Date.now }: { readonly now?: () => number } = {}): Promise<Cloud> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const bot = { app_id: randomUUID(), tenant: randomUUID(), secret: `secret-${randomUUID()}` };
  return new Cloud({
    bot,
    keys: [await newKey()],
    own: await newKey(),
    server,
    url: `http://127.0.0.1:${port}`,
    now,
  });
}
