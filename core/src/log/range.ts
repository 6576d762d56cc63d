import { LogError } from './error.ts';
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.ts';
import { checkSize, foldRight, nodesOf, type TreeNode } from './plan.ts';

/**
 * All a log needs in memory to grow: the hashes of the perfect subtrees of its `size` entries, largest first. At most 53
 * of them; appending costs one hash on average.
 */
export class CompactRange {
  #size: number;
  readonly #hashes: Uint8Array[];

  /** `hashes` are those of `nodesOf(0, size)`, as `hashes()` gave them or as read from tiles. */
  constructor(size = 0, hashes: readonly Uint8Array[] = []) {
    checkSize(size);
    if (hashes.length !== nodesOf(0, size).length || hashes.some((hash) => hash.length !== HASH_BYTES)) {
      throw new LogError(
        'out-of-range',
        `These are not the ${nodesOf(0, size).length} subtree hashes of a tree of ${size}`,
      );
    }
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  hashes(): readonly Uint8Array[] {
    return [...this.#hashes];
  }

  clone(): CompactRange {
    return new CompactRange(this.#size, this.#hashes);
  }

  /** Adds a leaf hash; `visit` is told every perfect subtree this completes, the leaf first. */
  append(leaf: Uint8Array, visit?: (node: TreeNode, hash: Uint8Array) => void): void {
    if (leaf.length !== HASH_BYTES) throw new LogError('out-of-range', 'A leaf hash is 32 bytes');
    let hash = leaf;
    let index = this.#size;
    visit?.({ level: 0, index }, hash);
    for (let level = 1; index % 2 === 1; level += 1) {
      const left = this.#hashes.pop();
      if (left === undefined) throw new LogError('out-of-range', 'The range lost a subtree');
      hash = nodeHash(left, hash);
      index = (index - 1) / 2;
      visit?.({ level, index }, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  root(): Uint8Array {
    return this.#size === 0 ? emptyRoot() : foldRight(this.#hashes);
  }
}
