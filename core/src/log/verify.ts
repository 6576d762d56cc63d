import { equalBytes } from '../encoding/bytes.ts';
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.ts';

export type Inclusion = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

export type Consistency = {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
};

/** RFC 9162 §2.1.3.2. Whether a tree of `size` with this root holds the leaf hash at this index. */
export function verifyInclusion(claim: Inclusion, root: Uint8Array): boolean {
  const computed = rootFromInclusion(claim);
  return computed !== undefined && equalBytes(computed, root);
}

/** The root the proof leads to, or `undefined` when the proof does not fit the position. Trust it only if signed. */
export function rootFromInclusion({ index, size, leaf, proof }: Inclusion): Uint8Array | undefined {
  if (!isPosition(index) || !isPosition(size) || index >= size || !areHashes([leaf, ...proof]))
    return undefined;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      // On the right border a node without a sibling is its own parent: climb until it has one.
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 ? hash : undefined;
}

/** RFC 9162 §2.1.4.2. Whether the older tree is a prefix of the newer. Every tree continues the empty one. */
export function verifyConsistency({ from, to, fromRoot, toRoot, proof }: Consistency): boolean {
  if (!isPosition(from) || !isPosition(to) || from > to || !areHashes([fromRoot, toRoot, ...proof]))
    return false;
  if (from === to)
    return proof.length === 0 && equalBytes(fromRoot, toRoot) && (from > 0 || isEmptyRoot(fromRoot));
  if (from === 0) return proof.length === 0 && isEmptyRoot(fromRoot);
  let node = from - 1;
  let last = to - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // node is 0 exactly when the old tree is one perfect subtree: its root then starts the path unsent.
  const [start, ...path] = node === 0 ? [fromRoot, ...proof] : proof;
  if (start === undefined || proof.length === 0) return false;
  let older = start;
  let newer = start;
  for (const hash of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newer = nodeHash(newer, hash);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(older, fromRoot) && equalBytes(newer, toRoot);
}

// Arithmetic, not bit operators: those stop at 32 bits.
const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function isEmptyRoot(root: Uint8Array): boolean {
  return equalBytes(root, emptyRoot());
}
