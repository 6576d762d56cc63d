import { sha256 } from '#sha256';
import { equalBytes } from '../../encoding/bytes.ts';
import { encodeUtf8 } from '../../encoding/utf8.ts';
import type { Json } from '../../json/value.ts';
import { LogError } from '../../log/error.ts';
import { leafHash } from '../../log/hash.ts';
import { type Checkpoint, parseCheckpoint } from '../../log/note/checkpoint.ts';
import { parseNote } from '../../log/note/signed-note.ts';
import type { VerifierKey } from '../../log/note/verifier-key.ts';
import { type Ed25519Verify, verifyEd25519, verifyNote } from '../../log/note/verify.ts';
import { verifyInclusion } from '../../log/verify.ts';
import { IN_TOTO_PAYLOAD_TYPE, preAuthEncoding } from '../dsse.ts';
import { WireError } from '../error.ts';
import { type Es256Verify, keyHint, verifyEs256 } from '../es256.ts';
import { hashedRekordBytes } from '../hashedrekord.ts';
import { parseStatement, type Statement } from '../statement.ts';
import { type Receipt, readReceipt } from './build.ts';

/** What the verifier brings: from anywhere but the receipt. */
export type ReceiptTrust = {
  /** Entry keys, SubjectPublicKeyInfo in DER. */
  readonly entryKeys: readonly Uint8Array[];
  /** The log's own key. Its checkpoints must carry this origin. */
  readonly log: VerifierKey;
  readonly origin: string;
  readonly witnesses?: readonly VerifierKey[];
};

export type ReceiptChecks = { readonly es256?: Es256Verify; readonly ed25519?: Ed25519Verify };

/** Each holds only together with those before it. */
export const RECEIPT_FINDINGS = {
  'entry-signed': 'the statement is signed by a trusted entry key',
  'leaf-commits': 'the log leaf commits to exactly this signed statement',
  'leaf-included': 'the leaf is in the tree the checkpoint names, at this index',
  'tree-signed': 'the checkpoint is signed by the log',
  'tree-witnessed': 'a witness saw this tree and no other of its size from this log',
} as const;
export type ReceiptFinding = keyof typeof RECEIPT_FINDINGS;

export type ReceiptVerification =
  | {
      readonly status: 'verified';
      readonly established: readonly ReceiptFinding[];
      readonly statement: Statement;
      readonly index: number;
      readonly checkpoint: Checkpoint;
      readonly witnesses: readonly { readonly name: string; readonly time_s: number }[];
    }
  | {
      readonly status: 'failed';
      readonly check: 'shape' | Exclude<ReceiptFinding, 'tree-witnessed'>;
      readonly reason: string;
      /** What held before the check that failed. */
      readonly established: readonly ReceiptFinding[];
    };

/** The order of checks. Malformed receipts are a `failed` value too: a receipt comes from a stranger. */
export async function verifyReceipt(
  value: Json,
  trust: ReceiptTrust,
  { es256 = verifyEs256, ed25519 = verifyEd25519 }: ReceiptChecks = {},
): Promise<ReceiptVerification> {
  const established: ReceiptFinding[] = [];
  let check: Extract<ReceiptVerification, { status: 'failed' }>['check'] = 'shape';
  try {
    const receipt = readReceipt(value);
    const statement = statementIn(receipt);
    const note = parseNote(receipt.checkpoint);
    const checkpoint = parseCheckpoint(note.text);

    check = 'entry-signed';
    const publicKey = await signerOf(receipt, trust.entryKeys, es256);
    established.push(check);

    check = 'leaf-commits';
    commit(receipt, publicKey);
    established.push(check);

    check = 'leaf-included';
    include(receipt, checkpoint);
    established.push(check);

    check = 'tree-signed';
    const { log, witnesses: known = [] } = trust;
    if (checkpoint.origin !== trust.origin) throw new Refused('the checkpoint is of another log');
    if (!equalBytes(receipt.logId, logIdOf(log))) throw new Refused('the receipt names another log key');
    const held = await verifyNote(note, [log, ...known], ed25519);
    if (held.status === 'bad-signature') throw new Refused(`the signature of ${held.key.name} does not hold`);
    if (held.status === 'unknown-keys' || !held.signatures.some(({ key }) => key === log)) {
      throw new Refused('the checkpoint carries no signature of the log');
    }
    established.push(check);

    const witnesses = held.signatures.flatMap(({ key, time_s }) =>
      time_s === undefined ? [] : [{ name: key.name, time_s }],
    );
    if (witnesses.length > 0) established.push('tree-witnessed');
    return { status: 'verified', established, statement, index: receipt.index, checkpoint, witnesses };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { status: 'failed', check, reason: error.message, established };
  }
}

/** The log's name for itself in a bundle: what a note's key id is the start of. */
export function logIdOf({ name, publicKey }: VerifierKey): Uint8Array<ArrayBuffer> {
  return sha256(encodeUtf8(`${name}\n`), Uint8Array.of(0x01), publicKey);
}

class Refused extends Error {}

function isRefusal(error: unknown): error is Error {
  return error instanceof Refused || error instanceof WireError || error instanceof LogError;
}

function statementIn({ envelope }: Receipt): Statement {
  if (envelope.payloadType !== IN_TOTO_PAYLOAD_TYPE)
    throw new Refused(`the payload type is not ${IN_TOTO_PAYLOAD_TYPE}`);
  return parseStatement(envelope.payload);
}

async function signerOf(
  { envelope, keyHint: hint }: Receipt,
  keys: readonly Uint8Array[],
  verify: Es256Verify,
): Promise<Uint8Array> {
  const publicKey = keys.find((key) => keyHint(key) === hint);
  if (publicKey === undefined) throw new Refused('the entry key is not a trusted one');
  const [signature] = envelope.signatures;
  const message = preAuthEncoding(envelope.payloadType, envelope.payload);
  if (signature?.keyid !== undefined && signature.keyid !== hint)
    throw new Refused('the envelope names another key');
  if (signature === undefined || !(await verify(publicKey, message, signature.sig))) {
    throw new Refused('the signature over the statement does not hold');
  }
  return publicKey;
}

/** The body is computed, never believed: what the receipt carries must be it. */
function commit({ envelope, body }: Receipt, publicKey: Uint8Array): void {
  const digest = sha256(preAuthEncoding(envelope.payloadType, envelope.payload));
  const signature = envelope.signatures[0]?.sig ?? new Uint8Array(0);
  if (!equalBytes(body, hashedRekordBytes({ digest, signature, publicKey }))) {
    throw new Refused('the log leaf is of another statement, signature or key');
  }
}

function include({ index, size, root, proof, body }: Receipt, checkpoint: Checkpoint): void {
  if (size !== checkpoint.size || !equalBytes(root, checkpoint.root)) {
    throw new Refused('the proof is for another tree than the checkpoint');
  }
  if (!verifyInclusion({ index, size, leaf: leafHash(body), proof }, checkpoint.root)) {
    throw new Refused('the proof does not lead from the leaf to the root');
  }
}
