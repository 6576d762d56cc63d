/**
 * Breaking the glass: where the policy names who may, one person lets a held action through in an emergency, without the
 * quorum. It never passes a no, never frees anyone of separation of duties (I4), takes a reason and that person's own
 * passkey, runs once within minutes, is told to everyone named, and stays open until somebody else has judged it.
 */
import type { BrokenGlass, GlassFilter, GlassNotice, Page as PageOf } from '@countersign/sdk';
import type { ChangeOutcome, Page } from '../requests/requests.ts';
import { acknowledge, type Closing, close } from './after.ts';
import { type Breaking, breakGlass, type GlassDeps } from './break.ts';
import type { BreakOutcome } from './outcome.ts';
import { listGlass, showGlass } from './view.ts';

export type BreakGlass = {
  break(breaking: Breaking): Promise<BreakOutcome>;
  list(filter: GlassFilter & { readonly viewer: string }, page: Page): Promise<PageOf<BrokenGlass>>;
  show(id: string, viewer: string): Promise<BrokenGlass | undefined>;
  acknowledge(id: string, by: string): Promise<ChangeOutcome>;
  /** The review afterwards, by somebody else. */
  close(id: string, closing: Closing): Promise<ChangeOutcome>;
  subscribe(listener: (notice: GlassNotice) => void): () => void;
};

export function createBreakGlass(deps: GlassDeps): BreakGlass {
  return {
    break: (breaking) => breakGlass(deps, breaking),
    list: (filter, page) => listGlass(deps, filter, page),
    show: (id, viewer) => showGlass(deps, id, viewer),
    acknowledge: (id, by) => acknowledge(deps, id, by),
    close: (id, closing) => close(deps, id, closing),
    subscribe: (listener) => deps.notices.listen(listener),
  };
}
