/**
 * The Teams clients of people: they show cards, refresh them for whom they say, send what is pressed as Bot Framework
 * carries it, and refuse answers that are not of the invoke protocol. What a person sees is what they were sent.
 */
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { cardProblems } from './card-rules.ts';
import type { Cloud } from './cloud.ts';
import {
  type Conversation,
  cardIn,
  type Json,
  type Message,
  newMessageId,
  type User,
  wordsOf,
} from './model.ts';
import { type SigningKey, sign } from './tokens.ts';

/** A client waits so long and then says that something went wrong. */
const INVOKE_MS = 10_000;
const MESSAGE = 'application/vnd.microsoft.activity.message';
const CARD = 'application/vnd.microsoft.card.adaptive';
const ERRORS = new Map([
  [400, 'application/vnd.microsoft.error'],
  [401, 'application/vnd.microsoft.activity.loginRequest'],
  [412, 'application/vnd.microsoft.error.preconditionFailed'],
  [500, 'application/vnd.microsoft.error'],
]);

export type Answered = {
  readonly status: number;
  /** Of an invoke: what came back, once it was found sound. */
  readonly card?: Json;
  readonly says?: string;
  readonly ms: number;
};

/** What a test may want to be otherwise than Bot Framework would have it. */
export type Forged = {
  readonly key?: SigningKey;
  readonly claims?: JWTPayload;
  readonly authorization?: string | null;
  readonly activity?: Json;
};

export class Clients {
  readonly #cloud: Cloud;
  /** Where the bot’s messaging endpoint is. */
  endpoint = '';
  #last: { readonly body: string; readonly authorization: string } | undefined;
  /** Answers no client could have made anything of. */
  readonly complaints: string[] = [];

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** What this person sees of one message now; undefined when it has no card, or they are not there. */
  async view(user: User, message: Message): Promise<Json | undefined> {
    const base = cardIn(message.activity);
    if (base === undefined || !message.conversation.members.has(user)) return undefined;
    const kept = message.views.get(user.mri);
    if (kept?.revision === message.revision) return kept.card;
    const { userIds } = (base['refresh'] ?? {}) as { readonly userIds?: readonly string[] };
    const automatic =
      base['refresh'] !== undefined &&
      (userIds?.includes(user.mri) ?? message.conversation.members.size <= 60);
    return automatic ? ((await this.refresh(user, message, 'automatic')).card ?? base) : base;
  }

  /** By itself, or by “Refresh” in the message’s menu. */
  async refresh(user: User, message: Message, trigger: 'automatic' | 'manual' = 'manual'): Promise<Answered> {
    const { action } = (cardIn(message.activity)?.['refresh'] ?? {}) as { readonly action?: Json };
    if (action === undefined) return { status: 0, ms: 0 };
    return this.press(user, message, { action, trigger });
  }

  async press(
    user: User,
    message: Message,
    {
      action,
      inputs = {},
      trigger = 'manual',
      forged,
    }: { action: Json; inputs?: Json; trigger?: string; forged?: Forged },
  ): Promise<Answered> {
    const { verb, data } = action;
    const value = {
      action: { type: 'Action.Execute', id: '', verb, data: { ...(data as Json), ...inputs } },
      trigger,
    };
    const where = { conversation: message.conversation, id: message.conversation_id };
    const answered = await this.send(
      this.activity(user, where, {
        type: 'invoke',
        name: 'adaptiveCard/action',
        id: `f:${randomUUID()}`,
        replyToId: message.id,
        value,
      }),
      forged,
    );
    if (answered.card !== undefined)
      message.views.set(user.mri, { revision: message.revision, card: answered.card });
    return answered;
  }

  say(
    user: User,
    { in: conversation, text, more = {} }: { in: Conversation; text: string; more?: Json },
  ): Promise<Answered> {
    const where = { conversation, id: conversation.id };
    const said = { type: 'message', id: newMessageId(), text, textFormat: 'plain', ...more };
    return this.send(this.activity(user, where, said));
  }

  added(
    user: User,
    conversation: Conversation,
    change: 'membersAdded' | 'membersRemoved' = 'membersAdded',
  ): Promise<Answered> {
    conversation.bot = change === 'membersAdded';
    return this.send(
      this.activity(
        user,
        { conversation, id: conversation.id },
        {
          type: 'conversationUpdate',
          id: `f:${randomUUID()}`,
          [change]: [{ id: `28:${this.#cloud.bot.app_id}` }],
        },
      ),
    );
  }

  activity(
    user: User,
    where: { readonly conversation: Conversation; readonly id: string },
    more: Json,
  ): Json {
    const { conversation, id } = where;
    const { app_id, tenant } = this.#cloud.bot;
    return {
      channelId: 'msteams',
      serviceUrl: `${this.#cloud.service}/`,
      timestamp: new Date().toISOString(),
      from: { id: user.mri, name: user.name, aadObjectId: user.object_id },
      recipient: { id: `28:${app_id}`, name: 'Countersign' },
      conversation: {
        id,
        conversationType: conversation.type,
        isGroup: conversation.type !== 'personal',
        tenantId: tenant,
      },
      channelData: {
        tenant: { id: tenant },
        source: { name: 'message' },
        ...(conversation.team === undefined
          ? {}
          : { team: { id: conversation.team.id }, channel: { id: conversation.id } }),
      },
      locale: 'en-GB',
      ...more,
    };
  }

  async send(
    activity: Json,
    { key, claims, authorization, activity: forged = {} }: Forged = {},
  ): Promise<Answered> {
    const body = JSON.stringify({ ...activity, ...forged });
    const { app_id } = this.#cloud.bot;
    const by = key ?? this.#cloud.keys.at(-1);
    if (by === undefined) throw new Error('there is no key to sign with');
    const service = `${this.#cloud.service}/`;
    const token = await sign(by, { app_id, service, ...(claims === undefined ? {} : { claims }) });
    const header = authorization === undefined ? `Bearer ${token}` : (authorization ?? '');
    this.#last = { body, authorization: header };
    return this.#deliver(body, header);
  }

  /** The last activity once more, byte for byte. */
  redeliver(): Promise<Answered> {
    if (this.#last === undefined) throw new Error('nothing was sent yet');
    return this.#deliver(this.#last.body, this.#last.authorization);
  }

  async #deliver(body: string, authorization: string): Promise<Answered> {
    const began = performance.now();
    const response = await fetch(`${this.endpoint}/messages`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(authorization === '' ? {} : { authorization }),
      },
      body,
      signal: AbortSignal.timeout(INVOKE_MS),
    });
    const text = await response.text();
    const ms = performance.now() - began;
    const { type } = JSON.parse(body) as { readonly type?: string };
    if (type !== 'invoke' || response.status !== 200) return { status: response.status, ms };
    return { status: 200, ms, ...this.#understood(text) };
  }

  /** As the invoke protocol has it: `statusCode`, `type` and `value`, and nothing else. */
  #understood(text: string): { readonly card?: Json; readonly says?: string } {
    const complain = (what: string): { readonly says: string } => {
      this.complaints.push(`${what}: ${text.slice(0, 200)}`);
      return { says: 'Something went wrong. Please try again.' };
    };
    let said: Json;
    try {
      said = JSON.parse(text) as Json;
    } catch {
      return complain('not JSON');
    }
    const { statusCode, type, value } = said;
    if (statusCode === 200 && type === MESSAGE)
      return typeof value === 'string' ? { says: value } : complain('a message without words');
    if (statusCode === 200 && type === CARD) {
      const problems = cardProblems(value);
      if (problems.length > 0) return complain(problems.join('; '));
      return { card: value as Json, says: wordsOf(value as Json) };
    }
    if (type === ERRORS.get(statusCode as number))
      return { says: String((value as Json | undefined)?.['message'] ?? '') };
    return complain('no answer of this protocol');
  }
}
