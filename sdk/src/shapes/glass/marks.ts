/** What every view of something let through by a broken glass carries, and whether one may be broken. */
import type { NoGlass } from '@countersign/core';

export const GLASS_VERDICTS = ['justified', 'not_justified'] as const;
export type GlassVerdict = (typeof GLASS_VERDICTS)[number];

/** What every view of something let through by a broken glass carries. */
export type GlassMark = {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  /** Of the review afterwards. */
  readonly review: 'open' | GlassVerdict;
};

/** Of a pending request: may its glass be broken, and by the person looking? */
export type GlassOffer = {
  readonly offered: boolean;
  readonly eligible: boolean;
  /** Why this person may not. */
  readonly why_not?: NoGlass;
};
