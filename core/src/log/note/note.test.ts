import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { vectors } from '../../../testing/vectors.ts';
import { encodeUtf8 } from '../../encoding/utf8.ts';
import { LogError } from '../error.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignatureMessage, joinCosignature, splitCosignature } from './cosignature.ts';
import { formatNote, type NoteSignature, parseNote } from './signed-note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey, verifierKey } from './verifier-key.ts';
import { verifyNote } from './verify.ts';

type Examples = {
  readonly note: string;
  readonly verifier_key: string;
  readonly checkpoint: string;
  readonly cosigned_message: string;
};
const examples = vectors<Examples>('log/notes.json');

type Signer = { readonly key: VerifierKey; readonly sign: (text: string) => NoteSignature };

function logSigner(name: string): Signer {
  const pair = generateKeyPairSync('ed25519');
  const key = verifierKey(name, 'ed25519', rawKey(pair.publicKey.export({ type: 'spki', format: 'der' })));
  return {
    key,
    sign: (text) => ({ ...key, signature: new Uint8Array(sign(null, encodeUtf8(text), pair.privateKey)) }),
  };
}

function witnessSigner(name: string, time_s: number): Signer {
  const pair = generateKeyPairSync('ed25519');
  const key = verifierKey(
    name,
    'cosignature/v1',
    rawKey(pair.publicKey.export({ type: 'spki', format: 'der' })),
  );
  const cosign = (text: string): Uint8Array =>
    joinCosignature(time_s, sign(null, cosignatureMessage(text, time_s), pair.privateKey));
  return { key, sign: (text) => ({ ...key, signature: cosign(text) }) };
}

const rawKey = (spki: Uint8Array): Uint8Array => Uint8Array.from(spki.subarray(-32));
const TEXT = 'log.example.com\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
const log = logSigner('log.example.com');
const witness = witnessSigner('w.example.com', 1_790_000_000);
const stranger = logSigner('stranger.example.com');

test('the published example verifies by its published key', async () => {
  const key = parseVerifierKey(examples.verifier_key);
  assert.equal(key.algorithm, 'ed25519');
  assert.equal(formatVerifierKey(key), examples.verifier_key);
  const note = parseNote(examples.note);
  assert.equal(formatNote(note), examples.note);
  assert.deepEqual(await verifyNote(note, [key]), { status: 'verified', signatures: [{ key }], unknown: 0 });
  const changed = { ...note, text: note.text.replace('message', 'massage') };
  assert.deepEqual(await verifyNote(changed, [key]), { status: 'bad-signature', key });
});

test('the published checkpoint reads as published, and writes back', () => {
  const note = parseNote(encodeUtf8(examples.checkpoint));
  const checkpoint = parseCheckpoint(note.text);
  assert.equal(checkpoint.origin, 'example.com/behind-the-sofa');
  assert.equal(checkpoint.size, 20_852_163);
  assert.deepEqual(checkpoint.extensions, []);
  assert.equal(formatCheckpoint(checkpoint), note.text);
  assert.equal(formatNote(note), examples.checkpoint);
  const cosignature = splitCosignature(note.signatures[1]?.signature ?? new Uint8Array(0));
  assert.equal(cosignature?.time_s, 1_679_315_147);
  assert.equal(
    Buffer.from(cosignatureMessage(note.text, 1_679_315_147)).toString(),
    examples.cosigned_message,
  );
});

const noteBy = (...signers: readonly Signer[]): ReturnType<typeof parseNote> =>
  parseNote(formatNote({ text: TEXT, signatures: signers.map((signer) => signer.sign(TEXT)) }));

test('log and witness both count, and only the witness says when', async () => {
  assert.deepEqual(await verifyNote(noteBy(log, stranger, witness), [witness.key, log.key]), {
    status: 'verified',
    signatures: [{ key: log.key }, { key: witness.key, time_s: 1_790_000_000 }],
    unknown: 1,
  });
});

test('one key signing twice counts once', async () => {
  const result = await verifyNote(noteBy(log, log, log), [log.key]);
  assert.ok(result.status === 'verified');
  assert.equal(result.signatures.length, 1);
});

test('nothing by a known key establishes nothing', async () => {
  assert.deepEqual(await verifyNote(noteBy(stranger), [log.key]), { status: 'unknown-keys' });
  assert.deepEqual(await verifyNote(noteBy(log), []), { status: 'unknown-keys' });
  const sameName = logSigner('log.example.com');
  assert.deepEqual(await verifyNote(noteBy(sameName), [log.key]), { status: 'unknown-keys' });
});

test('a known key that does not hold spoils the note, whatever else holds', async () => {
  const forged = { ...stranger.sign(TEXT), name: log.key.name, keyId: log.key.keyId };
  const note = { text: TEXT, signatures: [witness.sign(TEXT), forged] };
  assert.deepEqual(await verifyNote(note, [log.key, witness.key]), { status: 'bad-signature', key: log.key });
});

test('A24: a cosignature holds for its own time and text only', async () => {
  const { signature, ...line } = witness.sign(TEXT);
  const later = signature.slice();
  later[7] = (later[7] ?? 0) ^ 1;
  for (const spoiled of [later, signature.slice(0, 71), signature.slice(8), new Uint8Array(72).fill(255)]) {
    const note = { text: TEXT, signatures: [{ ...line, signature: spoiled }] };
    assert.deepEqual(await verifyNote(note, [witness.key]), { status: 'bad-signature', key: witness.key });
  }
  const plain = { text: TEXT, signatures: [{ ...line, signature: signature.slice(8) }] };
  const asLog = { ...witness.key, algorithm: 'ed25519' as const };
  assert.equal(
    (await verifyNote(plain, [asLog])).status,
    'bad-signature',
    'a cosignature is no plain signature',
  );
});

test('a key that is no point on the curve verifies nothing', async () => {
  const key = verifierKey('log.example.com', 'ed25519', new Uint8Array(32).fill(0xff));
  const note = { text: TEXT, signatures: [{ ...key, signature: new Uint8Array(64) }] };
  assert.deepEqual(await verifyNote(note, [key]), { status: 'bad-signature', key });
});

const LINE = '— log.example.com AAAAAQEC\n';
const NOT_NOTES: readonly { readonly name: string; readonly note: string }[] = [
  { name: 'nothing', note: '' },
  { name: 'no blank line', note: `text\n${LINE}` },
  { name: 'no signature', note: 'text\n\n' },
  { name: 'no newline at the end', note: `text\n\n${LINE.slice(0, -1)}` },
  { name: 'a hyphen for the dash', note: `text\n\n${LINE.replace('—', '-')}` },
  { name: 'a space in the name', note: 'text\n\n— log example AAAAAQEC\n' },
  { name: 'a plus in the name', note: 'text\n\n— log+example AAAAAQEC\n' },
  { name: 'a no-break space in the name', note: 'text\n\n— log\u00a0x AAAAAQEC\n' },
  { name: 'no name', note: 'text\n\n—  AAAAAQEC\n' },
  { name: 'no base64', note: 'text\n\n— log.example.com \n' },
  { name: 'base64 without padding', note: 'text\n\n— log.example.com AAAAAQE\n' },
  { name: 'a key id and nothing else', note: 'text\n\n— log.example.com AAAAAQ==\n' },
  { name: 'a carriage return', note: `text\r\n\n${LINE}` },
  { name: 'a tab', note: `te\txt\n\n${LINE}` },
  { name: 'half a surrogate pair', note: `te\ud800xt\n\n${LINE}` },
  { name: 'text among the signatures', note: `text\n\n${LINE}text\n` },
  { name: 'more signatures than the limit', note: `text\n\n${LINE.repeat(65)}` },
];

for (const { name, note } of NOT_NOTES) {
  test(`no signed note: ${name}`, () => {
    assert.throws(
      () => parseNote(note),
      (error) => error instanceof LogError && error.code === 'bad-note',
    );
  });
}

test('a text may hold blank lines: the last one splits', () => {
  assert.equal(parseNote(`a\n\nb\n\n${LINE}`).text, 'a\n\nb\n');
  assert.throws(() => parseNote(Uint8Array.of(0xff)), LogError);
  assert.throws(() => parseNote('x'.repeat(600_000)), LogError);
  assert.throws(() => formatNote({ text: 'no newline', signatures: [log.sign(TEXT)] }), LogError);
});

const NOT_CHECKPOINTS: readonly string[] = [
  '',
  'origin\n5\n',
  'origin\n05\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
  'origin\n+5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
  'origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
  'origin\n9007199254740992\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
  'origin\n5\nAAAA\n',
  'origin\n5\n?\n',
  '\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
  'origin\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n',
  'origin\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
];

for (const text of NOT_CHECKPOINTS) {
  test(`no checkpoint: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseCheckpoint(text),
      (error) => error instanceof LogError && error.code === 'bad-checkpoint',
    );
  });
}

test('checkpoints round-trip, extension lines included', () => {
  const line = fc.string({ unit: fc.constantFrom(...'abc/ 1.é'), minLength: 1, maxLength: 20 });
  const root = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes));
  const checkpoints = fc.record(
    {
      origin: line,
      size: fc.maxSafeNat(),
      root,
      extensions: fc.array(line, { maxLength: 3 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      assert.deepEqual(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint);
    }),
  );
  assert.throws(
    () => formatCheckpoint({ origin: 'two\nlines', size: 0, root: new Uint8Array(31), extensions: [] }),
    LogError,
  );
});

const NOT_KEYS: readonly string[] = [
  '',
  'name',
  'name+530d903a',
  examples.verifier_key.replace('530d903a', '530d903b'),
  examples.verifier_key.replace('530d903a', '530D903A'),
  examples.verifier_key.replace('/foo', '/bar'),
  examples.verifier_key.slice(0, -4),
  `${examples.verifier_key}=`,
  'name+00000000+AAAA',
];

for (const text of NOT_KEYS) {
  test(`no verifier key: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseVerifierKey(text),
      (error) => error instanceof LogError && error.code === 'bad-key',
    );
  });
}

test('verifier keys of both kinds round-trip, under different ids', () => {
  assert.deepEqual(parseVerifierKey(formatVerifierKey(witness.key)), witness.key);
  const asLog = verifierKey(witness.key.name, 'ed25519', witness.key.publicKey);
  assert.notEqual(asLog.keyId, witness.key.keyId);
});
