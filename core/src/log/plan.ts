import { LogError } from './error.ts';
import { nodeHash } from './hash.ts';

/** The perfect subtree over entries [index × 2^level, (index + 1) × 2^level). */
export type TreeNode = { readonly level: number; readonly index: number };

/** The hash of a perfect subtree that the tree already has. */
export type HashReader = (node: TreeNode) => Uint8Array;

/** One hash of a proof for each step, each from the nodes whose right-to-left fold it is: planned first, so that tiles can be fetched together. */
export type ProofPlan = readonly (readonly TreeNode[])[];

/** Where a tree of `size` > 1 splits: the largest power of two below it (RFC 6962 §2.1). */
function splitOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The perfect subtrees that make up entries [start, end), left to right. `start` is where a subtree of this length may start. */
export function nodesOf(start: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** The root of a tree of `size` ≥ 1, as a plan of one step. */
export function rootPlan(size: number): ProofPlan {
  checkSize(size);
  if (size === 0) throw new LogError('out-of-range', 'An empty tree has no nodes: its root is emptyRoot()');
  return [nodesOf(0, size)];
}

/** RFC 6962 §2.1.1, PATH(index, D[size]): from the leaf's sibling up. */
export function inclusionPlan(index: number, size: number): ProofPlan {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new LogError('out-of-range', `Index ${index} is not in a tree of ${size}`);
  }
  const steps: TreeNode[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      steps.push(nodesOf(middle, end));
      end = middle;
    } else {
      steps.push(nodesOf(start, middle));
      start = middle;
    }
  }
  return steps.reverse();
}

/** RFC 6962 §2.1.2, PROOF(from, D[to]). Nothing to prove from an empty tree or to the same tree. */
export function consistencyPlan(from: number, to: number): ProofPlan {
  checkSize(from);
  checkSize(to);
  if (from > to) throw new LogError('out-of-range', `A tree of ${from} is not older than a tree of ${to}`);
  if (from === 0 || from === to) return [];
  const steps: TreeNode[][] = [];
  let start = 0;
  let end = to;
  while (end !== from) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      steps.push(nodesOf(middle, end));
      end = middle;
    } else {
      steps.push(nodesOf(start, middle));
      start = middle;
    }
  }
  // The old tree's own root is known to the verifier; any other remaining subtree is not.
  if (start !== 0) steps.push(nodesOf(start, end));
  return steps.reverse();
}

/** Carries out a plan: one hash a step. */
export function proofFrom(plan: ProofPlan, read: HashReader): Uint8Array[] {
  return plan.map((nodes) => foldRight(nodes.map(read)));
}

/** The hash over neighbouring perfect subtrees, largest first. */
export function foldRight(hashes: readonly Uint8Array[]): Uint8Array {
  const last = hashes.at(-1);
  if (last === undefined) throw new LogError('out-of-range', 'No hashes to fold');
  let whole = last;
  for (let at = hashes.length - 2; at >= 0; at -= 1) whole = nodeHash(hashes[at] as Uint8Array, whole);
  return whole;
}

export function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0)
    throw new LogError('out-of-range', `${size} is not a tree size`);
}
