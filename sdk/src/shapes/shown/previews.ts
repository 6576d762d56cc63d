/**
 * What a held action would change, as a read of the same upstream showed it. Information, never part of what is approved:
 * the world may have moved since. Texts come from the upstream, with secrets and personal data blanked (`█`): draw them
 * as untrusted.
 */

/** How it is drawn: two texts against each other; a text; a text that is a patch in unified form. */
export const PREVIEW_FORMS = ['diff', 'text', 'patch'] as const;
export type PreviewForm = (typeof PREVIEW_FORMS)[number];

export type Preview = PreviewState & {
  /** The person looking may have it looked at again now. */
  readonly again: boolean;
};

export type PreviewState =
  /** It is being read now; there will be a change to hear of. */
  | { readonly state: 'making'; readonly show: PreviewForm }
  /** There is none, and why; `said`: the upstream’s own words, when it answered with an error. */
  | { readonly state: 'none'; readonly why: string; readonly said?: string; readonly at?: number }
  | PreviewShown;

export type PreviewShown = {
  readonly state: 'shown';
  /** An answer may name it, so that it is on record what was looked at. */
  readonly id: string;
  /** When it was read. */
  readonly at: number;
  /** The tool that was called for it. */
  readonly tool: string;
  /** The very tool that is held was called, told not to act: a word for it the upstream is trusted with. */
  readonly dry_run: boolean;
  /** The person who asked for it again; absent when the gateway did by itself. */
  readonly by?: string;
  /** How many parts are blanked, and what they are. */
  readonly hidden: number;
  readonly labels: readonly string[];
  /** What is blanked may differ too between the two texts: it is not compared in sight. */
  readonly hidden_differs: boolean;
} & PreviewBody;

export type PreviewBody =
  | {
      readonly show: 'diff';
      readonly before: string;
      readonly after: string;
      /** Lines. */
      readonly added: number;
      readonly removed: number;
    }
  | { readonly show: 'text'; readonly text: string }
  | { readonly show: 'patch'; readonly text: string; readonly added: number; readonly removed: number };
