import assert from 'node:assert/strict';
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import { test } from 'node:test';
import { ORIGIN, smallLog, WITNESSED_AT_S } from '../../../testing/small-log.ts';
import { canonicalize } from '../../json/canonical.ts';
import { parseJson } from '../../json/parse.ts';
import type { Json, JsonObject } from '../../json/value.ts';
import { buildReceipt, readReceipt } from './build.ts';
import { type ReceiptTrust, verifyReceipt } from './verify.ts';

const log = smallLog({ size: 9, index: 4, witnessed: true });
const other = smallLog({ size: 9, index: 4, witnessed: true });
const trust: ReceiptTrust = {
  entryKeys: [other.entryKey, log.entryKey],
  log: log.logKey,
  origin: ORIGIN,
  witnesses: [log.witnessKey],
};

test('a good receipt establishes everything, in order, and says by whom', async () => {
  const result = await verifyReceipt(log.receipt, trust);
  assert.ok(result.status === 'verified', JSON.stringify(result));
  assert.deepEqual(result.established, [
    'entry-signed',
    'leaf-commits',
    'leaf-included',
    'tree-signed',
    'tree-witnessed',
  ]);
  assert.equal(result.index, 4);
  assert.equal(result.checkpoint.size, 9);
  assert.equal(result.statement.predicate.task_id, 'exe_4');
  assert.deepEqual(result.witnesses, [{ name: log.witnessKey.name, time_s: WITNESSED_AT_S }]);
});

test('a witness nobody trusts establishes nothing', async () => {
  const { witnesses: _, ...withoutWitness } = trust;
  const result = await verifyReceipt(log.receipt, withoutWitness);
  assert.ok(result.status === 'verified');
  assert.deepEqual(result.established, ['entry-signed', 'leaf-commits', 'leaf-included', 'tree-signed']);
  assert.deepEqual(result.witnesses, []);
});

test('a witness alone is not the log', async () => {
  const result = await verifyReceipt(log.receipt, { ...trust, log: other.logKey });
  assert.ok(result.status === 'failed');
  assert.equal(result.check, 'tree-signed');
});

const WRONG_TRUST: readonly {
  readonly name: string;
  readonly trust: Partial<ReceiptTrust>;
  readonly check: string;
}[] = [
  { name: 'no entry key', trust: { entryKeys: [] }, check: 'entry-signed' },
  { name: 'another entry key', trust: { entryKeys: [other.entryKey] }, check: 'entry-signed' },
  { name: 'another log key', trust: { log: other.logKey }, check: 'tree-signed' },
  { name: 'another origin', trust: { origin: 'log.example.com/other' }, check: 'tree-signed' },
];

for (const { name, trust: wrong, check } of WRONG_TRUST) {
  test(`refused under ${name}, naming the check`, async () => {
    const result = await verifyReceipt(log.receipt, { ...trust, ...wrong });
    assert.ok(result.status === 'failed');
    assert.equal(result.check, check);
    assert.ok(result.reason.length > 0);
  });
}

test('the checks that held before the failing one are named', async () => {
  const receipt = readReceipt(log.receipt);
  const [first = new Uint8Array(32), ...rest] = receipt.proof;
  const spoiled = buildReceipt({ ...receipt, proof: [first.map((byte) => byte ^ 1), ...rest] });
  const result = await verifyReceipt(spoiled, trust);
  assert.ok(result.status === 'failed');
  assert.equal(result.check, 'leaf-included');
  assert.deepEqual(result.established, ['entry-signed', 'leaf-commits']);
});

test('parts of two good receipts never make a third', async () => {
  const mine = readReceipt(log.receipt);
  const theirs = readReceipt(other.receipt);
  const both = { ...trust, entryKeys: [log.entryKey, other.entryKey] };
  const mixed = [
    { ...mine, envelope: theirs.envelope, keyHint: theirs.keyHint },
    { ...mine, body: theirs.body },
    { ...mine, proof: theirs.proof },
    { ...mine, checkpoint: theirs.checkpoint },
    { ...mine, keyHint: theirs.keyHint },
    { ...mine, logId: theirs.logId },
  ];
  for (const parts of mixed) assert.equal((await verifyReceipt(buildReceipt(parts), both)).status, 'failed');
});

test("signature checks may be the caller's own, and sync", async () => {
  const asked: string[] = [];
  const result = await verifyReceipt(log.receipt, trust, {
    es256: (key, message, signature) => {
      asked.push('es256');
      return nodeVerify(
        'sha256',
        message,
        createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' }),
        signature,
      );
    },
    ed25519: () => asked.push('ed25519') > 0,
  });
  assert.equal(result.status, 'verified');
  assert.deepEqual(asked, ['es256', 'ed25519', 'ed25519']);
});

test('a receipt survives being written, parsed strictly and read', () => {
  assert.deepEqual(readReceipt(parseJson(canonicalize(log.receipt))), readReceipt(log.receipt));
  assert.deepEqual(buildReceipt(readReceipt(log.receipt)), log.receipt);
});

const text = canonicalize(log.receipt);
const entry = log.receipt.verificationMaterial.tlogEntries[0];
const withEntry = (change: JsonObject): Json => ({
  ...log.receipt,
  verificationMaterial: { ...log.receipt.verificationMaterial, tlogEntries: [{ ...entry, ...change }] },
});
const MALFORMED: readonly { readonly name: string; readonly receipt: Json; readonly path: string }[] = [
  { name: 'not an object', receipt: [], path: 'receipt' },
  {
    name: 'another media type',
    receipt: { ...log.receipt, mediaType: 'application/json' },
    path: 'mediaType',
  },
  { name: 'a second content', receipt: { ...log.receipt, messageSignature: {} }, path: 'receipt' },
  {
    name: 'no entry',
    receipt: {
      ...log.receipt,
      verificationMaterial: { ...log.receipt.verificationMaterial, tlogEntries: [] as never },
    },
    path: 'tlogEntries',
  },
  { name: 'a number as index', receipt: withEntry({ logIndex: 4 }), path: 'logIndex' },
  { name: 'two indexes', receipt: withEntry({ logIndex: '5' }), path: 'logIndex' },
  {
    name: 'another kind',
    receipt: withEntry({ kindVersion: { kind: 'dsse', version: '0.0.1' } }),
    path: 'kindVersion.kind',
  },
  {
    name: 'base64 not canonical',
    receipt: parseJson(text.replace('"keyId":"', '"keyId":" ')),
    path: 'keyId',
  },
  { name: 'no proof', receipt: withEntry({ inclusionProof: null }), path: 'inclusionProof' },
];

for (const { name, receipt, path } of MALFORMED) {
  test(`malformed: ${name} fails at shape and names the place`, async () => {
    const result = await verifyReceipt(receipt, trust);
    assert.ok(result.status === 'failed');
    assert.equal(result.check, 'shape');
    assert.ok(result.reason.includes(path), result.reason);
    assert.deepEqual(result.established, []);
  });
}
