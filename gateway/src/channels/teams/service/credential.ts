/** The bot’s own token: by its client secret, from its own tenant, held until shortly before it ends, never logged (I7). */
import { isJsonObject } from '@countersign/core';
import { ChannelTrouble } from '../../channel.ts';
import { type Answered, type Http, retryAfterMs, Unanswered } from './http.ts';

const EARLY_MS = 5 * 60_000;
/** What a repaired secret must be given time to be: until then one refusal answers for all. */
const REFUSED_MS = 30_000;

export type CredentialOptions = {
  readonly login: string;
  readonly tenant: string;
  readonly app_id: string;
  readonly scope: string;
  readonly secret: string;
  readonly http: Http;
  readonly now: () => number;
};

type Held =
  | { readonly token: string; readonly until: number }
  | { readonly refused: ChannelTrouble; readonly until: number };

export class Credential {
  readonly #options: CredentialOptions;
  #held: Held | undefined;
  #under_way: Promise<string> | undefined;

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  /** @throws ChannelTrouble */
  async token(): Promise<string> {
    const held = this.#held;
    if (held !== undefined && this.#options.now() < held.until) {
      if ('token' in held) return held.token;
      throw held.refused;
    }
    this.#under_way ??= this.#get().finally(() => {
      this.#under_way = undefined;
    });
    return this.#under_way;
  }

  /** The service did not take it: the next is a new one. */
  drop(token: string): void {
    if (this.#held !== undefined && 'token' in this.#held && this.#held.token === token)
      this.#held = undefined;
  }

  async #get(): Promise<string> {
    const { login, tenant, http, now } = this.#options;
    let answer: Answered;
    try {
      answer = await http.ask(`${login}/${tenant}/oauth2/v2.0/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: this.#form(),
      });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      throw new ChannelTrouble(`No token for the bot: ${error.message}`, 'later');
    }
    const { status, json, retry_after } = answer;
    const said = json !== undefined && isJsonObject(json) ? json : {};
    const { access_token, expires_in } = said;
    if (status === 200 && typeof access_token === 'string' && typeof expires_in === 'number') {
      const lives = Math.min(expires_in, 86_400) * 1000;
      this.#held = { token: access_token, until: now() + Math.max(lives - EARLY_MS, lives / 2) };
      return access_token;
    }
    // `error_description` names times, traces and sometimes values: only the code is told.
    const code = typeof said['error'] === 'string' ? said['error'].slice(0, 60) : `status ${status}`;
    const final = status === 400 || status === 401;
    const refused = new ChannelTrouble(
      final
        ? `Microsoft Entra gives the bot no token (${code}): check channels.teams.app_id, tenant and client_secret`
        : `Microsoft Entra gives the bot no token just now (${code})`,
      final ? 'never' : 'later',
      retryAfterMs(retry_after, now()),
    );
    if (final) this.#held = { refused, until: now() + REFUSED_MS };
    throw refused;
  }

  #form(): string {
    const { app_id, secret, scope } = this.#options;
    return new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: app_id,
      client_secret: secret,
      scope,
    }).toString();
  }
}
