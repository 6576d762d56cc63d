/** Shapes of previews: what a held action would change. */
import type { Preview } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from '../describes.ts';
import { text, time } from '../values.ts';

const again = z.boolean().openapi({ description: 'You may have it looked at again now.' });
const count = z.int();
const shown = {
  state: z.literal('shown'),
  id: text,
  at: time,
  tool: text,
  dry_run: z.boolean(),
  by: text.exactOptional(),
  hidden: count,
  labels: z.array(text),
  hidden_differs: z.boolean(),
  again,
};

export const preview = describes<Preview>()(
  z
    .union([
      z.object({ state: z.literal('making'), show: z.enum(['diff', 'text', 'patch']), again }),
      z.object({
        state: z.literal('none'),
        why: text,
        said: text.exactOptional(),
        at: time.exactOptional(),
        again,
      }),
      z.object({
        ...shown,
        show: z.literal('diff'),
        before: text,
        after: text,
        added: count,
        removed: count,
      }),
      z.object({ ...shown, show: z.literal('text'), text }),
      z.object({ ...shown, show: z.literal('patch'), text, added: count, removed: count }),
    ])
    .openapi('Preview'),
);
