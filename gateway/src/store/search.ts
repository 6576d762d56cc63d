/**
 * Finding rows by words. A table whose name begins with `search_` has the key `rowid` and columns of words apart by
 * spaces; `search_x MATCHES $n` in a WHERE holds for rows that have all that is wanted, `$n` being what `wanted` makes.
 * Each adapter keeps such a table its own way. It takes words as they are: making them of text is the caller's.
 */
export type Wanted = {
  readonly column: string;
  /** Words that stand next to each other, in this order. */
  readonly words: readonly string[];
  /** The last of them may go on. */
  readonly begins?: true;
};

/** Letters, digits and marks: nothing a search language could mean something by. */
export const WORD = /^[\p{L}\p{N}\p{M}]+$/u;
const COLUMN = /^[a-z]+$/;

/** The parameter of a `MATCHES`. @throws RangeError for nothing wanted, or what is no word */
export function wanted(all: readonly Wanted[]): string {
  const sound = all.every(
    ({ column, words }) => COLUMN.test(column) && words.length > 0 && words.every((word) => WORD.test(word)),
  );
  if (!sound || all.length === 0) throw new RangeError('a search wants words, of letters and digits only');
  return JSON.stringify(all);
}

/** What a `MATCHES` was given, read back. @throws RangeError unless `wanted` made it */
export function readWanted(parameter: unknown): readonly Wanted[] {
  if (typeof parameter !== 'string') throw new RangeError('MATCHES takes what `wanted` makes');
  const all = JSON.parse(parameter) as readonly Wanted[];
  if (wanted(all) !== parameter) throw new RangeError('MATCHES takes what `wanted` makes');
  return all;
}
