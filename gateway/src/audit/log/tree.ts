import {
  CompactRange,
  encodeEntryBundle,
  HASH_BYTES,
  leafHash,
  TILE_WIDTH,
  type Tile,
} from '@countersign/core';

/** A file of the log: a tile of hashes or a bundle of entries, full or as far as it goes. */
export type TileFile = { readonly tile: Tile; readonly bytes: Uint8Array };

/** The right edge of a tree: what of each level is not yet in a full tile. Everything left of it is on disk for ever. */
export type Edge = {
  readonly range: CompactRange;
  /** Entries of the last, unfinished bundle. */
  readonly entries: readonly Uint8Array[];
  /** Hashes of the last, unfinished tile of each level, in one buffer. */
  readonly levels: readonly Uint8Array[];
};

const TILE_LEVELS = 8;
const FULL_BYTES = TILE_WIDTH * HASH_BYTES;

type Level = { full: number; used: number; changed: boolean; readonly bytes: Uint8Array };

/** Grows a tree and says which files that takes. Holds one tile a level and one bundle in memory, whatever the size. */
export class TreeWriter {
  readonly #range: CompactRange;
  readonly #levels: Level[] = [];
  #entries: Uint8Array[];
  #finished: TileFile[] = [];

  constructor(edge: Edge = { range: new CompactRange(), entries: [], levels: [] }) {
    this.#range = edge.range.clone();
    this.#entries = [...edge.entries];
    for (const [level, hashes] of edge.levels.entries()) {
      const bytes = new Uint8Array(FULL_BYTES);
      bytes.set(hashes);
      const count = Math.floor(edge.range.size / TILE_WIDTH ** level);
      const used = hashes.length / HASH_BYTES;
      this.#levels.push({ full: (count - used) / TILE_WIDTH, used, changed: false, bytes });
    }
  }

  get size(): number {
    return this.#range.size;
  }

  root(): Uint8Array {
    return this.#range.root();
  }

  append(entry: Uint8Array): void {
    this.#entries.push(entry);
    if (this.#entries.length === TILE_WIDTH) {
      const index = Math.floor(this.#range.size / TILE_WIDTH);
      this.#finished.push({
        tile: { level: 'entries', index, width: TILE_WIDTH },
        bytes: encodeEntryBundle(this.#entries),
      });
      this.#entries = [];
    }
    this.#range.append(leafHash(entry), ({ level }, hash) => {
      if (level % TILE_LEVELS === 0) this.#put(level / TILE_LEVELS, hash);
    });
  }

  #put(at: number, hash: Uint8Array): void {
    const level = this.#levels[at] ?? { full: 0, used: 0, changed: false, bytes: new Uint8Array(FULL_BYTES) };
    this.#levels[at] = level;
    level.bytes.set(hash, level.used * HASH_BYTES);
    level.used += 1;
    level.changed = true;
    if (level.used < TILE_WIDTH) return;
    this.#finished.push({
      tile: { level: at, index: level.full, width: TILE_WIDTH },
      bytes: level.bytes.slice(),
    });
    level.full += 1;
    level.used = 0;
    level.changed = false;
  }

  /** Full files since the last call, each bundle before the hashes over it. */
  takeFull(): readonly TileFile[] {
    const taken = this.#finished;
    this.#finished = [];
    return taken;
  }

  /** Unfinished files that changed since the last call. */
  takePartial(): readonly TileFile[] {
    const files: TileFile[] = [];
    for (const [at, level] of this.#levels.entries()) {
      if (!level.changed || level.used === 0) continue;
      level.changed = false;
      const width = level.used;
      if (at === 0)
        files.push({
          tile: { level: 'entries', index: level.full, width },
          bytes: encodeEntryBundle(this.#entries),
        });
      files.push({
        tile: { level: at, index: level.full, width },
        bytes: level.bytes.slice(0, width * HASH_BYTES),
      });
    }
    return files;
  }
}
