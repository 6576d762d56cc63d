// What enforcement and the views are handed: masking as obligations ask for it, and redactions for reviewers.
import type { Json, Obligation, Redaction, Redactions } from '@countersign/core';
import { type Detector, MASK_KINDS, type MaskKind } from './detector.ts';
import type { KnownSecrets } from './known/known.ts';
import { FAILED_LABEL, markOf } from './marks.ts';
import { createMasker, type Masker } from './masker.ts';
import { createSecretPatterns } from './patterns/secrets.ts';
import { createPersonalPatterns } from './personal/personal.ts';
import type { Verdict } from './verdicts.ts';

export interface Masking {
  /** Removes secrets always, and what `obligations` name. Never throws; what it cannot judge it masks whole. */
  mask(value: Json, obligations: readonly Obligation[]): { readonly value: Json; readonly changed: boolean };
  /** Secrets removed from a line for a log, an error, a label. */
  text(text: string): string;
  /** What reviewers must not see in an action (I6). */
  redactions(value: Json): Redactions;
  /** Obligation types that can be carried out. */
  readonly carries: ReadonlySet<string>;
  readonly masker: Masker;
}

/** Everything this gateway can find by itself; add detectors to find more. */
export function builtInDetectors(): readonly Detector[] {
  return [createSecretPatterns(), createPersonalPatterns()];
}

export function createMasking(
  known: KnownSecrets,
  detectors: readonly Detector[] = builtInDetectors(),
): Masking {
  const masker = createMasker({ known, detectors });
  return {
    masker,
    carries: new Set(['mask']),
    mask(value, obligations) {
      const kinds = kindsOf(obligations);
      if (kinds === undefined) return { value: markOf(FAILED_LABEL), changed: true };
      const { value: masked, changed } = masker.redactJson(value, { kinds });
      return { value: masked, changed };
    },
    text: (text) => masker.redactText(text).text,
    redactions(value) {
      const redactions = new Map<string, readonly Redaction[]>();
      for (const [pointer, verdict] of masker.judgeJson(value))
        redactions.set(pointer, redactionsOf(verdict));
      return redactions;
    },
  };
}

/** Secrets, and what the obligations ask for; undefined when one asks for a kind nothing here can find. */
function kindsOf(obligations: readonly Obligation[]): readonly MaskKind[] | undefined {
  const kinds = new Set<MaskKind>(['secret']);
  for (const { type, properties } of obligations) {
    if (type !== 'mask') continue;
    const asked = properties['kinds'];
    if (!Array.isArray(asked)) return undefined;
    for (const kind of asked) {
      const known = MASK_KINDS.find((each) => each === kind);
      if (known === undefined) return undefined;
      kinds.add(known);
    }
  }
  return [...kinds];
}

/** A range is redaction inside text, which blocks approval until a logged reveal (I6). */
function redactionsOf(verdict: Verdict): readonly Redaction[] {
  if (verdict.state === 'ranges') {
    return verdict.hits.map(({ kind, label, start, end }) => ({
      kind,
      label,
      chars: end - start,
      range: { start, end },
    }));
  }
  const { kind, label, chars, content } = verdict;
  return [{ kind, label, chars, ...(content ? { range: { start: 0, end: chars } } : {}) }];
}
