/** What the place of the answer is given, and what it gives on. */
import type { Me, Passkey, RequestDetail, ReviewResult } from '@countersign/sdk';
import type { Drawn } from '../../../data/shown-action.ts';

export type PanelProps = {
  readonly detail: RequestDetail;
  readonly drawn: Drawn;
  readonly me: Me;
  readonly keys: readonly Passkey[];
  /** All of the action has been on the screen. */
  readonly seen: boolean;
  /** What somebody came to do. */
  readonly wants?: 'approve' | 'deny' | undefined;
};

export type Given = { readonly decision: 'approved' | 'denied'; readonly result: ReviewResult };
