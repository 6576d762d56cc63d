import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { vectors } from '../../../testing/vectors.ts';
import { encodeHex } from '../../encoding/hex.ts';
import { LogError } from '../error.ts';
import { HASH_BYTES, leafHash } from '../hash.ts';
import { consistencyPlan, inclusionPlan, proofFrom, rootPlan } from '../plan.ts';
import { CompactRange } from '../range.ts';
import { verifyConsistency, verifyInclusion } from '../verify.ts';
import { decodeEntryBundle, encodeEntryBundle } from './bundle.ts';
import { parseTilePath, TILE_WIDTH, type Tile, tilePath } from './coordinates.ts';
import { readerOverTiles, tileOf, tilesBetween, tilesFor } from './tree.ts';

type Counts = { readonly [level: string]: number };
type Vectors = {
  readonly paths: readonly (Tile & { readonly path: string })[];
  readonly not_paths: readonly string[];
  readonly trees: readonly {
    readonly from: number;
    readonly to: number;
    readonly full: Counts;
    readonly partial: Counts;
  }[];
};
const cases = vectors<Vectors>('log/tiles.json');

test('paths are as C2SP tlog-tiles writes them, and back', () => {
  for (const { path, ...tile } of cases.paths) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  }
});

for (const path of cases.not_paths) {
  test(`${JSON.stringify(path)} is no tile's path`, () => assert.equal(parseTilePath(path), undefined));
}

test('every tile has one path', () => {
  const level = fc.oneof(fc.constant('entries' as const), fc.nat({ max: 63 }));
  fc.assert(
    fc.property(level, fc.maxSafeNat(), fc.integer({ min: 1, max: TILE_WIDTH }), (at, index, width) => {
      assert.deepEqual(parseTilePath(tilePath({ level: at, index, width })), { level: at, index, width });
    }),
  );
  for (const bad of [
    { level: 64, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 0, width: 257 },
    { level: 0, index: 0, width: 0 },
  ]) {
    assert.throws(() => tilePath(bad), RangeError);
  }
});

for (const { from, to, full, partial } of cases.trees) {
  test(`tiles a tree gains from ${from} to ${to}`, () => {
    const gained = [...tilesBetween(from, to)];
    const counted: { [level: string]: number } = {};
    for (const { level, width } of gained)
      if (width === TILE_WIDTH) counted[level] = (counted[level] ?? 0) + 1;
    assert.deepEqual(counted, full);
    const widths = gained
      .filter(({ width }) => width < TILE_WIDTH)
      .map(({ level, width }) => [String(level), width] as const);
    assert.deepEqual(Object.fromEntries(widths), partial);
    assert.equal(new Set(gained.map(tilePath)).size, gained.length, 'each once');
  });
}

/** A log that writes tiles as it grows in steps, and keeps every tile it ever wrote, as immutable files are. */
function grown(sizes: readonly number[]): { files: Map<string, Uint8Array>; roots: Map<number, Uint8Array> } {
  const levels: Uint8Array[][] = [];
  const range = new CompactRange();
  const files = new Map<string, Uint8Array>();
  const roots = new Map<number, Uint8Array>();
  let before = 0;
  for (const size of sizes) {
    for (let index = before; index < size; index += 1) {
      range.append(leafHash(Uint8Array.of(index >>> 16, index >>> 8, index)), ({ level }, hash) => {
        if (level % 8 !== 0) return;
        const at = level / 8;
        levels[at] ??= [];
        levels[at].push(hash);
      });
    }
    for (const tile of tilesBetween(before, size)) {
      if (tile.level === 'entries') continue;
      const start = tile.index * TILE_WIDTH;
      const hashes = levels[tile.level]?.slice(start, start + tile.width) ?? [];
      assert.equal(hashes.length, tile.width, `${tilePath(tile)} has all its hashes`);
      assert.ok(!files.has(tilePath(tile)), 'a tile is written once');
      files.set(tilePath(tile), new Uint8Array(Buffer.concat(hashes)));
    }
    roots.set(size, range.root());
    before = size;
  }
  return { files, roots };
}

test('proofs and roots built from tiles verify, for every pair of published sizes', () => {
  const sizes = [1, 2, 3, 200, 255, 256, 257, 300, 511, 512, 513, 65_535, 65_536, 65_537, 66_000];
  const { files, roots } = grown(sizes);
  const rootAt = (size: number): Uint8Array => roots.get(size) ?? assert.fail(`no root ${size}`);
  for (const to of sizes) {
    const asked = new Set<string>();
    const read = readerOverTiles(to, (tile) => {
      asked.add(tilePath(tile));
      return files.get(tilePath(tile)) ?? assert.fail(`${tilePath(tile)} was never written`);
    });
    assert.equal(encodeHex(proofFrom(rootPlan(to), read)[0] ?? assert.fail()), encodeHex(rootAt(to)));
    for (const from of sizes.filter((size) => size <= to)) {
      const plan = consistencyPlan(from, to);
      asked.clear();
      const proof = proofFrom(plan, read);
      assert.deepEqual(
        [...asked].sort(),
        tilesFor(plan, to).map(tilePath).sort(),
        'the plan names the tiles it needs',
      );
      assert.ok(
        verifyConsistency({ from, to, fromRoot: rootAt(from), toRoot: rootAt(to), proof }),
        `${from} → ${to}`,
      );
      const index = from - 1;
      const leaf = leafHash(Uint8Array.of(index >>> 16, index >>> 8, index));
      const inclusion = proofFrom(inclusionPlan(index, to), read);
      assert.ok(
        verifyInclusion({ index, size: to, leaf, proof: inclusion }, rootAt(to)),
        `${index} in ${to}`,
      );
    }
  }
});

test('a wider tile serves for a partial one; a short or ragged one is refused', () => {
  const { files } = grown([300]);
  const full = files.get('tile/0/000') ?? assert.fail();
  assert.equal(readerOverTiles(100, () => full)({ level: 0, index: 99 }).length, HASH_BYTES);
  assert.throws(
    () => readerOverTiles(100, () => full.subarray(0, 99 * HASH_BYTES))({ level: 0, index: 0 }),
    LogError,
  );
  assert.throws(
    () => readerOverTiles(100, () => full.subarray(0, 100 * HASH_BYTES + 1))({ level: 0, index: 0 }),
    LogError,
  );
  assert.throws(() => readerOverTiles(100, () => full)({ level: 0, index: 100 }), LogError);
  assert.throws(() => readerOverTiles(100, () => full)({ level: 6, index: 1 }), LogError);
  assert.throws(() => tileOf({ level: 8, index: 0 }, 255), LogError);
});

test('entry bundles round-trip, and a spoiled one is refused', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: TILE_WIDTH });
  fc.assert(
    fc.property(entries, (all) => {
      const bundle = encodeEntryBundle(all);
      assert.deepEqual(
        decodeEntryBundle(bundle).map((entry) => Uint8Array.from(entry)),
        all.map((entry) => Uint8Array.from(entry)),
      );
      if (bundle.length > 0) assert.throws(() => decodeEntryBundle(bundle.subarray(0, -1)), LogError);
    }),
    { numRuns: 50 },
  );
  assert.deepEqual(
    Buffer.from(encodeEntryBundle([new Uint8Array(258).fill(1)])).subarray(0, 3),
    Buffer.of(1, 2, 1),
  );
  assert.equal(decodeEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]))[0]?.length, 65_535);
  assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), LogError);
  assert.throws(() => encodeEntryBundle(new Array(257).fill(new Uint8Array(0))), LogError);
  assert.throws(() => decodeEntryBundle(new Uint8Array(2 * 257)), LogError);
  assert.throws(() => decodeEntryBundle(Uint8Array.of(0)), LogError);
});
