/** What every view of something let through by a broken glass carries, and whether one may be broken. */
import { NO_GLASS, type NoGlass } from '@countersign/core';
import type { GlassMark, GlassOffer } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { text, time } from '../values.ts';

export const glassMark = describes<GlassMark>()(
  z
    .object({
      id: text,
      by: text,
      at: time,
      review: z.enum(['open', 'justified', 'not_justified']),
    })
    .openapi('GlassMark'),
);

const reasons = Object.keys(NO_GLASS) as [NoGlass, ...NoGlass[]];

export const glassOffer = describes<GlassOffer>()(
  z
    .object({ offered: z.boolean(), eligible: z.boolean(), why_not: z.enum(reasons).exactOptional() })
    .openapi('GlassOffer'),
);
