/** The product's channel before the counterpart, with a door of the test's own behind it: for what is Slack's alone. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  Card,
  Channel,
  ChannelAnswer,
  ChannelDoor,
  Told,
  Waiting,
} from '../../gateway/src/channels/channel.ts';
import { slackSchema } from '../../gateway/src/channels/slack/config.ts';
import { openSlack } from '../../gateway/src/channels/slack/slack.ts';
import { DIRECT } from '../../gateway/src/outgoing/way.ts';
import { until } from '../../gateway/testing/until.ts';
import { type Slack, type SlackOptions, startSlack } from './counterpart/counterpart.ts';
import type { Message, User } from './counterpart/workspace.ts';

export const ROOM = 'C0APPROVE';
const TEAM = 'T0EXAMPLE';

export const PEOPLE = {
  alice: {
    id: 'U0ALICE01',
    team_id: TEAM,
    name: 'alice',
    email: 'alice@example.com',
    is_email_confirmed: true,
  },
  bob: { id: 'U0BOB0001', team_id: TEAM, name: 'bob', email: 'bob@example.com', is_email_confirmed: true },
  carol: { id: 'U0CAROL01', team_id: TEAM, name: 'carol' },
  stranger: { id: 'U0STRANGE', team_id: TEAM, name: 'bob' },
  guest: { id: 'U0GUEST01', team_id: TEAM, name: 'guest', is_restricted: true },
  single: { id: 'U0SINGLE1', team_id: TEAM, name: 'single', is_ultra_restricted: true },
  foreign: { id: 'U0FOREIGN', team_id: 'T0ELSEWHR', name: 'bob' },
  gone: { id: 'U0GONE001', team_id: TEAM, name: 'gone', deleted: true },
  robot: { id: 'U0ROBOT01', team_id: TEAM, name: 'robot', is_bot: true },
  unknown: { id: 'U0UNKNOWN', team_id: TEAM, name: 'unknown', is_stranger: true },
  invited: { id: 'U0INVITED', team_id: TEAM, name: 'invited', is_invited_user: true },
} as const satisfies Record<string, User>;

export function peopled(slack: Slack): void {
  const { users, channels } = slack.workspace;
  for (const user of Object.values(PEOPLE)) users.set(user.id, user);
  const members = new Set(['UBOT00001', ...Object.values(PEOPLE).map(({ id }) => id)]);
  channels.set(ROOM, { id: ROOM, members, archived: false });
}

export type Behind = {
  readonly answers: ChannelAnswer[];
  readonly adopted: string[];
  readonly linked: Map<string, string>;
  readonly log: string[];
  told: (answer: ChannelAnswer) => Promise<Told>;
  waiting: readonly Waiting[];
  now: () => number;
};

export type Stage = {
  readonly slack: Slack;
  readonly behind: Behind;
  readonly channel: Channel;
  /** Another gateway on the same app. */
  another(): Promise<Channel>;
  seen(): readonly Message[];
  close(): Promise<void>;
};

type StageOptions = Partial<SlackOptions> & { readonly config?: object };

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const slack = await startSlack({ transport: 'url', unhurried: true, ...options });
  peopled(slack);
  const behind: Behind = {
    answers: [],
    adopted: [],
    linked: new Map([
      ['slack:t0example/u0bob0001', 'bob'],
      ['slack:t0example/u0alice01', 'alice'],
    ]),
    log: [],
    told: async () => ({ kind: 'recorded', says: 'Your approval is recorded.' }),
    waiting: [],
    now: options.now ?? Date.now,
  };
  const channels: Channel[] = [];
  const server = createServer((request, response) => channels[0]?.handle?.(request, response));
  slack.reachedAt(`${await listen(server)}/channels/slack`);
  const another = async (): Promise<Channel> => {
    const channel = await openSlack(configOf(slack, options), {
      door: doorOf(behind),
      secret: secretOf(slack),
      way: DIRECT,
    });
    channels.push(channel);
    return channel;
  };
  const channel = await another();
  if (options.transport === 'socket') await until('connected', () => channel.health().ok);
  return {
    slack,
    behind,
    channel,
    another,
    seen: () => slack.workspace.messages,
    async close() {
      for (const each of channels) await each.close();
      await slack.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const configOf = (slack: Slack, { transport = 'url', config = {} }: StageOptions) =>
  slackSchema.parse({
    app_id: slack.app_id,
    bot_token: 'env:BOT',
    ...(transport === 'socket' ? { app_token: 'env:APP' } : { signing_secret: 'env:SIGNING' }),
    workspaces: [TEAM],
    to: [ROOM],
    api: slack.api,
    ...config,
  });

export const secretOf =
  ({ bot_token, app_token, signing_secret }: Slack) =>
  (ref: string): string =>
    ({ 'env:BOT': bot_token, 'env:APP': app_token, 'env:SIGNING': signing_secret })[ref] ?? '';

function doorOf(behind: Behind): ChannelDoor {
  const say = (level: string) => (fields: object, message: string) =>
    void behind.log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const personOf = (account: string) => {
    const name = behind.linked.get(account);
    return name === undefined ? undefined : { id: name, name };
  };
  return {
    personOf,
    async review(answer) {
      behind.answers.push(answer);
      if (personOf(answer.account) === undefined)
        return { kind: 'not_linked', says: 'This account is nobody’s here yet.' };
      return behind.told(answer);
    },
    cardFor: async () => undefined,
    waitingFor: async () => behind.waiting,
    linkPage: async (account) => `https://gate.example.com/link/${encodeURIComponent(account)}`,
    async adopt(account, email) {
      behind.adopted.push(`${account} ${email}`);
      const name = { 'alice@example.com': 'alice', 'bob@example.com': 'bob' }[email];
      if (name !== undefined) behind.linked.set(account, name);
      return personOf(account);
    },
    now: () => behind.now(),
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    public_url: 'https://gate.example.com',
  };
}

const OPENED = Date.UTC(2026, 10, 21, 9, 0, 0);
export const CARD: Card = {
  id: 'k3J9xQ2mT7vB1nZ8rW5y_A',
  version: 1,
  request_id: 'req_1',
  status: 'pending',
  sentence: 'Delete 1,204 rows from customers in billing',
  risk: 'high',
  agent: 'coder',
  subject: 'dana',
  owner: 'alice',
  upstream: 'billing',
  env: 'prod',
  action: 'sql.delete',
  resource: 'customers',
  shown: ['sql: "DELETE FROM customers WHERE plan = \'free\'"', 'params: []', 'role: "app_rw"'],
  impact: ['About 1,204 rows, by the database’s own estimate.'],
  claim: 'Cleaning up test accounts, as agreed.',
  why: [{ rule: 'deletes-ask', about: 'deleting rows asks' }],
  opened_at: OPENED,
  expires_at: OPENED + 3_600_000,
  quorum: { met: false, filled: 0, needed: 1 },
  answers: [],
  progress: [],
  offers: { kind: 'answers' },
  link: 'https://gate.example.com/requests/req_1',
  because: 'asked',
};
