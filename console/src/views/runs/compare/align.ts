/**
 * Two runs laid side by side: which call of the one stands for which of the other. Pure. By what the gateway says of each:
 * `same` for identical calls, `shape` for one tool with the same argument names, then the tool alone; order is kept.
 */
import type { TrailStep } from '@countersign/sdk';

export type Pair<T> =
  | { readonly kind: 'same' | 'other-arguments' | 'other-end'; readonly left: T; readonly right: T }
  | { readonly kind: 'left-only'; readonly left: T }
  | { readonly kind: 'right-only'; readonly right: T };

export type Stepped = Pick<TrailStep, 'same' | 'shape' | 'resource' | 'upstream' | 'outcome'>;

/** Above this the table would be larger than a page can hold: the rest is laid one below the other. */
export const STEPS_MAX = 400;

/** How well two calls stand for each other; 0: not at all. */
function likeness(left: Stepped, right: Stepped): number {
  if (left.same !== undefined && left.same === right.same) return 4;
  if (left.shape === right.shape) return 2;
  return left.resource === right.resource && left.upstream === right.upstream ? 1 : 0;
}

function kindOf(left: Stepped, right: Stepped): 'same' | 'other-arguments' | 'other-end' {
  if (left.same === undefined || left.same !== right.same) return 'other-arguments';
  return left.outcome === right.outcome ? 'same' : 'other-end';
}

/** The alignment with the greatest likeness in all, by the usual table of prefixes. */
export function align<T extends Stepped>(left: readonly T[], right: readonly T[]): readonly Pair<T>[] {
  const [a, b] = [left.slice(0, STEPS_MAX), right.slice(0, STEPS_MAX)];
  const best = table(a, b);
  const width = b.length + 1;
  const at = (i: number, j: number): number => best[i * width + j] ?? 0;
  const pairs: Pair<T>[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && other !== undefined) {
      const like = likeness(one, other);
      if (like > 0 && at(i, j) === like + at(i + 1, j + 1)) {
        pairs.push({ kind: kindOf(one, other), left: one, right: other });
        i += 1;
        j += 1;
        continue;
      }
    }
    if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ kind: 'left-only', left: one });
      i += 1;
    } else if (other !== undefined) {
      pairs.push({ kind: 'right-only', right: other });
      j += 1;
    }
  }
  return [
    ...pairs,
    ...left.slice(STEPS_MAX).map((step) => ({ kind: 'left-only', left: step }) as const),
    ...right.slice(STEPS_MAX).map((step) => ({ kind: 'right-only', right: step }) as const),
  ];
}

/** `best[i][j]`: the most likeness what is left of both, from there on, can come to. */
function table(a: readonly Stepped[], b: readonly Stepped[]): Float64Array {
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [left, right] = [a[i], b[j]];
      if (left === undefined || right === undefined) continue;
      const like = likeness(left, right);
      const both = like === 0 ? 0 : like + (best[(i + 1) * width + j + 1] ?? 0);
      best[i * width + j] = Math.max(both, best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
    }
  return best;
}
