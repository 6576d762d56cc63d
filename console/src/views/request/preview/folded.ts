/** A difference as it is read: what changed with a little around it; what did not is folded away, counted. Pure. */
import { patchSigns } from '@countersign/core';
import { type DiffLine, diffLines } from '../action/changes.ts';

export type Piece =
  | { readonly kind: 'lines'; readonly lines: readonly DiffLine[] }
  | { readonly kind: 'folded'; readonly lines: readonly DiffLine[] };

const AROUND = 3;
/** Fewer are not worth a fold. */
const FOLDED_MIN = 4;

export function folded(before: string, after: string): readonly Piece[] {
  return pieces(between(linesIn(before), linesIn(after)));
}

/** A text that ends its last line has no line after it. */
export const linesIn = (text: string): readonly string[] => {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
};

/** What is alike at both ends is not compared: it is most of a file. */
function between(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (text: string): DiffLine => ({ sign: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...diffLines(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

function pieces(lines: readonly DiffLine[]): readonly Piece[] {
  const near = new Set<number>();
  for (const [at, { sign }] of lines.entries())
    if (sign !== ' ') for (let each = at - AROUND; each <= at + AROUND; each += 1) near.add(each);
  const found: { kind: Piece['kind']; lines: DiffLine[] }[] = [];
  for (const [at, line] of lines.entries()) {
    const kind = near.has(at) ? 'lines' : 'folded';
    const last = found.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else found.push({ kind, lines: [line] });
  }
  return found.map((piece) => (piece.lines.length < FOLDED_MIN ? { ...piece, kind: 'lines' } : piece));
}

/** A patch in unified form, as lines with signs; its heads are lines like any other. */
export function patchLines(text: string): readonly DiffLine[] {
  const lines = linesIn(text);
  const signs = patchSigns(lines);
  return lines.map((line, at) => {
    const { sign, head } = signs[at] ?? { sign: ' ', head: true };
    return { sign, text: head ? line : line.slice(1) };
  });
}
