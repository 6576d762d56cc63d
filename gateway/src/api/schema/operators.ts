/** Shapes of what operators change, and of how many of them it takes. */
import type { HeldChange, Operators, OperatorsInput } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { text, time } from './values.ts';

export const heldChange = describes<HeldChange>()(
  z.object({ status: z.literal('pending'), request_id: text, expires_at: time }).openapi('HeldChange'),
);

export const operators = describes<Operators>()(
  z
    .object({
      needed: z.int(),
      why: text,
      since: time.exactOptional(),
      operators: z.array(text),
    })
    .openapi('Operators'),
);

export const operatorsInput = describes<OperatorsInput>()(
  z.strictObject({ needed: z.union([z.literal(1), z.literal(2)]) }).openapi('OperatorsInput'),
);
