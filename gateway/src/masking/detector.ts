// What finding means: a detector is given text and answers with ranges. Detectors come from several hands (vendors'
// rules, our patterns, known values, one day a model), so their answers are checked here, and a detector that throws or
// answers nonsense is a failure of the whole text, never "nothing found" (I7).

export type MaskKind = 'secret' | 'pii';
export const MASK_KINDS: readonly MaskKind[] = ['secret', 'pii'];

/** A range of the text, in UTF-16 units, `end` exclusive. */
export type Hit = {
  readonly start: number;
  readonly end: number;
  readonly kind: MaskKind;
  readonly label: string;
};

export interface Detector {
  readonly name: string;
  /** Kinds it may report; it is not run when none of them is asked for. */
  readonly kinds: readonly MaskKind[];
  /** The longest range it can report, so that a stream knows how much text to hold back. */
  readonly hit_chars_max: number;
  /** Must be synchronous and must not keep the text. */
  find(text: string): readonly Hit[];
}

/** What was masked, in words that are safe to log: never the secret, nor its length unless that was asked for. */
export type Finding = {
  readonly kind: MaskKind | 'failure';
  readonly label: string;
  /** Of the mark, in the text returned, in UTF-16 units. */
  readonly offset: number;
  /** Only with `lengths: true`. */
  readonly chars?: number;
};

export type Found =
  | { readonly state: 'found'; readonly hits: readonly Hit[] }
  | { readonly state: 'failed'; readonly detector: string };

/** Runs every detector that bears on `kinds`. The first failure ends it: the text must then be masked whole. */
export function findAll(detectors: readonly Detector[], text: string, kinds: readonly MaskKind[]): Found {
  const hits: Hit[] = [];
  for (const detector of detectors) {
    if (!detector.kinds.some((kind) => kinds.includes(kind))) continue;
    try {
      for (const hit of detector.find(text)) {
        if (!isSound(hit, text.length)) return { state: 'failed', detector: detector.name };
        if (kinds.includes(hit.kind)) hits.push(hit);
      }
    } catch {
      // The reason may quote the text, so it goes nowhere: the caller masks everything and reports the detector's name.
      return { state: 'failed', detector: detector.name };
    }
  }
  return { state: 'found', hits };
}

function isSound({ start, end, kind, label }: Hit, length: number): boolean {
  const range =
    Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= length;
  return range && MASK_KINDS.includes(kind) && typeof label === 'string';
}
