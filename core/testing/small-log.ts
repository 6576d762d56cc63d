/**
 * A whole log in memory, with real keys, for the tests of receipts: entries signed ES256, a tree over their leaves, a
 * checkpoint signed Ed25519 and, on request, a witness. Never used outside tests.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  buildReceipt,
  CompactRange,
  cosignatureMessage,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  hashedRekordBytes,
  IN_TOTO_PAYLOAD_TYPE,
  inclusionPlan,
  joinCosignature,
  keyHint,
  leafHash,
  logIdOf,
  preAuthEncoding,
  proofFrom,
  type ReceiptJson,
  type Statement,
  sha256,
  statementBytes,
  statementOf,
  type VerifierKey,
  verifierKey,
} from '@countersign/core';

export const ORIGIN = 'log.example.com/countersign';
export const WITNESSED_AT_S = 1_790_000_000;

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export type SmallLog = {
  readonly entryKey: Uint8Array;
  readonly logKey: VerifierKey;
  readonly logPublicKey: KeyObject;
  readonly witnessKey: VerifierKey;
  readonly receipt: ReceiptJson;
};

export function sampleStatement(index: number): Statement {
  const digest = Buffer.from(sha256(encodeUtf8(`action ${index}`))).toString('hex');
  return statementOf('execution', {
    event_id: `01K${String(index).padStart(23, '0')}`,
    occurred_at: '2026-11-21T04:00:00.000Z',
    task_id: `exe_${index}`,
    action_digest: `sha256:${digest}`,
    phase: 'started',
  });
}

/** A log of `size` entries and the receipt of the one at `index`. */
export function smallLog({
  size,
  index,
  witnessed = false,
}: {
  size: number;
  index: number;
  witnessed?: boolean;
}): SmallLog {
  const entryPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const logPair = generateKeyPairSync('ed25519');
  const witnessPair = generateKeyPairSync('ed25519');
  const entryKey = new Uint8Array(entryPair.publicKey.export({ type: 'spki', format: 'der' }));
  const logKey = verifierKey(ORIGIN, 'ed25519', rawKey(logPair));
  const witnessKey = verifierKey('witness.example.com/w1', 'cosignature/v1', rawKey(witnessPair));

  const entries = Array.from({ length: size }, (_, at) => signedEntry(at, entryPair, entryKey));
  const entry = entries[index];
  if (entry === undefined) throw new RangeError(`no entry ${index}`);
  const { root, proof } = treeOver(
    entries.map(({ body }) => body),
    index,
  );

  const text = formatCheckpoint({ origin: ORIGIN, size, root, extensions: [] });
  const signatures = [{ ...logKey, signature: sign(null, encodeUtf8(text), logPair.privateKey) }];
  if (witnessed) {
    const cosigned = sign(null, cosignatureMessage(text, WITNESSED_AT_S), witnessPair.privateKey);
    signatures.push({ ...witnessKey, signature: Buffer.from(joinCosignature(WITNESSED_AT_S, cosigned)) });
  }
  const checkpoint = formatNote({ text, signatures });
  const receipt = buildReceipt({
    envelope: entry.envelope,
    keyHint: keyHint(entryKey),
    index,
    size,
    root,
    proof,
    checkpoint,
    logId: logIdOf(logKey),
    body: entry.body,
  });
  return { entryKey, logKey, logPublicKey: logPair.publicKey, witnessKey, receipt };
}

function signedEntry(
  at: number,
  pair: Pair,
  publicKey: Uint8Array,
): { envelope: Parameters<typeof buildReceipt>[0]['envelope']; body: Uint8Array } {
  const payload = statementBytes(sampleStatement(at));
  const signed = preAuthEncoding(IN_TOTO_PAYLOAD_TYPE, payload);
  const signature = new Uint8Array(sign('sha256', signed, pair.privateKey));
  const envelope = {
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    payload,
    signatures: [{ keyid: keyHint(publicKey), sig: signature }],
  };
  return { envelope, body: hashedRekordBytes({ digest: sha256(signed), signature, publicKey }) };
}

function treeOver(bodies: readonly Uint8Array[], index: number): { root: Uint8Array; proof: Uint8Array[] } {
  const range = new CompactRange();
  const nodes = new Map<string, Uint8Array>();
  for (const body of bodies) {
    range.append(leafHash(body), ({ level, index: place }, hash) => nodes.set(`${level}/${place}`, hash));
  }
  const proof = proofFrom(inclusionPlan(index, bodies.length), ({ level, index: place }) => {
    const hash = nodes.get(`${level}/${place}`);
    if (hash === undefined) throw new RangeError(`no node ${level}/${place}`);
    return hash;
  });
  return { root: range.root(), proof };
}

function rawKey({ publicKey }: Pair): Uint8Array {
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32));
}
