// Puts marks where hits were. A mark says what was there and, unless asked, not how long it was.
import type { Finding, Hit } from './detector.ts';

export const FAILED_LABEL = 'detector-failed';
export const TOO_LARGE_LABEL = 'too-large-to-check';
export const TOO_BUSY_LABEL = 'too-busy-to-check';
export const TOO_DEEP_LABEL = 'too-deep-to-check';

/** Hits that overlap become one; the longest names it, since the most specific pattern matches most. */
export function mergeHits(hits: readonly Hit[]): readonly Hit[] {
  if (areApart(hits)) return hits;
  const sorted = [...hits].sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Hit[] = [];
  let named = 0;
  for (const hit of sorted) {
    const last = merged.at(-1);
    if (last === undefined || hit.start >= last.end) {
      merged.push(hit);
      named = hit.end - hit.start;
    } else {
      const length = hit.end - hit.start;
      const { kind, label } = length > named ? hit : last;
      named = Math.max(named, length);
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, hit.end), kind, label };
    }
  }
  return merged;
}

/** In order already, and none overlaps the next: as one detector alone mostly answers. */
function areApart(hits: readonly Hit[]): boolean {
  let end = 0;
  for (const hit of hits) {
    if (hit.start < end) return false;
    end = hit.end;
  }
  return true;
}

/** `[masked: github-token]`, or with its length where a reviewer needs it. */
export function markOf(label: string, chars?: number): string {
  return chars === undefined ? `[masked: ${label}]` : `[masked: ${label}, ${chars} characters]`;
}

const MARK = /^\[masked: [a-z0-9 -]{1,60}(?:, \d{1,9} characters)?\]$/;

/** True for text that is one of our marks already: masking twice changes nothing. */
export function isMark(text: string): boolean {
  return text.startsWith('[masked: ') && MARK.test(text);
}

/** Enough to tell what a text is like; all of it is masked. */
export const FINDINGS_MAX = 1_000;

export type Marked = {
  readonly text: string;
  /** The first FINDINGS_MAX. */
  readonly findings: readonly Finding[];
};
export type MarkOptions = { readonly lengths?: boolean };

/** Replaces merged hits by marks. */
export function putMarks(text: string, hits: readonly Hit[], { lengths = false }: MarkOptions = {}): Marked {
  if (hits.length === 0) return { text, findings: [] };
  const findings: Finding[] = [];
  let out = '';
  let at = 0;
  for (const { start, end, kind, label } of hits) {
    out += text.slice(at, start);
    const chars = lengths ? end - start : undefined;
    if (findings.length < FINDINGS_MAX)
      findings.push({ kind, label, offset: out.length, ...(chars === undefined ? {} : { chars }) });
    out += markOf(label, chars);
    at = end;
  }
  return { text: out + text.slice(at), findings };
}

/** The whole text as one mark: nothing in it could be judged (fail closed). */
export function maskWhole(label: string): Marked {
  return { text: markOf(label), findings: [{ kind: 'failure', label, offset: 0 }] };
}
