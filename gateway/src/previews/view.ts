/** What is said of a request's previews: the newest, or why there is none. */
import type { PreviewState } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Glance } from './planning.ts';
import { keptOf, type StoredPreview } from './stored.ts';

/** Longer than any preview may take: whoever made it is gone. */
export const STALE_MS = 120_000;

type Known = {
  readonly stored: StoredRequest;
  readonly planned: Glance;
  readonly made: readonly StoredPreview[];
  readonly refused: ReadonlyMap<string, string>;
  readonly making: boolean;
};

export async function stateOf(
  deps: Deps,
  { stored, planned, made, refused, making }: Known,
): Promise<PreviewState | undefined> {
  const [newest] = made;
  if (making && planned.kind === 'plan') return { state: 'making', show: planned.show };
  const why = refused.get(stored.request.id);
  if (why !== undefined && stored.request.status === 'pending') return { state: 'none', why };
  if (newest !== undefined) return told(deps, newest, planned);
  if (planned.kind === 'none' || stored.request.status !== 'pending') return undefined;
  return planned.kind === 'impossible'
    ? { state: 'none', why: planned.why }
    : { state: 'none', why: 'nobody has looked yet' };
}

async function told(deps: Deps, preview: StoredPreview, planned: Glance): Promise<PreviewState | undefined> {
  const { id, started_at: at, tool, asked_by, why } = preview;
  if (preview.status === 'started')
    return deps.now() - at < STALE_MS
      ? { state: 'making', show: planned.kind === 'plan' ? planned.show : 'text' }
      : { state: 'none', why: 'the gateway stopped before it was done', at };
  const kept = await keptOf(deps.store, preview);
  if (preview.status !== 'shown')
    return {
      state: 'none',
      why: why ?? 'it failed',
      at,
      ...(kept?.said === undefined ? {} : { said: kept.said }),
    };
  // Erased: what was read is gone, and so is the rest of the page.
  if (kept?.shown === undefined) return undefined;
  const { dry_run, shown } = kept;
  return {
    state: 'shown',
    id,
    at,
    tool,
    dry_run,
    ...(asked_by === undefined ? {} : { by: asked_by }),
    ...shown,
  };
}
