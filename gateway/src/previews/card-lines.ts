/** What a card says of the newest preview of a request, from what is kept: nothing is planned or read for it. */
import type { Deps } from '../deps.ts';
import { impactOf } from './impact.ts';
import { keptOf, previewsOf } from './stored.ts';

const LINES_MAX = 3;

export async function cardLines(
  { store }: Pick<Deps, 'store'>,
  request_id: string,
): Promise<readonly string[]> {
  const [newest] = await previewsOf(store, request_id);
  if (newest?.status !== 'shown') return [];
  const kept = await keptOf(store, newest);
  if (kept?.shown === undefined) return [];
  const { id, started_at: at, tool } = newest;
  return impactOf(
    { state: 'shown', id, at, tool, dry_run: kept.dry_run, ...kept.shown, again: false },
    LINES_MAX,
  );
}
