/** Shapes of delegations: who sits in for whom. */
import type { Delegation, DelegationInput } from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { describes } from './describes.ts';
import { flag, name, paging, text, time } from './values.ts';

export const delegation = describes<Delegation>()(
  z
    .object({
      id: text,
      from: text,
      to: text,
      starts_at: time,
      until: time,
      given_at: time,
      status: z.enum(['scheduled', 'active', 'ended', 'revoked']),
      revoked_by: text.exactOptional(),
      revoked_at: time.exactOptional(),
    })
    .openapi('Delegation'),
);

export const delegationInput = describes<DelegationInput>()(
  z.strictObject({ to: name, until: time, starts_at: time.exactOptional() }).openapi('DelegationInput'),
);

export const delegationQuery = z.strictObject({ ...paging, active: flag.exactOptional() });
