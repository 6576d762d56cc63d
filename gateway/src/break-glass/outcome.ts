/** What came of trying to break the glass. */
import type { RequestStatus } from '@countersign/core';
import type { ReviewRefusal } from '../requests/requests.ts';

export type BreakOutcome =
  | { readonly kind: 'broken'; readonly glass_id: string }
  | {
      readonly kind: 'refused';
      readonly why: GlassRefusal;
      readonly message: string;
      readonly status?: RequestStatus;
    };

/** `reason_refused`: nobody could judge it by that afterwards. */
export type GlassRefusal = ReviewRefusal | 'reason_refused';
