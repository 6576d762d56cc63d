/**
 * Checking the gateway's log in this browser: the log's public files, a key, and arithmetic of core's. The gateway is
 * asked for files and for nothing else; nothing it says about itself may count here. Where the files and the key come
 * from is the caller's: this file reads nothing by itself.
 */
import {
  buildReceipt,
  type Checkpoint,
  consistencyPlan,
  decodeBase64,
  decodeUtf8,
  EncodingError,
  hashedRekordBytes,
  inclusionPlan,
  type Json,
  keyHint,
  LogError,
  logIdOf,
  type ProofPlan,
  parseCheckpoint,
  parseNote,
  preAuthEncoding,
  proofFrom,
  type ReceiptFinding,
  type ReceiptJson,
  readEnvelope,
  readerOverTiles,
  type Statement,
  sha256,
  TILE_WIDTH,
  tilePath,
  tilesFor,
  type VerifierKey,
  verifyConsistency,
  verifyNote,
  verifyReceipt,
  WireError,
} from '@countersign/core';

/** A file of the log by its path below `/log/`; undefined when there is none. */
export type ReadFile = (path: string) => Promise<Uint8Array | undefined>;
export type LogKeys = { readonly log: VerifierKey; readonly witnesses: readonly VerifierKey[] };

/** The signed root of everything, and who may sign entries: both by the log's key. */
export type Head = {
  /** The signed note, verbatim. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Names on the note, trusted or not. */
  readonly signers: readonly string[];
  /** Those of {@link LogKeys} whose cosignature holds. */
  readonly witnesses: readonly { readonly name: string; readonly time_s: number }[];
  /** The list of entry keys, verbatim. */
  readonly entryKeysNote: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly entryKeys: readonly Uint8Array[];
};

export type Checked<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly why: string };

/** What a stranger's bytes cannot be read as is a reason to refuse them; anything else is our own fault. */
class Refused extends Error {}
async function checked<T>(run: () => Promise<T>): Promise<Checked<T>> {
  try {
    return { ok: true, ...(await run()) };
  } catch (error) {
    const theirs =
      error instanceof Refused ||
      error instanceof LogError ||
      error instanceof WireError ||
      error instanceof EncodingError;
    if (!theirs) throw error;
    return { ok: false, why: error.message };
  }
}

async function textOf(read: ReadFile, path: string): Promise<string> {
  const bytes = await read(path);
  if (bytes === undefined) throw new Refused(`the log has no file “${path}”`);
  return decodeUtf8(bytes);
}

export const readHead = (read: ReadFile, keys: LogKeys): Promise<Checked<{ readonly head: Head }>> =>
  checked(async () => {
    const note = await textOf(read, 'checkpoint');
    const { checkpoint, signers, witnesses } = await readNote(note, keys);
    const entryKeysNote = await textOf(read, 'entry-keys');
    const entryKeys = await readEntryKeys(entryKeysNote, keys.log);
    return { head: { note, checkpoint, signers, witnesses, entryKeysNote, entryKeys } };
  });

async function readNote(
  note: string,
  { log, witnesses }: LogKeys,
): Promise<Pick<Head, 'checkpoint' | 'signers' | 'witnesses'>> {
  const signed = parseNote(note);
  const checkpoint = parseCheckpoint(signed.text);
  const held = await verifyNote(signed, [log, ...witnesses]);
  if (held.status === 'bad-signature')
    throw new Refused(`the signature of ${held.key.name} on the checkpoint does not hold`);
  if (held.status === 'unknown-keys' || !held.signatures.some(({ key }) => key === log))
    throw new Refused(`the checkpoint is not signed by the key of ${log.name}`);
  if (checkpoint.origin !== log.name)
    throw new Refused(`the checkpoint is of ${checkpoint.origin}, the key of ${log.name}`);
  return {
    checkpoint,
    signers: signed.signatures.map(({ name }) => name),
    witnesses: held.signatures.flatMap(({ key, time_s }) =>
      time_s === undefined ? [] : [{ name: key.name, time_s }],
    ),
  };
}

/** The line `<origin> entry keys`, then a key a line, signed by the log. */
async function readEntryKeys(note: string, log: VerifierKey): Promise<readonly Uint8Array[]> {
  const signed = parseNote(note);
  if ((await verifyNote(signed, [log])).status !== 'verified')
    throw new Refused(`the list of entry keys is not signed by the key of ${log.name}`);
  const [title, ...lines] = signed.text.trimEnd().split('\n');
  if (title !== `${log.name} entry keys`) throw new Refused('the list of entry keys is another document');
  return lines.map(decodeBase64);
}

/** How the log stands to a checkpoint seen earlier. */
export type Past =
  | { readonly kind: 'first-visit' }
  | { readonly kind: 'continues'; readonly from: number }
  /** Fewer entries than were there. */
  | { readonly kind: 'cut'; readonly from: number }
  /** Other entries than were there. */
  | { readonly kind: 'forked'; readonly from: number; readonly why: string }
  /** It could not be told. */
  | { readonly kind: 'untold'; readonly why: string };

/** Whether the log still holds, first and unchanged, everything under `older`: a note this browser kept. */
export async function compare(
  read: ReadFile,
  { older, head, log }: { readonly older: string; readonly head: Head; readonly log: VerifierKey },
): Promise<Past> {
  const kept = await checked(() => readNote(older, { log, witnesses: [] }));
  if (!kept.ok) return { kind: 'untold', why: `what this browser kept cannot be used: ${kept.why}` };
  const { checkpoint: from } = kept;
  const { checkpoint: to } = head;
  if (from.size > to.size) return { kind: 'cut', from: from.size };
  const proved = await checked(async () => ({
    proof: await proofOf(read, consistencyPlan(from.size, to.size), to.size),
  }));
  if (!proved.ok) return { kind: 'untold', why: proved.why };
  const claim = { from: from.size, to: to.size, fromRoot: from.root, toRoot: to.root, proof: proved.proof };
  return verifyConsistency(claim)
    ? { kind: 'continues', from: from.size }
    : { kind: 'forked', from: from.size, why: 'its root does not lead to the new one' };
}

async function proofOf(read: ReadFile, plan: ProofPlan, size: number): Promise<Uint8Array[]> {
  const tiles = new Map<string, Uint8Array>();
  await Promise.all(
    tilesFor(plan, size).map(async (tile) => {
      const path = tilePath(tile);
      // A full tile stands in for an unfinished one that was dropped.
      const bytes = (await read(path)) ?? (await read(tilePath({ ...tile, width: TILE_WIDTH })));
      if (bytes === undefined) throw new Refused(`the log has no file “${path}”`);
      tiles.set(path, bytes);
    }),
  );
  return proofFrom(
    plan,
    readerOverTiles(size, (tile) => tiles.get(tilePath(tile)) ?? new Uint8Array()),
  );
}

export type Claimed = {
  readonly event_id: string;
  /** Where the gateway says it stands. */
  readonly index: number;
  /** The signed envelope the gateway gave, whatever it says beside it. */
  readonly envelope: Json;
};
export type EntryCheck =
  /** No checkpoint covers it yet. */
  | { readonly status: 'not-yet' }
  | {
      readonly status: 'verified';
      readonly established: readonly ReceiptFinding[];
      readonly statement: Statement;
      readonly hashes: number;
      /** The log leaf, as computed here. */
      readonly leaf: string;
      readonly receipt: ReceiptJson;
    }
  | { readonly status: 'failed'; readonly why: string; readonly established: readonly ReceiptFinding[] };

/** Whether this very envelope is in the tree of `head`, signed by a key the log names. Leaf and proof are made here. */
export async function checkEntry(
  read: ReadFile,
  { event_id, index, envelope: given }: Claimed,
  { head, keys }: { readonly head: Head; readonly keys: LogKeys },
): Promise<EntryCheck> {
  const { size, root } = head.checkpoint;
  if (index >= size) return { status: 'not-yet' };
  const made = await checked(async () => {
    const envelope = readEnvelope(given);
    const [signature] = envelope.signatures;
    const hint = signature?.keyid ?? '';
    const publicKey = head.entryKeys.find((key) => keyHint(key) === hint);
    if (signature === undefined || publicKey === undefined)
      throw new Refused('it is signed by a key the log does not name');
    const body = hashedRekordBytes({
      digest: sha256(preAuthEncoding(envelope.payloadType, envelope.payload)),
      signature: signature.sig,
      publicKey,
    });
    const proof = await proofOf(read, inclusionPlan(index, size), size);
    const logId = logIdOf(keys.log);
    return {
      hashes: proof.length,
      leaf: decodeUtf8(body),
      receipt: buildReceipt({
        ...{ envelope, keyHint: hint, index, size, root, proof },
        checkpoint: head.note,
        logId,
        body,
      }),
    };
  });
  if (!made.ok) return { status: 'failed', why: made.why, established: [] };
  const { hashes, leaf, receipt } = made;
  const result = await verifyReceipt(receipt as unknown as Json, {
    entryKeys: head.entryKeys,
    log: keys.log,
    origin: keys.log.name,
    witnesses: keys.witnesses,
  });
  if (result.status === 'failed')
    return { status: 'failed', why: result.reason, established: result.established };
  const { established, statement } = result;
  if (statement.predicate.event_id !== event_id)
    return {
      status: 'failed',
      why: `it is entry ${statement.predicate.event_id}, not the one asked for`,
      established,
    };
  return { status: 'verified', established, statement, hashes, leaf, receipt };
}
