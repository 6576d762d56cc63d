// Which lines of a patch in unified form come and go. Inside a hunk every line is by its sign, as many as its head counts:
// what is taken away may begin with dashes itself, and is no head of a file for that (A1, A4).

export type PatchSign = '+' | '-' | ' ';

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/** For each line, whether it comes, goes, or stands there; heads stand there. */
export function patchSigns(
  lines: readonly string[],
): readonly { readonly sign: PatchSign; readonly head: boolean }[] {
  let [before, after] = [0, 0];
  return lines.map((line) => {
    const first = line.charAt(0);
    if ((before > 0 || after > 0) && first !== '\\') {
      if (first !== '+') before -= 1;
      if (first !== '-') after -= 1;
      return first === '+' || first === '-'
        ? { sign: first, head: false }
        : { sign: ' ', head: first !== ' ' };
    }
    const hunk = HUNK.exec(line);
    if (hunk !== null) [before, after] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
    const head = /^(?:\+\+\+ |--- |[^ +-]|$)/.test(line);
    return { sign: !head && (first === '+' || first === '-') ? first : ' ', head };
  });
}
