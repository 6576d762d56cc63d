/**
 * C2SP tlog-tiles: the tree and its entries as static files. This folder knows which tiles a tree has, what they are
 * called and what is in them; it never reads or writes one.
 *
 * This file: the entries of one tile.
 */
import { LogError } from '../error.ts';
import { ENTRY_BYTES_MAX } from '../hash.ts';
import { TILE_WIDTH } from './coordinates.ts';

/** C2SP tlog-tiles: each entry after its length, a big-endian uint16. At most 256 entries. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (entries.length > TILE_WIDTH)
    throw new LogError('bad-bundle', `A bundle has at most ${TILE_WIDTH} entries`);
  let length = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX)
      throw new LogError('bad-bundle', `An entry is at most ${ENTRY_BYTES_MAX} bytes`);
    length += 2 + entry.length;
  }
  const bundle = new Uint8Array(length);
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >>> 8;
    bundle[at + 1] = entry.length;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** The entries, as views of the bundle's own bytes. Refuses a bundle that is cut short or too full. */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0);
    const end = at + 2 + length;
    if (end > bundle.length)
      throw new LogError('bad-bundle', `The entry bundle ends inside entry ${entries.length}`);
    if (entries.length === TILE_WIDTH)
      throw new LogError('bad-bundle', `A bundle has at most ${TILE_WIDTH} entries`);
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
