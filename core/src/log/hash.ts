import { sha256 } from '#sha256';

export const HASH_BYTES = 32;
/** C2SP tlog-tiles: an entry's length is a uint16. */
export const ENTRY_BYTES_MAX = 65_535;

// Written and hashed before anything else can run; nothing outside ever sees them.
const leafInput = new Uint8Array(1 + ENTRY_BYTES_MAX);
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;

/** RFC 6962 §2.1: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array<ArrayBuffer> {
  if (entry.length > ENTRY_BYTES_MAX) throw new RangeError(`A log entry is at most ${ENTRY_BYTES_MAX} bytes`);
  leafInput.set(entry, 1);
  return sha256(leafInput.subarray(0, 1 + entry.length));
}

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). The prefixes keep a node from posing as a leaf. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError('A tree hash is 32 bytes');
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** The root of a tree without entries: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array<ArrayBuffer> {
  return sha256(new Uint8Array(0));
}
