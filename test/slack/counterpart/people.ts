/** People with Slack's client: what they see, press, submit, type and open, sent as Slack sends it. */
import { wordsOf } from './block-kit.ts';
import type { Slack } from './counterpart.ts';
import type { Delivered } from './delivery.ts';
import type { Message, Obj, OpenView, User } from './workspace.ts';

/** Where an interaction says it comes from, when not from this workspace's own member. */
export type From = {
  readonly team_id?: string;
  readonly user_team_id?: string;
  readonly app_id?: string;
  readonly enterprise_id?: string;
  readonly no_team?: true;
};

const teamOf = (slack: Slack, from: From): Obj | null =>
  from.no_team === true
    ? null
    : {
        id: from.team_id ?? slack.workspace.team_id,
        domain: 'example',
        ...(from.enterprise_id === undefined
          ? {}
          : { enterprise_id: from.enterprise_id, enterprise_name: 'Example' }),
      };

const common = (slack: Slack, user: User, from: From): Obj => ({
  user: { id: user.id, username: user.name, name: user.name, team_id: from.user_team_id ?? user.team_id },
  api_app_id: from.app_id ?? slack.app_id,
  token: 'Shh_its_a_seekrit',
  team: teamOf(slack, from),
  enterprise: from.enterprise_id === undefined ? null : { id: from.enterprise_id, name: 'Example' },
  is_enterprise_install: from.enterprise_id !== undefined,
});

export function clickPayload(
  slack: Slack,
  of: { user: User; message: Message; button: Obj; from?: From },
): Obj {
  const { user, message, button, from = {} } = of;
  const { channel, ts } = message;
  const { action_id = 'a1B2', value, style, text } = button;
  return {
    type: 'block_actions',
    ...common(slack, user, from),
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    trigger_id: slack.triggerFor(user.id),
    channel: { id: channel, name: 'approvals' },
    message: { type: 'message', ...message },
    state: { values: {} },
    response_url: slack.responseUrl(user.id, channel),
    actions: [
      {
        action_id,
        block_id: 'answer',
        text,
        ...(value === undefined ? {} : { value }),
        ...(style === undefined ? {} : { style }),
        type: 'button',
        action_ts: slack.workspace.ts(),
      },
    ],
  };
}

export const click = (slack: Slack, of: Parameters<typeof clickPayload>[1]): Promise<Delivered> =>
  slack.delivery.deliver('interactive', clickPayload(slack, of));

/** Buttons as drawn, wherever they stand. */
export function buttonsOf(blocks: readonly Obj[]): readonly Obj[] {
  const found: Obj[] = [];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) look(each);
    else if (typeof value === 'object' && value !== null) {
      if ((value as Obj)['type'] === 'button') found.push(value as Obj);
      for (const each of Object.values(value)) look(each);
    }
  };
  look(blocks);
  return found;
}

export const submit = (
  slack: Slack,
  of: { user: User; opened: OpenView; values: { readonly [id: string]: string | null }; from?: From },
): Promise<Delivered> =>
  slack.delivery.deliver('interactive', {
    type: 'view_submission',
    ...common(slack, of.user, of.from ?? {}),
    trigger_id: slack.triggerFor(of.user.id),
    view: {
      id: of.opened.id,
      team_id: slack.workspace.team_id,
      app_id: slack.app_id,
      bot_id: 'B0COUNTER',
      hash: of.opened.hash,
      root_view_id: of.opened.id,
      previous_view_id: null,
      external_id: '',
      private_metadata: '',
      ...of.opened.view,
      state: {
        values: Object.fromEntries(
          Object.entries(of.values).map(([id, value]) => [id, { [id]: { type: 'plain_text_input', value } }]),
        ),
      },
    },
    response_urls: [],
  });

export const command = (
  slack: Slack,
  of: { user: User; text: string; channel: string; from?: From },
): Promise<Delivered> =>
  slack.delivery.deliver('slash_commands', {
    token: 'Shh_its_a_seekrit',
    team_id: of.from?.team_id ?? slack.workspace.team_id,
    team_domain: 'example',
    channel_id: of.channel,
    channel_name: 'approvals',
    user_id: of.user.id,
    user_name: of.user.name,
    command: '/countersign',
    text: of.text,
    api_app_id: of.from?.app_id ?? slack.app_id,
    is_enterprise_install: 'false',
    response_url: slack.responseUrl(of.user.id, of.channel),
    trigger_id: slack.triggerFor(of.user.id),
  });

export const event = (slack: Slack, body: Obj, from: From = {}): Promise<Delivered> =>
  slack.delivery.deliver('events_api', {
    token: 'Shh_its_a_seekrit',
    team_id: from.team_id ?? slack.workspace.team_id,
    api_app_id: from.app_id ?? slack.app_id,
    type: 'event_callback',
    event_id: `Ev${slack.workspace.ts().replace('.', '')}`,
    event_time: 1_700_000_000,
    authorizations: [
      { team_id: slack.workspace.team_id, user_id: 'UBOT00001', is_bot: true, is_enterprise_install: false },
    ],
    event: body,
  });

export const openHome = (slack: Slack, user: User): Promise<Delivered> =>
  event(slack, {
    type: 'app_home_opened',
    user: user.id,
    channel: slack.workspace.direct(user.id).id,
    tab: 'home',
    event_ts: slack.workspace.ts(),
  });

/** Every word one person alone was shown. */
export const wordsTo = (slack: Slack, user: User): string =>
  slack.workspace.ephemerals
    .filter((each) => each.user === user.id)
    .map(({ blocks, text }) => (blocks.length === 0 ? text : wordsOf(blocks)))
    .join('\n');
