/**
 * What the history adds up to. Counted in SQL, by indexes over time, and bounded: of what was held, the newest so many
 * are looked at, and the answer says so. Assumptions are part of the answer.
 */
import type { Insights } from '@countersign/sdk';
import type { Store } from '../../store/store.ts';
import { decisions } from './decisions.ts';
import { nearMisses, unanswered } from './misses.ts';
import { reading } from './reading.ts';
import type { Naming, Span } from './span.ts';
import { volume } from './volume.ts';

export async function insightsOf(
  store: Store,
  span: Span,
  naming: Naming,
): Promise<Omit<Insights, 'followed'>> {
  const [decided, volumes, read, expired, misses] = await Promise.all([
    decisions(store, span),
    volume(store, span),
    reading(store, span, naming),
    unanswered(store, span),
    nearMisses(store, span),
  ]);
  return {
    ...span,
    ...decided,
    volume: volumes,
    reading: read,
    unanswered: expired,
    near_misses: misses,
  };
}
