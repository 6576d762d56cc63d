/**
 * The Bot Connector’s REST interface as Teams answers it: conversations, messages, rosters, its errors by their codes, its
 * limits per conversation with Retry-After, the 28 KB, and cards read as strictly as in `card-rules.ts`.
 */
import { MESSAGE_BYTES_MAX, messageProblems } from './card-rules.ts';
import {
  type Conversation,
  type Json,
  type Message,
  newConversation,
  newMessageId,
  type User,
} from './model.ts';

export type Reply = {
  readonly status: number;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
};

const fail = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
});
const BAD_CREATION = fail(400, 'BadSyntax', 'Incorrect conversation creation parameters');

/** Operations of one bot in one conversation: seconds, and how many within them. */
const LIMITS = [
  [1, 7],
  [2, 8],
  [30, 60],
  [3600, 1800],
] as const;
/** Operations of one bot in one tenant, a second. */
const TENANT_A_SECOND = 30;
/** Readings of its members, likewise. */
const READ_LIMITS = [
  [1, 14],
  [2, 16],
  [30, 120],
  [3600, 3600],
] as const;

export class ConnectorService {
  readonly tenant: string;
  readonly users = new Map<string, User>();
  readonly conversations = new Map<string, Conversation>();
  /** Off for tests that are about something else than pace. */
  limited = true;
  /** Every refused card or message, for a test to look at. */
  readonly refused: string[] = [];
  posts = 0;
  /** How often it was told to come back later. */
  refused_for_pace = 0;
  #tenant_at: number[] = [];
  readonly #now: () => number;

  constructor(tenant: string, now: () => number = Date.now) {
    this.tenant = tenant;
    this.#now = now;
  }

  answer(method: string, path: string, body: Json | undefined): Reply {
    const [, , , raw = '', kind, which] = path.split('?')[0]?.split('/') ?? [];
    if (raw === '' && method === 'POST') return this.#create(body ?? {});
    const conversation = this.#find(decodeURIComponent(raw));
    if (conversation === undefined) return fail(404, 'ConversationNotFound', 'Conversation not found.');
    if (!conversation.bot)
      return fail(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
    if ((kind === 'pagedmembers' || kind === 'members') && method === 'GET') {
      const over = this.#over(conversation, 'read');
      if (over !== undefined) return over;
      if (conversation.team?.shares_roster === true)
        return fail(400, 'BadArgument', 'The conversation has no roster of its own.');
    }
    if (kind === 'pagedmembers' && method === 'GET')
      return this.#page(conversation, new URL(path, 'http://x').searchParams);
    if (kind === 'members' && method === 'GET')
      return this.#member(conversation, decodeURIComponent(which ?? ''));
    if (kind !== 'activities') return fail(404, 'NotFound', 'No such resource.');
    if (method === 'POST') return this.#send(conversation, decodeURIComponent(raw), body ?? {});
    if (method === 'PUT') return this.#update(conversation, decodeURIComponent(which ?? ''), body ?? {});
    return fail(405, 'MethodNotAllowed', 'Method not allowed.');
  }

  personal(user: User): Conversation {
    const known = [...this.conversations.values()].find(
      ({ type, members }) => type === 'personal' && members.has(user),
    );
    if (known !== undefined) return known;
    const made = newConversation('personal', [user]);
    this.conversations.set(made.id, made);
    return made;
  }

  message(id: string): Message | undefined {
    for (const { messages } of this.conversations.values()) {
      const found = messages.find((each) => each.id === id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #find(id: string): Conversation | undefined {
    return this.conversations.get(id.replace(/;messageid=\d+$/, ''));
  }

  #create(body: Json): Reply {
    const { isGroup, members, tenantId, channelData, activity } = body;
    if (tenantId !== this.tenant) return fail(403, 'Forbidden', 'Tenant is missing or not allowed.');
    if (isGroup === true) {
      const id = (channelData as { channel?: { id?: string } } | undefined)?.channel?.id;
      if (id === undefined || typeof activity !== 'object' || activity === null) return BAD_CREATION;
      const channel = this.conversations.get(id);
      if (channel?.type !== 'channel') return fail(404, 'NotFound', 'Channel not found.');
      if (!channel.bot)
        return fail(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
      const message_id = newMessageId();
      const conversation_id = `${id};messageid=${message_id}`;
      const sent = this.#put(channel, { id: message_id, conversation_id, activity: activity as Json });
      return 'status' in sent ? sent : { status: 201, body: { id: conversation_id, activityId: message_id } };
    }
    const list = members as readonly { readonly id?: string }[] | undefined;
    const user = list?.length === 1 ? this.users.get(list[0]?.id ?? '') : undefined;
    if (isGroup !== false || user === undefined) return BAD_CREATION;
    return { status: 201, body: { id: this.personal(user).id } };
  }

  #send(conversation: Conversation, conversation_id: string, activity: Json): Reply {
    const sent = this.#put(conversation, { id: newMessageId(), conversation_id, activity });
    return 'status' in sent ? sent : { status: 201, body: { id: sent.id } };
  }

  #put(
    conversation: Conversation,
    {
      id,
      conversation_id,
      activity,
    }: { readonly id: string; readonly conversation_id: string; readonly activity: Json },
  ): Message | Reply {
    const refused = this.#over(conversation) ?? this.#wrong(activity);
    if (refused !== undefined) return refused;
    const message: Message = { id, conversation, conversation_id, revision: 0, activity, views: new Map() };
    conversation.messages.push(message);
    this.posts += 1;
    return message;
  }

  #update(conversation: Conversation, id: string, activity: Json): Reply {
    const refused = this.#over(conversation) ?? this.#wrong(activity);
    if (refused !== undefined) return refused;
    const message = conversation.messages.find((each) => each.id === id);
    if (message === undefined)
      return fail(404, 'ActivityNotFoundInConversation', 'The activity was not found.');
    message.activity = activity;
    message.revision += 1;
    message.views.clear();
    return { status: 200, body: { id } };
  }

  #wrong(activity: Json): Reply | undefined {
    if (Buffer.byteLength(JSON.stringify(activity)) > MESSAGE_BYTES_MAX) {
      this.refused.push('too large');
      return fail(413, 'MessageSizeTooBig', 'Message size too large.');
    }
    const problems = messageProblems(activity);
    if (problems.length === 0) return undefined;
    this.refused.push(...problems);
    return fail(400, 'BadArgument', problems.slice(0, 5).join('; '));
  }

  #over({ sent_at, read_at }: Conversation, what: 'sent' | 'read' = 'sent'): Reply | undefined {
    const now = this.#now();
    if (!this.limited) return undefined;
    this.#tenant_at = this.#tenant_at.filter((at) => now - at < 1_000);
    if (this.#tenant_at.length >= TENANT_A_SECOND) return this.#later(1);
    const [at_times, limits] = what === 'sent' ? [sent_at, LIMITS] : [read_at, READ_LIMITS];
    for (const [seconds, most] of limits) {
      const within = at_times.filter((at) => now - at < seconds * 1000);
      const [oldest] = within.slice(-most);
      if (within.length < most || oldest === undefined) continue;
      return this.#later(Math.max(1, Math.ceil((oldest + seconds * 1000 - now) / 1000)));
    }
    at_times.push(now);
    this.#tenant_at.push(now);
    return undefined;
  }

  #later(seconds: number): Reply {
    this.refused_for_pace += 1;
    const refused = fail(429, 'TooManyRequests', 'API calls quota exceeded!');
    return { ...refused, headers: { 'retry-after': String(seconds) } };
  }

  #member({ members }: Conversation, id: string): Reply {
    const user = [...members].find((each) => each.mri === id || each.object_id === id);
    return user === undefined
      ? fail(404, 'MemberNotFoundInConversation', 'Member not found.')
      : { status: 200, body: account(user) };
  }

  #page({ members }: Conversation, query: URLSearchParams): Reply {
    const size = Math.min(Math.max(Number(query.get('pageSize') ?? 200), 50), 500);
    const from = Number(query.get('continuationToken') ?? 0);
    const all = [...members];
    const next = from + size < all.length ? { continuationToken: String(from + size) } : {};
    return { status: 200, body: { members: all.slice(from, from + size).map(account), ...next } };
  }
}

const account = ({ mri, object_id, name, upn, tenant, role }: User): Json => ({
  id: mri,
  aadObjectId: object_id,
  objectId: object_id,
  name,
  givenName: name,
  surname: 'Example',
  email: upn.includes('#EXT#') ? undefined : upn,
  userPrincipalName: upn,
  tenantId: tenant,
  userRole: role,
});
