/**
 * Which lines go and which come between two texts (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986). Bounded: texts that differ too much are told as one taken out and the other put in, which is as true.
 */
export type Edit = { readonly kind: 'same' | 'gone' | 'new'; readonly line: string };

/** Lines gone and new, together, past which the shortest way is not looked for. */
const DISTANCE_MAX = 1_000;

export function diffLines(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const head = countWhile(Math.min(before.length, after.length), (at) => before[at] === after[at]);
  const rest = Math.min(before.length, after.length) - head;
  const tail = countWhile(rest, (at) => before.at(-1 - at) === after.at(-1 - at));
  const [a, b] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const same = (line: string): Edit => ({ kind: 'same', line });
  return [
    ...before.slice(0, head).map(same),
    ...(shortest(a, b) ?? replaced(a, b)),
    ...before.slice(before.length - tail).map(same),
  ];
}

const countWhile = (most: number, holds: (at: number) => boolean): number => {
  let count = 0;
  while (count < most && holds(count)) count += 1;
  return count;
};

const replaced = (a: readonly string[], b: readonly string[]): readonly Edit[] => [
  ...a.map((line): Edit => ({ kind: 'gone', line })),
  ...b.map((line): Edit => ({ kind: 'new', line })),
];

/** Undefined when it is too far from one to the other. */
function shortest(a: readonly string[], b: readonly string[]): readonly Edit[] | undefined {
  const most = Math.min(a.length + b.length, DISTANCE_MAX);
  /** How far along `a` each diagonal has come; a copy for each distance, to find the way back. */
  const trace: Int32Array[] = [];
  const reached = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let distance = 0; distance <= most; distance += 1) {
    trace.push(reached.slice(middle - distance - 1, middle + distance + 2));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = nextX((at) => reached[middle + at] ?? 0, diagonal, distance);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      reached[middle + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return wayBack(a, b, trace);
    }
  }
  return undefined;
}

/** One step down (a line of `b`) or right (a line of `a`), from the neighbour that has come further. */
const nextX = (x: (diagonal: number) => number, diagonal: number, distance: number): number =>
  isDown(x, diagonal, distance) ? x(diagonal + 1) : x(diagonal - 1) + 1;
const isDown = (x: (diagonal: number) => number, diagonal: number, distance: number): boolean =>
  diagonal === -distance || (diagonal !== distance && x(diagonal - 1) < x(diagonal + 1));

function wayBack(a: readonly string[], b: readonly string[], trace: readonly Int32Array[]): readonly Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [a.length, b.length];
  for (let distance = trace.length - 1; distance >= 0; distance -= 1) {
    const row = trace[distance];
    const at = (diagonal: number): number => row?.[diagonal + distance + 1] ?? 0;
    const diagonal = x - y;
    const down = isDown(at, diagonal, distance);
    const from = distance === 0 ? 0 : down ? at(diagonal + 1) : at(diagonal - 1);
    const begun = distance === 0 ? 0 : down ? from : from + 1;
    for (; x > begun; x -= 1, y -= 1) edits.push({ kind: 'same', line: a[x - 1] ?? '' });
    if (distance === 0) break;
    edits.push(down ? { kind: 'new', line: b[y - 1] ?? '' } : { kind: 'gone', line: a[x - 1] ?? '' });
    if (down) y -= 1;
    else x -= 1;
  }
  return edits.reverse();
}
