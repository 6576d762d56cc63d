import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectors } from '../../testing/vectors.ts';
import { decodeHex, encodeHex } from '../encoding/hex.ts';
import { leafHash } from './hash.ts';
import { consistencyPlan, type HashReader, inclusionPlan, proofFrom } from './plan.ts';
import { CompactRange } from './range.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

type Tree = {
  readonly entries_hex: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly {
    readonly index: number;
    readonly size: number;
    readonly proof: readonly string[];
  }[];
  readonly consistency: readonly {
    readonly from: number;
    readonly to: number;
    readonly proof: readonly string[];
  }[];
};

const tree = vectors<Tree>('log/tree.json');
const leaves = tree.entries_hex.map((entry) => leafHash(decodeHex(entry)));
const nodes = new Map<string, Uint8Array>();
const range = new CompactRange();
const roots = [
  range.root(),
  ...leaves.map((leaf) => {
    range.append(leaf, ({ level, index }, hash) => nodes.set(`${level}/${index}`, hash));
    return range.root();
  }),
];
const read: HashReader = ({ level, index }) =>
  nodes.get(`${level}/${index}`) ?? assert.fail(`no node ${level}/${index}`);
const rootAt = (size: number): Uint8Array => decodeHex(tree.roots[size] ?? assert.fail(`no root ${size}`));
const hexes = (hashes: readonly Uint8Array[]): string[] => hashes.map(encodeHex);

test('roots of every size', () => {
  assert.deepEqual(hexes(roots), tree.roots);
});

test("the root of Certificate Transparency's eight reference entries", () => {
  assert.equal(tree.roots[8], '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('inclusion proofs are built as the definition builds them, and verify', () => {
  for (const { index, size, proof } of tree.inclusion) {
    assert.deepEqual(hexes(proofFrom(inclusionPlan(index, size), read)), proof, `${index} in ${size}`);
    const leaf = leaves[index] ?? assert.fail(`no leaf ${index}`);
    assert.ok(
      verifyInclusion({ index, size, leaf, proof: proof.map(decodeHex) }, rootAt(size)),
      `${index} in ${size}`,
    );
  }
});

test('consistency proofs are built as the definition builds them, and verify', () => {
  for (const { from, to, proof } of tree.consistency) {
    assert.deepEqual(hexes(proofFrom(consistencyPlan(from, to), read)), proof, `${from} → ${to}`);
    const claim = { from, to, fromRoot: rootAt(from), toRoot: rootAt(to), proof: proof.map(decodeHex) };
    assert.ok(verifyConsistency(claim), `${from} → ${to}`);
  }
});
