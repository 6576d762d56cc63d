export const TILE_WIDTH = 256;
const LEVEL_MAX = 63;

export type Tile = {
  /** 0 and up for hashes, `entries` for the bundles that level 0 hashes. */
  readonly level: number | 'entries';
  readonly index: number;
  /** How many hashes or entries: 256 for a full tile, 1 to 255 for a partial one. */
  readonly width: number;
};

/** `tile/0/x001/x234/067`, `tile/entries/000.p/5`: below the log's prefix, without a slash in front. */
export function tilePath({ level, index, width }: Tile): string {
  if (!isTile(level, index, width))
    throw new RangeError(`Not a tile: level ${level}, index ${index}, width ${width}`);
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  }
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The tile a path names, or `undefined`: only the one path `tilePath` would give is a tile's path. */
export function parseTilePath(path: string): Tile | undefined {
  const [, kind = '', groups = '', partial] = PATH.exec(path) ?? [];
  if (kind === '') return undefined;
  const level = kind === 'entries' ? kind : Number(kind);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!isTile(level, index, width) || (partial !== undefined && width === TILE_WIDTH)) return undefined;
  const tile: Tile = { level, index, width };
  return tilePath(tile) === path ? tile : undefined;
}

function isTile(level: number | 'entries', index: number, width: number): boolean {
  const levelFits = level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= LEVEL_MAX);
  return (
    levelFits &&
    Number.isSafeInteger(index) &&
    index >= 0 &&
    Number.isInteger(width) &&
    width >= 1 &&
    width <= TILE_WIDTH
  );
}
