/** The known name a misspelt one probably meant, if any is near enough to be worth saying. */
export function likelySpelling(wrong: string, known: Iterable<string>): string | undefined {
  if (wrong.length > 100) return undefined;
  const folded = fold(wrong);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    if (name.length > 100) continue;
    const away = fold(name) === folded ? 0 : distance(wrong.toLowerCase(), name.toLowerCase(), least);
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** `read_only-hint` and `readOnlyHint` are the same word to a person. */
const fold = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, '');

/** Edits between two words, a swap of neighbours counting as one; stops at `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(cell({ a, b, i, j, before, row, next }));
    [before, row] = [row, next];
  }
  return row[b.length] ?? limit;
}

type Cell = {
  readonly a: string;
  readonly b: string;
  readonly i: number;
  readonly j: number;
  readonly before: readonly number[];
  readonly row: readonly number[];
  readonly next: readonly number[];
};

function cell({ a, b, i, j, before, row, next }: Cell): number {
  const same = a[i - 1] === b[j - 1];
  const edit = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(edit, (before[j - 2] ?? 0) + 1) : edit;
}
