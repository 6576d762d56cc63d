// Our receipts, checked by software not written here: @sigstore/verify with our keys as its trusted root.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import {
  type TrustMaterial,
  toSignedEntity,
  toTrustMaterial,
  VerificationError,
  Verifier,
} from '@sigstore/verify';
import { ORIGIN, type SmallLog, smallLog } from '../../testing/small-log.ts';
import { isJsonArray, isJsonObject, type Json } from '../json/value.ts';
import { keyHint } from './es256.ts';
import { logIdOf, verifyReceipt } from './receipt/verify.ts';

function trustIn(log: SmallLog): TrustMaterial {
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: `https://${ORIGIN}`,
        hashAlgorithm: 1,
        publicKey: {
          rawBytes: log.logPublicKey.export({ type: 'spki', format: 'der' }),
          keyDetails: 7,
          validFor: undefined,
        },
        logId: { keyId: Buffer.from(logIdOf(log.logKey)) },
        checkpointKeyId: { keyId: Buffer.from(logIdOf(log.logKey)) },
        operator: '',
      },
    ],
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  };
  const entryKey = { rawBytes: Buffer.from(log.entryKey), keyDetails: 5, validFor: undefined };
  return toTrustMaterial(root, { [keyHint(log.entryKey)]: entryKey });
}

function sigstoreAccepts(receipt: unknown, log: SmallLog): boolean {
  const verifier = new Verifier(trustIn(log), { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 });
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(receipt)));
    return true;
  } catch (error) {
    assert.ok(error instanceof VerificationError, `not a refusal but a fault: ${error}`);
    return false;
  }
}

const SIZES = [
  { size: 1, index: 0 },
  { size: 2, index: 1 },
  { size: 7, index: 3 },
  { size: 64, index: 63 },
  { size: 300, index: 299 },
];

for (const { size, index } of SIZES) {
  test(`@sigstore/verify accepts the receipt of entry ${index} of ${size}`, () => {
    const log = smallLog({ size, index });
    assert.ok(sigstoreAccepts(log.receipt, log));
  });
}

test('@sigstore/verify accepts a cosigned checkpoint', () => {
  const log = smallLog({ size: 5, index: 2, witnessed: true });
  assert.ok(sigstoreAccepts(log.receipt, log));
});

test('@sigstore/verify refuses the receipt under another log key and under another entry key', () => {
  const log = smallLog({ size: 5, index: 2 });
  const other = smallLog({ size: 5, index: 2 });
  assert.ok(!sigstoreAccepts(log.receipt, { ...log, logPublicKey: other.logPublicKey }));
  assert.ok(!sigstoreAccepts(log.receipt, { ...log, logKey: other.logKey }));
  assert.ok(!sigstoreAccepts(log.receipt, { ...log, entryKey: other.entryKey }));
});

/** Where the bytes lie that each part stands on. */
const PARTS: readonly {
  readonly part: string;
  readonly path: readonly (string | number)[];
  readonly own?: 'stricter';
}[] = [
  { part: 'the payload', path: ['dsseEnvelope', 'payload'] },
  { part: 'the entry signature', path: ['dsseEnvelope', 'signatures', 0, 'sig'] },
  { part: 'the log leaf', path: ['verificationMaterial', 'tlogEntries', 0, 'canonicalizedBody'] },
  { part: 'a proof hash', path: ['verificationMaterial', 'tlogEntries', 0, 'inclusionProof', 'hashes', 1] },
  {
    part: 'the root in the proof',
    path: ['verificationMaterial', 'tlogEntries', 0, 'inclusionProof', 'rootHash'],
    own: 'stricter',
  },
  { part: 'the log id', path: ['verificationMaterial', 'tlogEntries', 0, 'logId', 'keyId'] },
];

for (const { part, path, own } of PARTS) {
  test(`one flipped byte in ${part} is refused`, async () => {
    const log = smallLog({ size: 9, index: 4 });
    const spoiled = change(log.receipt, path, flipBase64);
    // Sigstore takes the root from the checkpoint and never reads this one; we let a receipt say nothing untrue.
    assert.equal(sigstoreAccepts(spoiled, log), own === 'stricter');
    assert.equal((await ourVerdict(spoiled, log)).status, 'failed');
  });
}

const CHECKPOINT = ['verificationMaterial', 'tlogEntries', 0, 'inclusionProof', 'checkpoint', 'envelope'];

for (const line of [0, 1, 2, 4]) {
  test(`one flipped byte in line ${line} of the checkpoint is refused`, async () => {
    const log = smallLog({ size: 9, index: 4 });
    const spoiled = change(log.receipt, CHECKPOINT, (note) => flipLine(note, line));
    assert.ok(!sigstoreAccepts(spoiled, log));
    assert.equal((await ourVerdict(spoiled, log)).status, 'failed');
  });
}

test('the receipt of another index is refused', async () => {
  const log = smallLog({ size: 9, index: 4 });
  const entry = ['verificationMaterial', 'tlogEntries', 0];
  const moved = change(
    change(log.receipt, [...entry, 'logIndex'], () => '5'),
    [...entry, 'inclusionProof', 'logIndex'],
    () => '5',
  );
  assert.ok(!sigstoreAccepts(moved, log));
  assert.equal((await ourVerdict(moved, log)).status, 'failed');
});

function ourVerdict(receipt: Json, log: SmallLog): ReturnType<typeof verifyReceipt> {
  return verifyReceipt(receipt, { entryKeys: [log.entryKey], log: log.logKey, origin: ORIGIN });
}

function flipBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const middle = bytes.length >>> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString('base64');
}

function flipLine(note: string, line: number): string {
  const lines = note.split('\n');
  const text = lines[line] ?? assert.fail(`no line ${line}`);
  // In the middle: for a signature line that is inside the signature, for a hash inside the hash.
  const at = line === 4 ? text.length - 30 : text.length >>> 1;
  const other = text[at] === '7' ? '8' : '7';
  return lines.with(line, text.slice(0, at) + other + text.slice(at + 1)).join('\n');
}

function change(
  value: Json,
  [step, ...rest]: readonly (string | number)[],
  edit: (text: string) => string,
): Json {
  if (step === undefined) return typeof value === 'string' ? edit(value) : assert.fail('not a string');
  if (typeof step === 'number' && isJsonArray(value))
    return value.with(step, change(value[step] ?? null, rest, edit));
  if (typeof step === 'string' && isJsonObject(value))
    return { ...value, [step]: change(value[step] ?? null, rest, edit) };
  return assert.fail(`no member ${step}`);
}
