/** The channels there are: one line each. The code of one, and what it depends on, is loaded only where it is configured. */
import { DIRECT, type Use, type WaysOut } from '../outgoing/way.ts';
import type { Channel, ChannelDoor, ChannelParts, OpenChannel } from './channel.ts';
import type { ChannelsConfig } from './config.ts';

type Kinds = Omit<ChannelsConfig, 'answers_up_to' | 'routes' | 'attention' | 'webhooks' | 'callbacks'>;
type Loaders = { readonly [K in keyof Kinds]-?: () => Promise<OpenChannel<NonNullable<Kinds[K]>>> };

const LOADERS: Loaders = {
  slack: async () => (await import('./slack/slack.ts')).openSlack,
  mail: async () => (await import('./mail/channel.ts')).open,
  teams: async () => (await import('./teams/channel.ts')).open,
};

/** How each leaves; mail is no HTTP, and no HTTP proxy carries it. */
const LEAVES_AS: { readonly [K in keyof Kinds]-?: Use | undefined } = {
  slack: 'slack',
  mail: undefined,
  teams: 'teams',
};

export type ChannelsParts = {
  readonly channels: ChannelsConfig;
  doorOf(kind: string): ChannelDoor;
  secret: ChannelParts['secret'];
  outBy: WaysOut;
};

/** @throws Error naming the field when one cannot be opened as configured */
export async function openChannels({
  channels: config,
  doorOf,
  secret,
  outBy,
}: ChannelsParts): Promise<readonly Channel[]> {
  const opened: Channel[] = [];
  const of = config as { readonly [kind: string]: unknown };
  for (const [kind, load] of Object.entries(LOADERS as Record<string, () => Promise<OpenChannel<unknown>>>)) {
    if (of[kind] === undefined) continue;
    try {
      const open = await load();
      const use = LEAVES_AS[kind as keyof Kinds];
      const way = use === undefined ? DIRECT : outBy(use);
      opened.push(await open(of[kind], { door: doorOf(kind), secret, way }));
    } catch (error) {
      await Promise.allSettled(opened.map((channel) => channel.close()));
      throw error;
    }
  }
  return opened;
}
