/**
 * Previews: what a held action would change, found out by a read of the same upstream and shown to whoever decides. This
 * file is the port: what a protocol that can make one is asked. A preview is information. It holds nothing up, fails
 * nothing, is no part of what is approved, and its answer never goes to an agent. It is a read with the gateway's own
 * credential all the same: not a byte of it leaves without a {@link PreviewPermit} (I1, I2).
 */
import type { CanonicalAction, Evaluation, Principal } from '@countersign/core';
import type { PreviewForm } from '@countersign/sdk';
import type { Permit } from '../protocols/protocol.ts';

export type Previewer = {
  /** How to show what this action would change. Undefined: nobody said how. Looks at nothing but configuration and pins. */
  plan(principal: Principal, action: CanonicalAction): Planned | undefined;
  /** False: nothing is configured, so no action need be looked at. */
  readonly any: boolean;
};

export type Planned =
  | PreviewPlan
  /** Somebody said how, and it cannot be done; `why` in the gateway's own words. */
  | { readonly kind: 'impossible'; readonly why: string };

export type PreviewPlan = {
  readonly kind: 'plan';
  /** The read, as a question: policy is asked, and the log is told, of exactly this. */
  readonly evaluation: Evaluation;
  /** The connection of its own that it takes, as a question: whoever may not connect for themselves has nothing read for them. */
  readonly opening?: Evaluation;
  readonly show: PreviewForm;
  /** With `diff`: the text as it would then be. */
  readonly against?: string;
  /** With `diff`: words in a failed read that say there is nothing yet. */
  readonly missing?: string;
  /** The tool that acts, told not to: named in the log, and on the page. */
  readonly dry_run: boolean;
  readonly within_ms: number;
  /** Never rejects. Sends `evaluation` and nothing else, over a connection of its own, and closes it. */
  read(permit: PreviewPermit, signal: AbortSignal): Promise<PreviewRead>;
};

/** The right to make one read. It exists only once it is on the record. */
export type PreviewPermit = Pick<Permit, 'credentials' | 'mask'>;

export type PreviewRead =
  | { readonly kind: 'read'; readonly text: string }
  /** `said`: what the upstream said of it, unmasked. `sent` is false only when certainly nothing of the read left. */
  | { readonly kind: 'failed'; readonly why: string; readonly said?: string; readonly sent: boolean };
