/** What a workspace holds: its people, channels, user groups, messages and views, and what each person was shown. */
export type User = {
  readonly id: string;
  readonly team_id: string;
  readonly name: string;
  readonly email?: string;
  readonly is_email_confirmed?: boolean;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_app_user?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly is_invited_user?: boolean;
  readonly enterprise_user?: {
    readonly id: string;
    readonly enterprise_id: string;
    readonly teams: readonly string[];
  };
};

export type Message = {
  readonly ts: string;
  readonly channel: string;
  readonly app_id: string;
  readonly bot_id: string;
  readonly text: string;
  readonly blocks: readonly Obj[];
  readonly metadata?: Obj;
  readonly thread_ts?: string;
  readonly edited?: number;
};
export type Ephemeral = {
  readonly user: string;
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly Obj[];
};
export type Obj = { readonly [key: string]: unknown };
export type OpenView = {
  readonly id: string;
  readonly user: string;
  readonly view: Obj;
  readonly hash: string;
};
export type Conversation = {
  readonly id: string;
  readonly members: Set<string>;
  archived: boolean;
  readonly direct_with?: string;
};

export type Workspace = {
  readonly team_id: string;
  readonly users: Map<string, User>;
  readonly channels: Map<string, Conversation>;
  readonly groups: Map<string, readonly string[]>;
  readonly messages: Message[];
  readonly ephemerals: Ephemeral[];
  readonly views: OpenView[];
  readonly homes: Map<string, Obj>;
  ts(): string;
  /** The direct conversation between the app and somebody. */
  direct(user: string): Conversation;
};

export function createWorkspace(team_id: string, now: () => number): Workspace {
  let last = 0;
  let made = 0;
  const channels = new Map<string, Conversation>();
  return {
    team_id,
    users: new Map(),
    channels,
    groups: new Map(),
    messages: [],
    ephemerals: [],
    views: [],
    homes: new Map(),
    ts() {
      last = Math.max(last + 1, now() * 1000);
      return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
    },
    direct(user) {
      const held = [...channels.values()].find(({ direct_with }) => direct_with === user);
      if (held !== undefined) return held;
      made += 1;
      const opened = {
        id: `D${String(made).padStart(8, '0')}`,
        members: new Set([user]),
        archived: false,
        direct_with: user,
      };
      channels.set(opened.id, opened);
      return opened;
    },
  };
}
