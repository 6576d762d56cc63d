/** Shapes of channels, and of accounts in them that ask to be somebody's. */
import type {
  AccountLink,
  AccountLinkInput,
  ChannelList,
  ChannelStatus,
  ChannelTested,
  ChannelTestInput,
  DeadCard,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { text, time } from './values.ts';

export const channelStatus = describes<ChannelStatus>()(
  z
    .object({
      kind: text,
      places: z.array(text),
      ok: z.boolean(),
      says: text,
      since: time.exactOptional(),
      waiting: z.int(),
      failing: z.int(),
      dead: z.int(),
    })
    .openapi('ChannelStatus'),
);

export const channelList = describes<ChannelList>()(
  z
    .object({
      items: z.array(channelStatus),
      set_aside: z.object({
        count: z.int(),
        oldest: z.array(z.object({ request_id: text, since: time, attempts: z.int() })),
      }),
    })
    .openapi('ChannelList'),
);

export const deadCard = describes<DeadCard>()(
  z
    .object({
      id: text,
      request_id: text,
      channel: text,
      place: text,
      trouble: text,
      attempts: z.int(),
      made_at: time,
    })
    .openapi('DeadCard'),
);

export const channelTestInput = describes<ChannelTestInput>()(
  z.strictObject({ place: z.string().min(1).max(256).exactOptional() }).openapi('ChannelTestInput'),
);
export const channelTested = describes<ChannelTested>()(
  z.object({ places: z.array(text), trouble: text.exactOptional() }).openapi('ChannelTested'),
);

export const accountLinkInput = describes<AccountLinkInput>()(
  z.strictObject({ code: z.string().min(1).max(128) }).openapi('AccountLinkInput'),
);
export const accountLink = describes<AccountLink>()(
  z.object({ channel: text, account: text, label: text, expires_at: time }).openapi('AccountLink'),
);
