/** What comes to `/channels/<kind>/`: for the channel of that kind, if it listens; for nobody else. It reads nothing of it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel } from './channel.ts';

export type ChannelMount = { handle(request: IncomingMessage, response: ServerResponse): boolean };

export function mountChannels(channels: readonly Channel[]): ChannelMount {
  const handlers = new Map(
    channels.flatMap(({ kind, handle }) => (handle === undefined ? [] : [[kind, handle]])),
  );
  return {
    handle(request, response) {
      const [, kind] = /^\/channels\/([a-z][a-z0-9-]{0,31})(?:[/?]|$)/.exec(request.url ?? '') ?? [];
      const handle = kind === undefined ? undefined : handlers.get(kind);
      handle?.(request, response);
      return handle !== undefined;
    },
  };
}
