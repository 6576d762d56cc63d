/**
 * A receipt: one audit entry, its inclusion proof and the signed checkpoint, as a Sigstore bundle v0.3, so that software
 * not written here verifies it too. Making one reads nothing and signs nothing; checking one lists what it established,
 * and never more.
 *
 * This file: writing it and reading its shape.
 */
import { encodeBase64 } from '../../encoding/base64.ts';
import type { Json, JsonObject } from '../../json/value.ts';
import { parseDecimal } from '../../log/note/checkpoint.ts';
import { type Envelope, type EnvelopeJson, envelopeToJson, readEnvelope } from '../dsse.ts';
import { HASHEDREKORD } from '../hashedrekord.ts';
import {
  arrayAt,
  at,
  bytesAt,
  constantAt,
  type Field,
  objectAt,
  onlyMembers,
  refuse,
  stringAt,
} from '../shape.ts';

export const RECEIPT_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PROOF_HASHES_MAX = 63;

/** What a receipt says, decoded. Nothing of it is verified. */
export type Receipt = {
  readonly envelope: Envelope;
  /** `keyHint` of the entry key. */
  readonly keyHint: string;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** SHA-256 over the log key's name, type and bytes, of which the note's key id is the first four. */
  readonly logId: Uint8Array;
  /** The log leaf. */
  readonly body: Uint8Array;
};

/** Sigstore bundle v0.3, protobuf JSON: 64-bit numbers are strings, bytes are base64. */
export type ReceiptJson = {
  readonly mediaType: typeof RECEIPT_MEDIA_TYPE;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly [JsonObject];
  };
  readonly dsseEnvelope: EnvelopeJson;
};

export function buildReceipt(receipt: Receipt): ReceiptJson {
  const entry = {
    logIndex: String(receipt.index),
    logId: { keyId: encodeBase64(receipt.logId) },
    kindVersion: HASHEDREKORD,
    inclusionProof: {
      logIndex: String(receipt.index),
      rootHash: encodeBase64(receipt.root),
      treeSize: String(receipt.size),
      hashes: receipt.proof.map(encodeBase64),
      checkpoint: { envelope: receipt.checkpoint },
    },
    canonicalizedBody: encodeBase64(receipt.body),
  };
  return {
    mediaType: RECEIPT_MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: receipt.keyHint }, tlogEntries: [entry] },
    dsseEnvelope: envelopeToJson(receipt.envelope),
  };
}

/** Throws `WireError` unless the value is a receipt as `buildReceipt` writes it. */
export function readReceipt(value: Json): Receipt {
  const bundle = objectAt({ value, path: 'receipt' });
  onlyMembers(bundle, 'receipt', ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  constantAt(at(bundle, '', 'mediaType'), RECEIPT_MEDIA_TYPE);
  const material = objectAt(at(bundle, '', 'verificationMaterial'));
  onlyMembers(material, 'verificationMaterial', ['publicKey', 'tlogEntries', 'timestampVerificationData']);
  const publicKey = objectAt(at(material, 'verificationMaterial', 'publicKey'));
  const entries = arrayAt(at(material, 'verificationMaterial', 'tlogEntries'));
  if (entries.length !== 1) refuse('verificationMaterial.tlogEntries', 'must have exactly one element');
  const envelope = readEnvelope(bundle['dsseEnvelope'], 'dsseEnvelope');
  if (envelope.signatures.length !== 1) refuse('dsseEnvelope.signatures', 'must have exactly one element');
  return {
    envelope,
    keyHint: stringAt(at(publicKey, 'verificationMaterial.publicKey', 'hint')),
    ...readEntry({ value: entries[0], path: 'verificationMaterial.tlogEntries[0]' }),
  };
}

function readEntry(field: Field): Omit<Receipt, 'envelope' | 'keyHint'> {
  const entry = objectAt(field);
  const { path } = field;
  const kind = objectAt(at(entry, path, 'kindVersion'));
  constantAt(at(kind, `${path}.kindVersion`, 'kind'), HASHEDREKORD.kind);
  constantAt(at(kind, `${path}.kindVersion`, 'version'), HASHEDREKORD.version);
  const proof = readProof(at(entry, path, 'inclusionProof'));
  if (positionAt(at(entry, path, 'logIndex')) !== proof.index) {
    refuse(`${path}.logIndex`, "must be the inclusion proof's logIndex");
  }
  const logId = objectAt(at(entry, path, 'logId'));
  return {
    ...proof,
    logId: bytesAt(at(logId, `${path}.logId`, 'keyId')),
    body: bytesAt(at(entry, path, 'canonicalizedBody')),
  };
}

function readProof(field: Field): Pick<Receipt, 'index' | 'size' | 'root' | 'proof' | 'checkpoint'> {
  const proof = objectAt(field);
  const { path } = field;
  const hashes = arrayAt(at(proof, path, 'hashes'));
  if (hashes.length > PROOF_HASHES_MAX)
    refuse(`${path}.hashes`, `must have at most ${PROOF_HASHES_MAX} elements`);
  const checkpoint = objectAt(at(proof, path, 'checkpoint'));
  return {
    index: positionAt(at(proof, path, 'logIndex')),
    size: positionAt(at(proof, path, 'treeSize')),
    root: bytesAt(at(proof, path, 'rootHash')),
    proof: hashes.map((value, index) => bytesAt({ value, path: `${path}.hashes[${index}]` })),
    checkpoint: stringAt(at(checkpoint, `${path}.checkpoint`, 'envelope')),
  };
}

function positionAt(field: Field): number {
  return parseDecimal(stringAt(field)) ?? refuse(field.path, 'must be a decimal string');
}
