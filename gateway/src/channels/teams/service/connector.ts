/**
 * The Bot Connector’s REST interface, as far as cards need it. It sends the bot’s token to a service URL of the cloud and
 * to nothing else, and turns what the service says into what delivery can act on. It reads no message anybody wrote.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { ChannelTrouble } from '../../channel.ts';
import type { Credential } from './credential.ts';
import { type Answered, type Asked, type Http, retryAfterMs, Unanswered } from './http.ts';

export type Activity = JsonObject;
export type Member = {
  /** The person’s id with this bot: `29:…`. */
  readonly id: string;
  readonly object_id: string;
  readonly tenant: string;
  readonly role: string;
  readonly upn: string;
};
/** One page of a roster. */
const PAGE = 200;
const PAGES_MAX = 10;

export type ConnectorOptions = {
  readonly credential: Credential;
  readonly http: Http;
  readonly now: () => number;
};

type Call = {
  readonly service: string;
  readonly method: Asked['method'];
  readonly path: string;
  readonly body?: Json;
  /** Said twice it is one and the same: what may have arrived is simply sent again. */
  readonly repeatable: boolean;
};

export class Connector {
  readonly #options: ConnectorOptions;

  constructor(options: ConnectorOptions) {
    this.#options = options;
  }

  /** A new conversation with its first message. @throws ChannelTrouble */
  async create(
    service: string,
    body: JsonObject,
  ): Promise<{ readonly id: string; readonly activity_id: string | undefined }> {
    const repeatable = body['activity'] === undefined;
    const said = await this.#call({ service, method: 'POST', path: 'v3/conversations', body, repeatable });
    const { id, activityId } = said;
    if (typeof id !== 'string' || id === '')
      throw new ChannelTrouble(
        'Teams did not say which conversation it made',
        repeatable ? 'later' : 'unsure',
      );
    return { id, activity_id: typeof activityId === 'string' ? activityId : undefined };
  }

  /** @throws ChannelTrouble */
  async send(service: string, conversation: string, activity: Activity): Promise<string> {
    const path = `v3/conversations/${encodeURIComponent(conversation)}/activities`;
    const { id } = await this.#call({ service, method: 'POST', path, body: activity, repeatable: false });
    if (typeof id !== 'string' || id === '')
      throw new ChannelTrouble('Teams did not say which message it made', 'unsure');
    return id;
  }

  /** @throws ChannelTrouble */
  async update(
    service: string,
    at: { readonly conversation: string; readonly activity: string },
    activity: Activity,
  ): Promise<void> {
    const path = `v3/conversations/${encodeURIComponent(at.conversation)}/activities/${encodeURIComponent(at.activity)}`;
    await this.#call({
      service,
      method: 'PUT',
      path,
      body: { ...activity, id: at.activity },
      repeatable: true,
    });
  }

  /** One member, by `29:…` or by object id; undefined when there is none. @throws ChannelTrouble */
  async member(service: string, conversation: string, id: string): Promise<Member | undefined> {
    const path = `v3/conversations/${encodeURIComponent(conversation)}/members/${encodeURIComponent(id)}`;
    const answer = await this.#answer({ service, method: 'GET', path, repeatable: true });
    // 400 too: of a channel that has no roster of its own.
    if (answer.status === 404 || answer.status === 400) return undefined;
    return readMember(this.#taken(answer, true));
  }

  /** Everybody in a conversation, as far as {@link PAGES_MAX} pages go. @throws ChannelTrouble */
  async members(service: string, conversation: string): Promise<readonly Member[]> {
    const found: Member[] = [];
    let from: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = new URLSearchParams({
        pageSize: String(PAGE),
        ...(from === undefined ? {} : { continuationToken: from }),
      });
      const path = `v3/conversations/${encodeURIComponent(conversation)}/pagedmembers?${query}`;
      const { members, continuationToken } = await this.#call({
        service,
        method: 'GET',
        path,
        repeatable: true,
      });
      for (const each of Array.isArray(members) ? (members as readonly Json[]) : []) {
        const member = isJsonObject(each) ? readMember(each) : undefined;
        if (member !== undefined) found.push(member);
      }
      if (typeof continuationToken !== 'string' || continuationToken === '') break;
      from = continuationToken;
    }
    return found;
  }

  async #call(call: Call): Promise<JsonObject> {
    return this.#taken(await this.#answer(call), call.repeatable);
  }

  /** With one new token when the service does not take the one held: secrets are changed while gateways run. */
  async #answer(call: Call): Promise<Answered> {
    const { credential } = this.#options;
    const token = await credential.token();
    const first = await this.#ask(call, token);
    if (first.status !== 401) return first;
    credential.drop(token);
    return this.#ask(call, await credential.token());
  }

  async #ask({ service, method, path, body, repeatable }: Call, token: string): Promise<Answered> {
    try {
      return await this.#options.http.ask(`${service}/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      throw new ChannelTrouble(`Teams: ${error.message}`, error.sent && !repeatable ? 'unsure' : 'later');
    }
  }

  #taken(answer: Answered, repeatable: boolean): JsonObject {
    const { status, json } = answer;
    if (status >= 200 && status < 300) return json !== undefined && isJsonObject(json) ? json : {};
    throw this.#trouble(answer, repeatable);
  }

  #trouble({ status, json, retry_after }: Answered, repeatable: boolean): ChannelTrouble {
    const wait = retryAfterMs(retry_after, this.#options.now());
    const code = codeIn(json);
    const said = `Teams answered ${status}${code === undefined ? '' : ` (${code})`}`;
    if (status === 429 || status === 412)
      return new ChannelTrouble(`${said}: too much at once`, 'later', wait);
    if (status >= 500)
      return new ChannelTrouble(said, repeatable || status === 503 ? 'later' : 'unsure', wait);
    const fix = FIXES[status];
    return new ChannelTrouble(fix === undefined ? said : `${said}: ${fix}`, 'never');
  }
}

const FIXES: Readonly<Record<number, string>> = {
  401: 'it does not take the bot’s token; check that channels.teams.app_id is the bot’s',
  403: 'the bot was removed there, or is blocked; add it again',
  404: 'there is no such conversation or message any more; check the place',
  413: 'the card is too large',
};

/** The service’s own word for it, and nothing else it said: messages of errors may quote what was sent (A23). */
function codeIn(json: Json | undefined): string | undefined {
  if (json === undefined || !isJsonObject(json)) return undefined;
  const { error } = json;
  const code = isJsonObject(error ?? null) ? (error as JsonObject)['code'] : undefined;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : undefined;
}

function readMember(said: JsonObject): Member | undefined {
  const { id, aadObjectId, objectId, tenantId, userRole, userPrincipalName } = said;
  const object_id = typeof aadObjectId === 'string' ? aadObjectId : objectId;
  if (typeof id !== 'string' || typeof object_id !== 'string') return undefined;
  return {
    id,
    object_id: object_id.toLowerCase(),
    tenant: typeof tenantId === 'string' ? tenantId.toLowerCase() : '',
    role: typeof userRole === 'string' ? userRole.toLowerCase() : '',
    upn: typeof userPrincipalName === 'string' ? userPrincipalName : '',
  };
}
