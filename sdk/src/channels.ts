/** Channels as operators see them, and an account in one that somebody says is theirs. */
import { segment } from './http.ts';
import type {
  AccountLink,
  ChannelList,
  ChannelTested,
  ChannelTestInput,
  DeadCard,
} from './shapes/channels/channels.ts';
import type { HeldChange } from './shapes/operators.ts';
import type { Page, Paging } from './shapes/requests.ts';

type Calls = {
  readonly get: <T>(path: string, query?: object) => Promise<T>;
  readonly post: <T>(path: string, body?: unknown) => Promise<T>;
};

export function channelCalls({ get, post }: Calls) {
  return {
    list: () => get<ChannelList>('/api/channels'),
    /** Newest first. */
    dead: (paging: Paging = {}) => get<Page<DeadCard>>('/api/channels/dead', paging),
    replay: (card: string) => post<void>(`/api/channels/cards/${segment(card)}/replay`),
    /** At each place of its own, or at this one. */
    test: (kind: string, input: ChannelTestInput = {}) =>
      post<ChannelTested>(`/api/channels/${segment(kind)}/test`, input),
    /** Which account a link from a channel is about; changes nothing. */
    lookAtLink: (code: string) => post<AccountLink>('/api/account-links/look', { code }),
    /** Says that it is yours. Answers the request others are asked in, if any. */
    confirmLink: (code: string) => post<HeldChange | undefined>('/api/account-links/confirm', { code }),
  };
}
