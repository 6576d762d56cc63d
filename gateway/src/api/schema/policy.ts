/** Shapes of what people who write the policy look at. */
import type { PolicyCoverage } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { digestOut, text, time, timeParameter } from './values.ts';

export const coverageQuery = z.strictObject({ since: timeParameter.exactOptional() });

const counts = {
  allowed: z.int().openapi({ description: 'Ran at once.' }),
  asked: z.int().openapi({ description: 'Requests opened.' }),
  reviewed: z.int().openapi({ description: 'Ran after a review, or under a grant.' }),
  refused: z.int().openapi({ description: 'Refused, or told to request access first.' }),
  last_hit: time.exactOptional().openapi({ description: 'Over all time; absent: never.' }),
};

export const policyCoverage = describes<PolicyCoverage>()(
  z
    .object({
      since: time,
      until: time,
      policy: z.object({ digest: digestOut, version: text }),
      rules: z.array(
        z.object({ rule: text, file: text, line: z.int(), then: text, dry_run: z.boolean(), ...counts }),
      ),
      others: z.array(z.object({ rule: text, ...counts })),
      complete: z.boolean(),
    })
    .openapi('PolicyCoverage'),
);
