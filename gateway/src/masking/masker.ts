// Masking: removes what must not leave the gateway from results, errors and views (I7, A23). It must never throw into
// its caller, never let through what it could not judge (fail closed), and never put a secret, or by default its length,
// into what it says. Digests are over the raw value; masking is always the last step outwards.
import type { Json } from '@countersign/core';
import { type Detector, type Finding, findAll, type Hit, type MaskKind } from './detector.ts';
import type { KnownSecrets } from './known/known.ts';
import {
  FAILED_LABEL,
  type Marked,
  type MarkOptions,
  maskWhole,
  mergeHits,
  putMarks,
  TOO_LARGE_LABEL,
} from './marks.ts';
import { applyVerdicts, type RedactedJson } from './rewrite.ts';
import { createStream, type RedactStream } from './stream.ts';
import { judgeJson, type Verdicts } from './verdicts.ts';

/** Text beyond this is masked whole; use a stream. */
export const TEXT_CHARS_MAX = 16 * 1024 * 1024;

export type MaskerOptions = {
  readonly known: KnownSecrets;
  readonly detectors: readonly Detector[];
};

export type RedactOptions = MarkOptions & {
  /** Default: secrets only. */
  readonly kinds?: readonly MaskKind[];
};

export interface Masker {
  redactText(text: string, options?: RedactOptions): Marked;
  /** The same value, by identity, when nothing was masked. */
  redactJson(value: Json, options?: RedactOptions): RedactedJson;
  /** What must not be shown, without changing the value: for reviewers' views. */
  judgeJson(value: Json, options?: RedactOptions): Verdicts;
  /** For text too large to hold: feed it chunks cut anywhere. */
  createRedactStream(options?: RedactOptions): RedactStream;
}

const SECRETS: readonly MaskKind[] = ['secret'];

export function createMasker({ known, detectors }: MaskerOptions): Masker {
  const all: readonly Detector[] = [known, ...detectors];
  const find = (text: string, kinds: readonly MaskKind[]): readonly Hit[] | undefined => {
    const found = findAll(all, text, kinds);
    return found.state === 'found' ? mergeHits(found.hits) : undefined;
  };
  const judge = (value: Json, kinds: readonly MaskKind[]): Verdicts => judgeJson(value, { find, kinds });
  return {
    redactText(text, { kinds = SECRETS, lengths = false } = {}) {
      if (text.length > TEXT_CHARS_MAX) return maskWhole(TOO_LARGE_LABEL);
      const hits = find(text, kinds);
      return hits === undefined ? maskWhole(FAILED_LABEL) : putMarks(text, hits, { lengths });
    },
    redactJson(value, { kinds = SECRETS, lengths = false } = {}) {
      try {
        return applyVerdicts(value, judge(value, kinds), { lengths });
      } catch {
        return failedJson();
      }
    },
    judgeJson(value, { kinds = SECRETS } = {}) {
      try {
        return judge(value, kinds);
      } catch {
        return new Map([
          ['', { state: 'whole', kind: 'failure', label: FAILED_LABEL, chars: 0, content: false }],
        ]);
      }
    },
    createRedactStream: ({ kinds = SECRETS, lengths = false } = {}) =>
      createStream({ find: (text) => find(text, kinds), hold_chars: () => holdOf(all, kinds), lengths }),
  };
}

/** The longest thing that could still be incomplete at the end of a chunk. */
function holdOf(detectors: readonly Detector[], kinds: readonly MaskKind[]): number {
  const bearing = detectors.filter((detector) => detector.kinds.some((kind) => kinds.includes(kind)));
  return Math.max(0, ...bearing.map(({ hit_chars_max }) => hit_chars_max));
}

/** Only a value no parser of ours made (a cycle, a getter that throws) ends here. */
function failedJson(): RedactedJson {
  const { text, findings } = maskWhole(FAILED_LABEL);
  return {
    value: text,
    changed: true,
    findings: findings.map((finding: Finding) => ({ ...finding, pointer: '' })),
  };
}
