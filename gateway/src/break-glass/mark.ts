/** What every view of a request carries that was let through by one person: whose doing, and whether anyone has judged it. */
import type { GlassMark } from '@countersign/sdk';
import type { Resolution } from '../requests/views/row.ts';
import type { Store } from '../store/store.ts';
import { loadGlass } from './stored.ts';

/** Nothing is looked up for a request whose glass is whole. */
export async function markOf(
  store: Store,
  resolution: Resolution | undefined,
): Promise<GlassMark | undefined> {
  const id = resolution?.broken_glass;
  const glass = id === undefined ? undefined : await loadGlass(store, id);
  if (glass === undefined) return undefined;
  const { person, broken_at, review } = glass;
  return {
    id: glass.id,
    by: person,
    at: broken_at,
    review: review.status === 'open' ? 'open' : review.verdict,
  };
}
