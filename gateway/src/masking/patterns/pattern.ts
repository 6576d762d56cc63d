// A pattern is an anchor and a regular expression. The anchor is a literal that every match contains; text without any
// anchor is never given to a regular expression, which keeps clean text cheap. Every quantifier is bounded, so time
// grows with the text and a match has a longest length (ReDoS; I15).
import type { Detector, Hit, MaskKind } from '../detector.ts';
import { Scanner } from '../scan.ts';
import { decodedView } from './view.ts';

export type Pattern = {
  readonly label: string;
  readonly kind: MaskKind;
  /** Literals, at least three characters, case-blind; one occurs in every match. None: always tried. */
  readonly anchors: readonly string[];
  /** Shorter text cannot match. */
  readonly chars_min: number;
  /** Finds hits. Sticky state must not leak: use `matchesOf`. */
  find(text: string): Iterable<Hit>;
};

export type Shape = {
  readonly label: string;
  readonly anchors: readonly string[];
  /** Source of the expression; group 1, if there is one, is what is masked. */
  readonly shape: string;
  readonly flags?: 'i';
  readonly kind?: MaskKind;
  readonly chars_min?: number;
  /** A checksum, or a last look. */
  readonly accept?: (match: string) => boolean;
};

/** A pattern made of one expression. */
export function shaped({ flags, kind = 'secret', chars_min = 1, ...form }: Shape): Pattern {
  const { label, anchors, shape, accept } = form;
  const regex = new RegExp(shape, `gd${flags ?? ''}`);
  return {
    label,
    kind,
    anchors,
    chars_min,
    *find(text) {
      for (const match of matchesOf(regex, text)) {
        const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
        if (end > start && accept?.(text.slice(start, end)) !== false) yield { start, end, kind, label };
        // What was turned down may hide a match that begins inside it.
        else regex.lastIndex = match.index + 1;
      }
    },
  };
}

/** Like matchAll, but the caller may move `regex.lastIndex` between matches. */
export function* matchesOf(regex: RegExp, text: string): Generator<RegExpExecArray> {
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    if (match[0] === '') regex.lastIndex += 1;
    yield match;
  }
}

export type PatternDetectorOptions = {
  readonly name: string;
  readonly patterns: readonly Pattern[];
  readonly hit_chars_max: number;
};

/** Tries the patterns whose anchors occur, on the text and on its unescaped view. */
export function createPatternDetector({ name, patterns, hit_chars_max }: PatternDetectorOptions): Detector {
  const scanner = new Scanner('folded');
  for (const [id, { anchors }] of patterns.entries()) for (const anchor of anchors) scanner.add(anchor, id);
  const kinds = [...new Set(patterns.map(({ kind }) => kind))];
  const numbered = [...patterns.entries()];
  const unanchored = numbered.filter(([, { anchors }]) => anchors.length === 0);
  const findIn = (text: string): readonly Hit[] => {
    let wanted: Set<number> | undefined;
    scanner.scan(text, (id) => {
      wanted ??= new Set();
      wanted.add(id);
    });
    const hits: Hit[] = [];
    for (const [id, pattern] of wanted === undefined ? unanchored : numbered) {
      if (text.length < pattern.chars_min) continue;
      if (pattern.anchors.length === 0 || wanted?.has(id) === true) hits.push(...pattern.find(text));
    }
    return hits;
  };
  return {
    name,
    kinds,
    hit_chars_max,
    find(text) {
      const view = decodedView(text);
      return view === text
        ? findIn(text)
        : [...findIn(text), ...findIn(view).map((hit) => trimmed(hit, text, view))];
    },
  };
}

/** A blanked escape at the edge of a hit is the text's own quoting, not the value's. */
function trimmed(hit: Hit, text: string, view: string): Hit {
  const blanked = (at: number): boolean => view[at] === ' ' && text[at] !== ' ';
  let { start, end } = hit;
  while (end - start > 1 && blanked(end - 1)) end -= 1;
  while (end - start > 1 && blanked(start)) start += 1;
  return { ...hit, start, end };
}
