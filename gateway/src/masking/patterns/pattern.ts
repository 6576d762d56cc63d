// A pattern is an anchor and a regular expression. The anchor is a literal at a known distance from where a match begins;
// one pass over the text finds all anchors of all patterns, and an expression is tried only there. Every quantifier is
// bounded, so time grows with the text and a match has a longest length (ReDoS; I15).
import type { Detector, Hit, MaskKind } from '../detector.ts';
import { Scanner } from '../scan.ts';
import { decodedView, type View } from './view.ts';

export type Pattern = {
  readonly label: string;
  readonly kind: MaskKind;
  /** Literals, at least three characters, case-blind; one occurs in every match. None: asked about every text. */
  readonly anchors: readonly string[];
  /** Finds hits, given where its anchors stand, in order. Sticky state must not leak from one call to the next. */
  find(text: string, anchored: readonly number[]): Iterable<Hit>;
};

export type Shape = {
  readonly label: string;
  readonly anchors: readonly string[];
  /** How many characters before an anchor a match can begin, least and most. Default: it begins with the anchor. */
  readonly before?: readonly [least: number, most: number];
  /** Source of the expression; group 1, if there is one, is what is masked. */
  readonly shape: string;
  readonly flags?: 'i';
  readonly kind?: MaskKind;
  readonly chars_min?: number;
  /** What is accepted has a digit this near after its anchor: where there is none, nothing is tried. */
  readonly digit_within?: number;
  /** A checksum, or a last look. */
  readonly accept?: (match: string) => boolean;
};

/** A pattern made of one expression. */
export function shaped(form: Shape): Pattern {
  const { label, anchors, shape, flags = '', kind = 'secret', before = [0, 0] } = form;
  const { digit_within = Number.POSITIVE_INFINITY } = form;
  const where = new RegExp(shape, `${anchors.length > 0 ? 'y' : 'g'}d${flags}`);
  const found = (match: RegExpExecArray): Hit | undefined => {
    const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
    if (end <= start || form.accept?.(match.input.slice(start, end)) === false) return undefined;
    return { start, end, kind, label };
  };
  const find =
    anchors.length > 0
      ? (text: string, anchored: readonly number[]) =>
          findAnchored(text, anchored, { where, found, before, digit_within })
      : (text: string) => findAnywhere(text, { where, found, chars_min: form.chars_min ?? 1 });
  return { label, kind, anchors, find };
}

type Expression = {
  readonly where: RegExp;
  /** Undefined: it does not count. */
  readonly found: (match: RegExpExecArray) => Hit | undefined;
};

type AnchoredExpression = Expression & {
  readonly before: readonly [least: number, most: number];
  readonly digit_within: number;
};

const DIGIT = /[0-9]/g;

function nextDigit(text: string, from: number): number {
  DIGIT.lastIndex = from;
  return DIGIT.exec(text)?.index ?? Number.POSITIVE_INFINITY;
}

function findAnchored(
  text: string,
  anchored: readonly number[],
  { where, found, before: [least, most], digit_within }: AnchoredExpression,
): readonly Hit[] {
  const hits: Hit[] = [];
  let done = 0;
  let digit = -1;
  for (const anchor of anchored) {
    if (digit_within < text.length) {
      if (digit < anchor) digit = nextDigit(text, anchor);
      if (digit > anchor + digit_within) continue;
    }
    for (let start = Math.max(done, anchor - most); start <= anchor - least; start += 1) {
      where.lastIndex = start;
      const match = where.exec(text);
      const hit = match === null ? undefined : found(match);
      if (match === null || hit === undefined) continue;
      hits.push(hit);
      done = start + match[0].length;
    }
  }
  return hits;
}

function* findAnywhere(
  text: string,
  { where, found, chars_min }: Expression & { readonly chars_min: number },
): Generator<Hit> {
  if (text.length < chars_min) return;
  where.lastIndex = 0;
  for (let match = where.exec(text); match !== null; match = where.exec(text)) {
    const hit = found(match);
    if (hit !== undefined) yield hit;
    // What was turned down may hide a match that begins inside it.
    else where.lastIndex = match.index + 1;
  }
}

export type PatternDetectorOptions = {
  readonly name: string;
  readonly patterns: readonly Pattern[];
  readonly hit_chars_max: number;
};

/** Tries the patterns where their anchors occur, in the text and in its unescaped view. */
export function createPatternDetector({ name, patterns, hit_chars_max }: PatternDetectorOptions): Detector {
  const scanner = new Scanner('folded');
  for (const [id, { anchors }] of patterns.entries()) for (const anchor of anchors) scanner.add(anchor, id);
  const kinds = [...new Set(patterns.map(({ kind }) => kind))];
  const unanchored = patterns.filter(({ anchors }) => anchors.length === 0);
  const findIn = (text: string, view?: View): Hit[] => {
    const hits: Hit[] = [];
    for (const pattern of unanchored) for (const hit of pattern.find(text, NOWHERE)) hits.push(hit);
    // In their order: of two that find the same, the first one names it.
    for (const [id, anchored] of anchorsIn(text, scanner, view).entries())
      if (anchored !== undefined) for (const hit of patterns[id]?.find(text, anchored) ?? []) hits.push(hit);
    return hits;
  };
  return {
    name,
    kinds,
    hit_chars_max,
    find(text) {
      const hits = findIn(text);
      const view = decodedView(text);
      if (view === undefined) return hits;
      for (const hit of findIn(view.text, view)) hits.push(trimmed(hit, text, view.text));
      return hits;
    },
  };
}

const NOWHERE: readonly number[] = [];
/** A match that the view changes has an escape this near to its anchor: at its edge, or within a value of any length. */
const NEAR_BEFORE = 64;
const NEAR_AFTER = 8_192;

/** By pattern, where its anchors stand, in order; in a view, only those near something that was blanked. */
type Anchored = readonly (readonly number[] | undefined)[];
const NO_ANCHORS: Anchored = [];

function anchorsIn(text: string, scanner: Scanner, view: View | undefined): Anchored {
  let anchored: number[][] | undefined;
  let next = 0;
  scanner.scan(text, (id, start) => {
    if (view !== undefined) {
      while ((view.blanked[next] ?? Number.POSITIVE_INFINITY) < start - NEAR_BEFORE) next += 1;
      if ((view.blanked[next] ?? Number.POSITIVE_INFINITY) > start + NEAR_AFTER) return;
    }
    anchored ??= [];
    anchored[id] ??= [];
    const at = anchored[id];
    if (at[at.length - 1] !== start) at.push(start);
  });
  return anchored ?? NO_ANCHORS;
}

/** A blanked escape at the edge of a hit is the text's own quoting, not the value's. */
function trimmed(hit: Hit, text: string, view: string): Hit {
  const blanked = (at: number): boolean => view.charCodeAt(at) === SPACE && text.charCodeAt(at) !== SPACE;
  let { start, end } = hit;
  while (end - start > 1 && blanked(end - 1)) end -= 1;
  while (end - start > 1 && blanked(start)) start += 1;
  return start === hit.start && end === hit.end ? hit : { ...hit, start, end };
}

const SPACE = 0x20;
