import { hash, type KeyObject, verify } from 'node:crypto';
import {
  type Envelope,
  IN_TOTO_PAYLOAD_TYPE,
  keyHint,
  parseJson,
  parseStatement,
  readEnvelope,
  type Statement,
} from '@countersign/core';
import { spkiOf } from '../keys/keys.ts';
import { envelopesPath } from '../log/files.ts';
import { leafTemplate } from '../signer.ts';
import type { Findings } from './report.ts';
import type { LogSource } from './source.ts';
import type { Bundle } from './tree.ts';

/** A key that may sign entries, in the forms checking needs. */
export type EntryKey = {
  readonly key: KeyObject;
  readonly hint: string;
  /** The leaf of a digest and a signature of this key, in base64. */
  readonly leafOf: (digest: string, signature: string) => string;
};
export const entryKey = (key: KeyObject): EntryKey => {
  const spki = new Uint8Array(spkiOf(key));
  return { key, hint: keyHint(spki), leafOf: leafTemplate(spki) };
};

export type OnStatement = (statement: Statement, index: number) => void;
type Checked = {
  readonly keys: readonly EntryKey[];
  readonly findings: Findings;
  readonly onStatement: OnStatement;
};

/** One bundle's envelopes against its leaves: each leaf commits to its envelope, each envelope is signed by a key of the log. */
export async function checkEntries(source: LogSource, bundle: Bundle, checked: Checked): Promise<void> {
  const { findings, onStatement } = checked;
  const bytes = await source.read(envelopesPath(bundle.index));
  const lines = bytes === undefined ? [] : Buffer.from(bytes).toString('utf8').split('\n');
  // Signatures are verified on the platform's thread pool, a bundle at a time; statements are then told in order.
  const statements = await Promise.all(
    bundle.leaves.map((leaf, at) => checkEntry({ line: lines[at], leaf, index: bundle.first + at }, checked)),
  );
  // Each line ends in a newline, so there is one part more than there are lines.
  if (lines.length <= bundle.leaves.length) {
    findings.add(
      'missing',
      `${envelopesPath(bundle.index)} is ${bytes === undefined ? 'not there' : 'cut short'}`,
      bundle.first,
    );
  }
  for (const [at, statement] of statements.entries()) {
    if (statement !== undefined) onStatement(statement, bundle.first + at);
  }
}

type Entry = { readonly line: string | undefined; readonly leaf: Uint8Array; readonly index: number };

async function checkEntry(
  { line, leaf, index }: Entry,
  { keys, findings }: Checked,
): Promise<Statement | undefined> {
  if (line === undefined || line === '') return undefined; // counted once for the file
  let envelope: Envelope;
  let statement: Statement;
  try {
    envelope = readLine(line);
    statement = parseStatement(envelope.payload);
  } catch (error) {
    findings.add('malformed', `entry ${index}: ${error instanceof Error ? error.message : error}`, index);
    return undefined;
  }
  const [signature, ...more] = envelope.signatures;
  if (signature === undefined || more.length > 0 || envelope.payloadType !== IN_TOTO_PAYLOAD_TYPE) {
    findings.add('malformed', `entry ${index}: not one signature over one in-toto statement`, index);
    return undefined;
  }
  const message = signedBytes(envelope);
  const digest = hash('sha256', message, 'base64');
  // Byte for character: a leaf is ASCII, and one that is not equals no leaf.
  const text = Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).toString('latin1');
  const sig = Buffer.from(signature.sig).toString('base64');
  const signer = keys.find(({ leafOf }) => leafOf(digest, sig) === text);
  if (signer === undefined) {
    explain({ text, digest, sig, index }, findings);
    return undefined;
  }
  if (signature.keyid !== undefined && signature.keyid !== signer.hint) {
    findings.add('envelope-mismatch', `entry ${index}: its envelope names another key than its leaf`, index);
    return undefined;
  }
  if (await holds(message, signer.key, signature.sig)) return statement;
  findings.add('bad-signature', `entry ${index}: not signed by the key its leaf names`, index);
  return undefined;
}

/** DSSE v1 pre-authentication encoding; the payload type has as many bytes as characters. */
function signedBytes({ payload }: Envelope): Buffer {
  const head = `DSSEv1 ${IN_TOTO_PAYLOAD_TYPE.length} ${IN_TOTO_PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The text our sealer writes: what almost every line is. Any other is read, and judged, the long way. */
const SEALED =
  /^\{"payload":"([A-Za-z0-9+/]+={0,2})","payloadType":"application\/vnd\.in-toto\+json","signatures":\[\{"keyid":"([A-Za-z0-9+/=]+)","sig":"([A-Za-z0-9+/]+={0,2})"\}\]\}$/;

function readLine(line: string): Envelope {
  const [, payload, keyid, sig] = SEALED.exec(line) ?? [];
  if (payload === undefined || keyid === undefined || sig === undefined) return readEnvelope(parseJson(line));
  return {
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    payload: Buffer.from(payload, 'base64'),
    signatures: [{ keyid, sig: Buffer.from(sig, 'base64') }],
  };
}

type Unexplained = {
  readonly text: string;
  readonly digest: string;
  readonly sig: string;
  readonly index: number;
};

/** The leaf is not what any known key would make of this envelope: is it the key, or the envelope? */
function explain({ text, digest, sig, index }: Unexplained, findings: Findings): void {
  const named = /"rawBytes":"([A-Za-z0-9+/=]+)"/.exec(text)?.[1] ?? '';
  const publicKey = new Uint8Array(Buffer.from(named, 'base64'));
  const fits = leafTemplate(publicKey)(digest, sig) === text;
  if (fits)
    findings.add(
      'unknown-key',
      `entry ${index} is signed by ${keyHint(publicKey)}, which is not in entry-keys`,
      index,
    );
  else findings.add('envelope-mismatch', `entry ${index}: its leaf commits to another envelope`, index);
}

function holds(message: Uint8Array, key: KeyObject, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    // An error is a signature that cannot be read: it does not hold.
    verify('sha256', message, key, signature, (error, valid) => resolve(error === null && valid));
  });
}
