/** What previews are made of, and how one would be made: asked of protocols, remembered for those who only look. */
import type { PreviewForm } from '@countersign/sdk';
import type { Deps } from '../deps.ts';
import type { Meter } from '../events.ts';
import { readStoredAction } from '../payloads.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { bodyOf } from './body.ts';
import type { Planned, Previewer, PreviewPermit, PreviewPlan } from './previewer.ts';
import type { Ending } from './record.ts';

export type PreviewDoor = (asked: {
  readonly stored: StoredRequest;
  readonly plan: PreviewPlan;
  readonly round: number;
  readonly by: string | undefined;
}) => Promise<
  | {
      readonly kind: 'permitted';
      readonly permit: PreviewPermit;
      readonly obligations: Parameters<typeof bodyOf>[1]['obligations'];
      end(ending: Ending): Promise<void>;
    }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'again' }
>;

export type PreviewParts = {
  readonly deps: Deps;
  readonly door: PreviewDoor;
  /** Asked each time: protocols are made after this. */
  readonly previewers: () => readonly Previewer[];
  readonly meter?: Meter;
};

export type Planning = Pick<PreviewParts, 'previewers'> & { readonly deps: Deps };

/** Undefined: nobody said how; or the action was erased. */
export async function planOf(
  { deps, previewers }: Planning,
  stored: StoredRequest,
): Promise<Planned | undefined> {
  if (!previewers().some((each) => each.any)) return undefined;
  const action = await readStoredAction(deps.store, stored.about);
  if (action === undefined) return undefined;
  for (const previewer of previewers()) {
    const planned = previewer.plan(stored.request.principal, action);
    if (planned !== undefined) return planned;
  }
  return undefined;
}

/** What a view needs of a plan: not the arguments. */
export type Glance =
  | { readonly kind: 'plan'; readonly show: PreviewForm }
  | { readonly kind: 'impossible'; readonly why: string }
  | { readonly kind: 'none' };

const GLANCES_MAX = 500;

/** Plans as views see them, for as long as nothing that decides has changed: a request is looked at more often than planned. */
export class Glances {
  readonly #known = new Map<string, { readonly epoch: number; readonly glance: Glance }>();

  async of(planning: Planning, stored: StoredRequest): Promise<Glance> {
    const { id } = stored.request;
    const { epoch } = planning.deps.authority.current();
    const known = this.#known.get(id);
    if (known?.epoch === epoch && stored.erased === undefined) return known.glance;
    const glance = glanceOf(await planOf(planning, stored));
    if (this.#known.size >= GLANCES_MAX) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(id, { epoch, glance });
    return glance;
  }
}

function glanceOf(planned: Planned | undefined): Glance {
  if (planned === undefined) return { kind: 'none' };
  return planned.kind === 'plan'
    ? { kind: 'plan', show: planned.show }
    : { kind: 'impossible', why: planned.why };
}
