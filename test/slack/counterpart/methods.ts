/**
 * The methods of the Web API that the product calls, with the checks the real ones make: token and its kind, scopes,
 * membership, Block Kit, sizes, metadata, triggers. What they answer has the shape docs.slack.dev gives.
 */
import { blockFaults, viewFaults } from './block-kit.ts';
import type { Tier } from './limits.ts';
import type { Message, Obj, User, Workspace } from './workspace.ts';

export type Fields = { readonly [name: string]: string };
export type Refusal = { readonly ok: false; readonly error: string; readonly [key: string]: unknown };
export type Answer = { readonly ok: true; readonly [key: string]: unknown } | Refusal;

export type Home = {
  readonly workspace: Workspace;
  readonly app_id: string;
  readonly bot: { readonly id: string; readonly user: string };
  readonly enterprise: { readonly id: string; readonly name: string } | undefined;
  readonly now: () => number;
  /** Uses up a trigger; why not, when it cannot be. */
  trigger(id: string): string | undefined;
  openConnection(): string;
};

type Method = {
  readonly tier: Tier;
  /** Any one of these. */
  readonly scopes: readonly string[];
  readonly token?: 'app';
  run(home: Home, fields: Fields): Answer;
};

const no = (error: string, more: Obj = {}): Refusal => ({ ok: false, error, ...more });
const TEXT_CHARS_MAX = 40_000;
const METADATA_BYTES_MAX = 8_192;
/** What cards cost in all: undocumented, and met in practice a little above this. */
const BLOCKS_CHARS_MAX = 16_000;

export const METHODS: { readonly [name: string]: Method } = {
  'auth.test': { tier: 'special', scopes: [], run: authTest },
  'apps.connections.open': {
    tier: 1,
    scopes: ['connections:write'],
    token: 'app',
    run: (home) => ({ ok: true, url: home.openConnection() }),
  },
  'chat.postMessage': { tier: 'special', scopes: ['chat:write'], run: postMessage },
  'chat.update': { tier: 3, scopes: ['chat:write'], run: update },
  'chat.postEphemeral': { tier: 4, scopes: ['chat:write'], run: postEphemeral },
  'conversations.open': { tier: 3, scopes: ['im:write'], run: open },
  'conversations.history': {
    tier: 3,
    scopes: ['channels:history', 'groups:history', 'im:history'],
    run: history,
  },
  'conversations.replies': {
    tier: 3,
    scopes: ['channels:history', 'groups:history', 'im:history'],
    run: replies,
  },
  'users.info': { tier: 4, scopes: ['users:read'], run: usersInfo },
  'usergroups.users.list': { tier: 2, scopes: ['usergroups:read'], run: groupUsers },
  'views.open': { tier: 4, scopes: [], run: viewsOpen },
  'views.publish': { tier: 4, scopes: [], run: viewsPublish },
};

function authTest({ workspace, bot, enterprise }: Home): Answer {
  return {
    ok: true,
    url: 'https://example.slack.com/',
    team: 'Example',
    user: 'countersign',
    team_id: workspace.team_id,
    user_id: bot.user,
    bot_id: bot.id,
    is_enterprise_install: enterprise !== undefined,
    ...(enterprise === undefined ? {} : { enterprise_id: enterprise.id }),
  };
}

type Parsed = { readonly blocks: readonly Obj[]; readonly metadata?: Obj };

function contentOf(fields: Fields): Parsed | Refusal {
  let blocks: unknown = [];
  let metadata: unknown;
  try {
    if (fields['blocks'] !== undefined) blocks = JSON.parse(fields['blocks']);
    if (fields['metadata'] !== undefined) metadata = JSON.parse(fields['metadata']);
  } catch {
    return no(fields['metadata'] === undefined ? 'invalid_blocks_format' : 'invalid_metadata_format');
  }
  const faults = blockFaults(blocks, 'message');
  if (faults.length > 0)
    return no('invalid_blocks', { errors: faults, response_metadata: { messages: faults } });
  if ((fields['blocks']?.length ?? 0) > 0 && wordsLength(blocks) > BLOCKS_CHARS_MAX)
    return no('msg_blocks_too_long');
  if ((fields['text'] ?? '').length > TEXT_CHARS_MAX) return no('msg_too_long');
  if ((fields['text'] ?? '') === '' && (blocks as unknown[]).length === 0) return no('no_text');
  if (metadata !== undefined) {
    const { event_type, event_payload } = metadata as Obj;
    if (typeof event_type !== 'string' || typeof event_payload !== 'object' || event_payload === null)
      return no('invalid_metadata_format');
    if (Buffer.byteLength(fields['metadata'] ?? '') > METADATA_BYTES_MAX) return no('metadata_too_large');
  }
  return {
    blocks: blocks as readonly Obj[],
    ...(metadata === undefined ? {} : { metadata: metadata as Obj }),
  };
}

/** Only what people see counts. */
function wordsLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + wordsLength(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, each]) =>
      sum + (key === 'text' && typeof each === 'string' ? each.length : wordsLength(each)),
    0,
  );
}

/** Posting to a person's id opens their conversation, as it does there. */
function channelOf({ workspace }: Home, id: string) {
  if (/^[UW]/.test(id)) return workspace.users.has(id) ? workspace.direct(id) : undefined;
  return workspace.channels.get(id);
}

function postMessage(home: Home, fields: Fields): Answer {
  const { workspace, app_id, bot } = home;
  const conversation = channelOf(home, fields['channel'] ?? '');
  if (conversation === undefined) return no('channel_not_found');
  if (conversation.archived) return no('is_archived');
  if (conversation.direct_with === undefined && !conversation.members.has(bot.user))
    return no('not_in_channel');
  const content = contentOf(fields);
  if ('error' in content) return content;
  const thread_ts = fields['thread_ts'];
  if (
    thread_ts !== undefined &&
    !workspace.messages.some(({ ts, channel }) => ts === thread_ts && channel === conversation.id)
  )
    return no('thread_not_found');
  const ts = workspace.ts();
  const message: Message = {
    ts,
    channel: conversation.id,
    app_id,
    bot_id: bot.id,
    text: fields['text'] ?? '',
    ...content,
    ...(thread_ts === undefined ? {} : { thread_ts }),
  };
  workspace.messages.push(message);
  return { ok: true, channel: conversation.id, ts, message: shown(message, true) };
}

function update({ workspace, now }: Home, fields: Fields): Answer {
  const { channel = '', ts = '' } = fields;
  if (!workspace.channels.has(channel)) return no('channel_not_found');
  const at = workspace.messages.findIndex((each) => each.ts === ts && each.channel === channel);
  const before = workspace.messages[at];
  if (before === undefined) return no('message_not_found');
  const content = contentOf(fields);
  if ('error' in content) return content;
  // Metadata and place stay what they were.
  workspace.messages[at] = {
    ...before,
    text: fields['text'] ?? before.text,
    blocks: content.blocks,
    edited: now(),
  };
  return { ok: true, channel, ts, text: fields['text'] ?? '' };
}

function postEphemeral(home: Home, fields: Fields): Answer {
  const { workspace } = home;
  const conversation = workspace.channels.get(fields['channel'] ?? '');
  if (conversation === undefined) return no('channel_not_found');
  const user = fields['user'] ?? '';
  if (!conversation.members.has(user)) return no('user_not_in_channel');
  const content = contentOf(fields);
  if ('error' in content) return content;
  workspace.ephemerals.push({
    user,
    channel: conversation.id,
    text: fields['text'] ?? '',
    blocks: content.blocks,
  });
  return { ok: true, message_ts: workspace.ts() };
}

function open({ workspace }: Home, fields: Fields): Answer {
  const [user = '', ...others] = (fields['users'] ?? '').split(',');
  const found = workspace.users.get(user);
  if (others.length > 0 || found === undefined) return no('user_not_found');
  if (found.deleted === true) return no('user_disabled');
  if (found.is_bot === true) return no('cannot_dm_bot');
  return { ok: true, no_op: false, already_open: false, channel: { id: workspace.direct(user).id } };
}

/** `include_all_metadata` is what brings the payload along. */
const shown = (message: Message, all: boolean): Obj => {
  const { metadata, edited, ...rest } = message;
  const { event_type } = metadata ?? {};
  return {
    type: 'message',
    user: 'UBOT00001',
    ...rest,
    ...(metadata === undefined ? {} : { metadata: all ? metadata : { event_type } }),
    ...(edited === undefined ? {} : { edited: { ts: String(edited / 1000) } }),
  };
};

function history({ workspace }: Home, fields: Fields): Answer {
  const conversation = workspace.channels.get(fields['channel'] ?? '');
  if (conversation === undefined) return no('channel_not_found');
  const limit = Number(fields['limit'] ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 999) return no('invalid_limit');
  const oldest = Number(fields['oldest'] ?? 0);
  const all = workspace.messages
    .filter(
      ({ channel, thread_ts, ts }) =>
        channel === conversation.id && thread_ts === undefined && Number(ts) > oldest,
    )
    .toReversed();
  const from = Number(fields['cursor'] ?? 0);
  const page = all.slice(from, from + limit);
  const more = from + limit < all.length;
  return {
    ok: true,
    messages: page.map((each) => shown(each, fields['include_all_metadata'] === 'true')),
    has_more: more,
    response_metadata: { next_cursor: more ? String(from + limit) : '' },
  };
}

function replies({ workspace }: Home, fields: Fields): Answer {
  const { channel = '', ts = '' } = fields;
  if (!workspace.channels.has(channel)) return no('channel_not_found');
  const all = workspace.messages.filter(
    (each) => each.channel === channel && (each.ts === ts || each.thread_ts === ts),
  );
  if (!all.some((each) => each.ts === ts)) return no('thread_not_found');
  return {
    ok: true,
    messages: all.map((each) => shown(each, fields['include_all_metadata'] === 'true')),
    has_more: false,
  };
}

function usersInfo({ workspace }: Home, fields: Fields): Answer {
  const user = workspace.users.get(fields['user'] ?? '');
  return user === undefined ? no('user_not_found') : { ok: true, user: userObject(user) };
}

function userObject(user: User): Obj {
  const { id, team_id, name, email, enterprise_user } = user;
  const flags = {
    deleted: user.deleted ?? false,
    is_bot: user.is_bot ?? false,
    is_app_user: user.is_app_user ?? false,
    ...(user.is_stranger === undefined ? {} : { is_stranger: user.is_stranger }),
    ...(user.is_invited_user === undefined ? {} : { is_invited_user: user.is_invited_user }),
  };
  const base = {
    id,
    team_id,
    name,
    real_name: name,
    profile: { real_name: name, ...(email === undefined ? {} : { email }) },
    updated: 1_700_000_000,
  };
  // Of somebody deactivated Slack says little more.
  if (user.deleted === true) return { ...base, ...flags };
  return {
    ...base,
    ...flags,
    is_admin: false,
    is_owner: false,
    is_restricted: user.is_restricted ?? false,
    is_ultra_restricted: user.is_ultra_restricted ?? false,
    is_email_confirmed: user.is_email_confirmed ?? false,
    ...(enterprise_user === undefined ? {} : { enterprise_user }),
  };
}

function groupUsers({ workspace, enterprise }: Home, fields: Fields): Answer {
  if (enterprise !== undefined && fields['team_id'] === undefined) return no('missing_argument');
  const users = workspace.groups.get(fields['usergroup'] ?? '');
  return users === undefined ? no('no_such_subteam') : { ok: true, users };
}

function viewOf(fields: Fields): Obj | Refusal {
  try {
    const view = JSON.parse(fields['view'] ?? '') as Obj;
    const faults = viewFaults(view);
    return faults.length === 0 ? view : no('invalid_arguments', { response_metadata: { messages: faults } });
  } catch {
    return no('invalid_arguments');
  }
}

function viewsOpen({ workspace, trigger }: Home, fields: Fields): Answer {
  const view = viewOf(fields);
  if (view['ok'] === false) return view as Refusal;
  const [user, why] = (trigger(fields['trigger_id'] ?? '') ?? ' invalid_trigger_id').split(' ');
  if (why !== undefined) return no(why);
  const id = `V${String(workspace.views.length + 1).padStart(8, '0')}`;
  const opened = { id, user: user ?? '', view, hash: `${id}.1` };
  workspace.views.push(opened);
  return { ok: true, view: { id, hash: opened.hash, ...view } };
}

function viewsPublish({ workspace }: Home, fields: Fields): Answer {
  const view = viewOf(fields);
  if (view['ok'] === false) return view as Refusal;
  if (view['type'] !== 'home') return no('invalid_arguments');
  const user = fields['user_id'] ?? '';
  if (!workspace.users.has(user)) return no('user_not_found');
  workspace.homes.set(user, view);
  return { ok: true, view: { id: `VHOME${user}`, ...view } };
}
