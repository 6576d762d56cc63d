/** The app as Slack is told to create it: every permission here has a reason in docs/slack.md, and is used in this folder. */
export type ManifestOptions = {
  readonly name: string;
  /** Where people and Slack reach the gateway; without it, Socket Mode. */
  readonly url?: string;
  /** `accounts: email` */
  readonly email: boolean;
  /** User groups as places. */
  readonly groups: boolean;
  /** Finding posts again after a crash, and threads. */
  readonly history: boolean;
  /** Installed by an Enterprise Grid organisation, for all its workspaces. */
  readonly org: boolean;
};

const COMMAND = {
  command: '/countersign',
  description: 'What waits for you, and linking your account',
  usage_hint: '[waiting | link | help]',
  should_escape: false,
} as const;

const botScopes = ({ email, groups, history }: ManifestOptions): readonly string[] => [
  'chat:write',
  'commands',
  'im:write',
  'users:read',
  ...(email ? ['users:read.email'] : []),
  ...(groups ? ['usergroups:read'] : []),
  ...(history ? ['channels:history', 'groups:history', 'im:history'] : []),
];

export function manifestOf(options: ManifestOptions) {
  const { name, url } = options;
  const at = (path: string): string => `${url}/channels/slack/${path}`;
  return {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name,
      description: 'What AI agents ask to do, and people’s answers',
      background_color: '#1f2a37',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: name, always_online: true },
      slash_commands: [url === undefined ? COMMAND : { ...COMMAND, url: at('commands') }],
    },
    oauth_config: { scopes: { bot: botScopes(options) } },
    settings: {
      event_subscriptions: {
        ...(url === undefined ? {} : { request_url: at('events') }),
        bot_events: ['app_home_opened'],
      },
      interactivity: { is_enabled: true, ...(url === undefined ? {} : { request_url: at('interactivity') }) },
      org_deploy_enabled: options.org,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}
