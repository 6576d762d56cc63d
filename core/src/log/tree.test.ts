import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equalBytes } from '../encoding/bytes.ts';
import { encodeHex } from '../encoding/hex.ts';
import { LogError } from './error.ts';
import { emptyRoot, leafHash, nodeHash } from './hash.ts';
import { consistencyPlan, type HashReader, inclusionPlan, proofFrom, rootPlan } from './plan.ts';
import { CompactRange } from './range.ts';
import { rootFromInclusion, verifyConsistency, verifyInclusion } from './verify.ts';

const SMALL = 64;
const leaves = Array.from({ length: 600 }, (_, index) => leafHash(Uint8Array.of(index >>> 8, index)));

/** RFC 6962 §2.1 as written: the definition everything faster is held against. */
function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return emptyRoot();
  if (hashes.length === 1) return first;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(definedRoot(hashes.slice(0, split)), definedRoot(hashes.slice(split)));
}

const read: HashReader = ({ level, index }) =>
  definedRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
const roots = Array.from({ length: SMALL + 1 }, (_, size) => definedRoot(leaves.slice(0, size)));
const rootOf = (size: number): Uint8Array => roots[size] ?? definedRoot(leaves.slice(0, size));
const leafAt = (index: number): Uint8Array => leaves[index] ?? assert.fail(`no leaf ${index}`);

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Every way to spoil a proof by one step: a flipped bit in each hash, each hash missing, doubled, or a stranger added. */
function* spoiled(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [at, hash] of proof.entries()) {
    yield proof.with(at, flip(hash, (at * 37) % 256));
    yield proof.toSpliced(at, 1);
    yield proof.toSpliced(at, 0, hash);
    yield proof.with(at, hash.slice(0, 31));
    const next = proof[at + 1];
    if (next !== undefined) yield proof.with(at, next).with(at + 1, hash);
  }
  yield [...proof, emptyRoot()];
  yield [emptyRoot(), ...proof];
}

test('the compact range has the root RFC 6962 defines, at every size', () => {
  const range = new CompactRange();
  for (let size = 0; size <= SMALL; size += 1) {
    assert.equal(encodeHex(range.root()), encodeHex(rootOf(size)), `size ${size}`);
    assert.equal(encodeHex(new CompactRange(size, range.hashes()).root()), encodeHex(rootOf(size)));
    if (size > 0)
      assert.equal(encodeHex(proofFrom(rootPlan(size), read)[0] ?? leafAt(0)), encodeHex(rootOf(size)));
    range.append(leafAt(size));
  }
});

test('appending reports each completed subtree, once, with its hash', () => {
  const range = new CompactRange();
  const seen = new Set<string>();
  for (let size = 0; size < SMALL; size += 1) {
    range.append(leafAt(size), (node, hash) => {
      assert.ok(equalBytes(hash, read(node)), `${node.level}/${node.index}`);
      seen.add(`${node.level}/${node.index}`);
    });
  }
  assert.equal(seen.size, 2 * SMALL - 1);
});

test('every inclusion proof verifies, and no spoiled one does', () => {
  for (let size = 1; size <= SMALL; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const claim = { index, size, leaf: leafAt(index), proof: proofFrom(inclusionPlan(index, size), read) };
      const root = rootOf(size);
      assert.ok(verifyInclusion(claim, root), `${index} in ${size}`);
      for (const proof of spoiled(claim.proof))
        assert.ok(!verifyInclusion({ ...claim, proof }, root), `${index} in ${size}`);
      assert.ok(!verifyInclusion({ ...claim, leaf: flip(claim.leaf, index) }, root));
      assert.ok(!verifyInclusion(claim, flip(root, size)));
      assert.ok(!verifyInclusion({ ...claim, index: size }, root));
    }
  }
});

test('an inclusion proof verifies at its own index only', () => {
  for (let size = 1; size <= SMALL; size += 1) {
    const proof = proofFrom(inclusionPlan(0, size), read);
    for (let index = 1; index < size; index += 1) {
      assert.ok(
        !verifyInclusion({ index, size, leaf: leafAt(0), proof }, rootOf(size)),
        `${index} in ${size}`,
      );
    }
  }
});

test('every consistency proof verifies, and no spoiled one does', () => {
  for (let to = 1; to <= SMALL; to += 1) {
    for (let from = 0; from <= to; from += 1) {
      const proof = proofFrom(consistencyPlan(from, to), read);
      const claim = { from, to, fromRoot: rootOf(from), toRoot: rootOf(to), proof };
      assert.ok(verifyConsistency(claim), `${from} → ${to}`);
      for (const other of spoiled(proof))
        assert.ok(!verifyConsistency({ ...claim, proof: other }), `${from} → ${to}`);
      assert.ok(
        !verifyConsistency({ ...claim, fromRoot: flip(claim.fromRoot, to) }),
        `${from} → ${to} old root`,
      );
      if (from > 0)
        assert.ok(
          !verifyConsistency({ ...claim, toRoot: flip(claim.toRoot, from) }),
          `${from} → ${to} new root`,
        );
      if (from > 0 && from < to) {
        assert.ok(!verifyConsistency({ ...claim, from: to, to: from }));
        assert.ok(!verifyConsistency({ ...claim, fromRoot: claim.toRoot, toRoot: claim.fromRoot }));
      }
    }
  }
});

test('a history rewritten before the old head is never consistent with it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 200 }),
      fc.nat(),
      (from, more, pick) => {
        const to = from + more;
        const forged = leaves.with(pick % from, leafHash(new Uint8Array(3)));
        const readForged: HashReader = ({ level, index }) =>
          definedRoot(forged.slice(index * 2 ** level, (index + 1) * 2 ** level));
        const proof = proofFrom(consistencyPlan(from, to), readForged);
        const toRoot = definedRoot(forged.slice(0, to));
        return !verifyConsistency({ from, to, fromRoot: rootOf(from), toRoot, proof });
      },
    ),
    { numRuns: 60 },
  );
});

test('positions past 32 bits: proofs of a huge tree of equal leaves verify', () => {
  const leaf = leafAt(0);
  const perfect = [leaf];
  for (let level = 1; level < 53; level += 1) {
    const below = perfect[level - 1] ?? leaf;
    perfect.push(nodeHash(below, below));
  }
  const readEqual: HashReader = ({ level }) => perfect[level] ?? assert.fail(`level ${level}`);
  const size = fc.integer({ min: 2, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const [small, large] = a < b ? [a, b] : [b, a];
      const toRoot = proofFrom(rootPlan(large), readEqual)[0] ?? leaf;
      const fromRoot = proofFrom(rootPlan(small), readEqual)[0] ?? leaf;
      const proof = proofFrom(consistencyPlan(small, large), readEqual);
      assert.ok(verifyConsistency({ from: small, to: large, fromRoot, toRoot, proof }));
      const inclusion = {
        index: small - 1,
        size: large,
        leaf,
        proof: proofFrom(inclusionPlan(small - 1, large), readEqual),
      };
      assert.ok(verifyInclusion(inclusion, toRoot));
      assert.equal(rootFromInclusion({ ...inclusion, proof: inclusion.proof.slice(1) }), undefined);
    }),
    { numRuns: 200 },
  );
});

test('positions that do not exist are refused', () => {
  const outside: readonly (() => unknown)[] = [
    () => inclusionPlan(1, 1),
    () => inclusionPlan(-1, 1),
    () => inclusionPlan(0.5, 1),
    () => inclusionPlan(0, 2 ** 53),
    () => consistencyPlan(2, 1),
    () => rootPlan(0),
    () => new CompactRange(2, []),
    () => new CompactRange(1, [new Uint8Array(31)]),
  ];
  for (const call of outside) assert.throws(call, LogError, String(call));
  assert.throws(() => leafHash(new Uint8Array(65_536)), RangeError);
  assert.equal(rootFromInclusion({ index: 0, size: Number.NaN, leaf: leafAt(0), proof: [] }), undefined);
});
