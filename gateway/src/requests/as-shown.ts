/** A yes is about exactly what was shown (I6, A8): it names the action and the rendering, and the view was whole. */
import type { Deps } from '../deps.ts';
import { newestShown } from '../previews/stored.ts';
import type { Answer, ReviewRefusal } from './requests.ts';
import { renderForReview } from './views/render.ts';
import type { StoredRequest } from './views/row.ts';

export type Shown = Pick<Answer, 'reviewer' | 'action_digest' | 'rendered_digest' | 'preview'>;

export type NotAsShown = { readonly why: ReviewRefusal; readonly message: string };

/** Undefined: it may be said yes to. */
export async function notAsShown(
  deps: Deps,
  stored: StoredRequest,
  { reviewer, action_digest, rendered_digest, preview }: Shown,
): Promise<NotAsShown | undefined> {
  const rendered = await renderForReview(deps, stored, reviewer);
  if (rendered === undefined)
    return {
      why: 'not_approvable',
      message: 'The action of this request has been erased; it cannot be approved.',
    };
  if (!rendered.approvable.ok) return { why: 'not_approvable', message: rendered.approvable.why };
  const same = action_digest === stored.request.action_digest && rendered_digest === rendered.rendered_digest;
  if (!same)
    return {
      why: 'shown_changed',
      message: 'What you were shown is not what would run now. Look again, then answer.',
    };
  if (preview === undefined || (await newestShown(deps.store, stored.request.id)) === preview)
    return undefined;
  return {
    why: 'shown_changed',
    message: 'What it would change was looked at anew after you saw it. Look again, then answer.',
  };
}
