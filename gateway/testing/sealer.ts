/** A sealer for tests that look at what was recorded: the fact itself stands in the envelope, unsigned. */
import { canonicalize, type Json } from '@countersign/core';
import type { Sealer } from '../src/audit/audit.ts';
import { ulid } from '../src/ids.ts';

export function createTestSealer(): Sealer {
  return {
    seal: (fact) => {
      const event_id = ulid(fact.occurred_at);
      const { kind, occurred_at, terms } = fact;
      const envelope = canonicalize({ ...fact, event_id } as unknown as Json);
      return { event_id, kind, occurred_at, envelope, leaf: canonicalize({ event_id }), terms };
    },
  };
}
