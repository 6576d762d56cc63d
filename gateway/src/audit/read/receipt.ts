import {
  buildReceipt,
  decodeEntryBundle,
  encodeUtf8,
  formatTlogProof,
  inclusionPlan,
  logIdOf,
  parseCheckpoint,
  parseJson,
  parseNote,
  proofFrom,
  type ReceiptJson,
  readEnvelope,
  readerOverTiles,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesFor,
  type VerifierKey,
} from '@countersign/core';

export type Proven = {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: string;
};
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** Reads a tile; the full one stands in for an unfinished one that was dropped. Undefined when neither is there. */
export async function readTile(read: ReadFile, tile: Tile): Promise<Uint8Array | undefined> {
  return (await read(tilePath(tile))) ?? (await read(tilePath({ ...tile, width: TILE_WIDTH })));
}

/** The proof that entry `index` is in the tree of this checkpoint, from the log's own files. Undefined: a file is missing. */
export async function proveInclusion(
  read: ReadFile,
  index: number,
  checkpoint: string,
): Promise<Proven | undefined> {
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  const plan = inclusionPlan(index, size);
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesFor(plan, size)) {
    const bytes = await readTile(read, tile);
    if (bytes === undefined) return undefined;
    tiles.set(tilePath(tile), bytes);
  }
  const node = readerOverTiles(size, (tile) => tiles.get(tilePath(tile)) ?? new Uint8Array());
  return { index, proof: proofFrom(plan, node), checkpoint };
}

/** `c2sp.org/tlog-proof@v1`, which other software verifies against the leaf. */
export const proofText = (proven: Proven): string => formatTlogProof(proven);

/** The entry, its proof and the checkpoint as a Sigstore bundle. `envelope` and `leaf` as stored. */
export function receiptOf(
  proven: Proven,
  entry: { readonly envelope: string; readonly leaf: string },
  log: VerifierKey,
): ReceiptJson {
  const { size, root } = parseCheckpoint(parseNote(proven.checkpoint).text);
  const envelope = readEnvelope(parseJson(entry.envelope));
  return buildReceipt({
    envelope,
    keyHint: envelope.signatures[0]?.keyid ?? '',
    index: proven.index,
    size,
    root,
    proof: proven.proof,
    checkpoint: proven.checkpoint,
    logId: logIdOf(log),
    body: encodeUtf8(entry.leaf),
  });
}

/** The leaf at an index, from the log's own entry bundle. */
export async function readLeaf(read: ReadFile, index: number, size: number): Promise<Uint8Array | undefined> {
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  const bytes = await readTile(read, { level: 'entries', index: bundle, width });
  return bytes === undefined ? undefined : decodeEntryBundle(bytes)[index % TILE_WIDTH];
}
