/** Shapes of standing grants. */
import type { Grant } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { flag, paging, text, time } from './values.ts';

export const grant = describes<Grant>()(
  z
    .object({
      id: text,
      request_id: text,
      status: z.enum(['active', 'used', 'expired', 'revoked']),
      agent: text,
      upstream: text,
      action: text,
      resource: text,
      given_at: time,
      given_until: time,
      uses_given: z.int(),
      uses_left: z.int(),
      revoked_by: text.exactOptional(),
    })
    .openapi('Grant'),
);

export const grantQuery = z.strictObject({ ...paging, active: flag.exactOptional() });
