/** Shapes of the places that are told what happens. */
import type {
  WebhookDead,
  WebhookEndpoint,
  WebhookReplayed,
  WebhookReplayInput,
  WebhookTried,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { text, time } from './values.ts';

export const webhookEndpoint = describes<WebhookEndpoint>()(
  z
    .object({
      name: text,
      configured: z.boolean(),
      to: z.array(text),
      events: z.array(text),
      secrets: z.int().exactOptional(),
      waiting: z.int(),
      dead: z.int(),
      delivered: z.int(),
      oldest_at: time.exactOptional(),
      last_delivered_at: time.exactOptional(),
      failing_since: time.exactOptional(),
      gone_at: time.exactOptional(),
      trouble: text.exactOptional(),
    })
    .openapi('WebhookEndpoint'),
);

export const webhookDead = describes<WebhookDead>()(
  z
    .object({
      leaf_index: z.int(),
      event_id: text,
      type: text,
      subject: text,
      attempts: z.int(),
      made_at: time,
      trouble: text,
    })
    .openapi('WebhookDead'),
);

export const webhookReplayInput = describes<WebhookReplayInput>()(
  z.strictObject({ leaf_index: z.int().min(0).exactOptional() }).openapi('WebhookReplayInput'),
);
export const webhookReplayed = describes<WebhookReplayed>()(
  z.object({ replayed: z.int() }).openapi('WebhookReplayed'),
);
export const webhookTried = describes<WebhookTried>()(
  z
    .union([
      z.object({ taken: z.literal(true), took_ms: z.int() }),
      z.object({ taken: z.literal(false), trouble: text, took_ms: z.int() }),
    ])
    .openapi('WebhookTried'),
);
