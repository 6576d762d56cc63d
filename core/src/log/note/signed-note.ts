import { encodeBase64 } from '../../encoding/base64.ts';
import { EncodingError } from '../../encoding/error.ts';
import { decodeUtf8 } from '../../encoding/utf8.ts';
import { LogError } from '../error.ts';
import { base64Field } from './field.ts';

export const NOTE_SIGNATURES_MAX = 64;
export const NOTE_BYTES_MAX = 512 * 1024;

export type NoteSignature = {
  readonly name: string;
  /** A hint, 32 bits: with the name it says which key to try, and proves nothing. */
  readonly keyId: number;
  readonly signature: Uint8Array;
};

export type SignedNote = {
  /** What is signed, its last newline included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

export function formatNote({ text, signatures }: SignedNote): string {
  const note = `${text}\n${signatures.map(formatSignature).join('')}`;
  parseNote(note);
  return note;
}

/** Throws `LogError` (`bad-note`) unless the text is exactly one signed note. */
export function parseNote(input: string | Uint8Array): SignedNote {
  if (input.length > NOTE_BYTES_MAX) refuse(`longer than ${NOTE_BYTES_MAX} bytes`);
  const note = typeof input === 'string' ? input : decodeNote(input);
  if (!note.isWellFormed()) refuse('not Unicode text');
  if (/[\0-\x09\x0b-\x1f]/.test(note)) refuse('a control character other than newline');
  const split = note.lastIndexOf('\n\n');
  if (split === -1 || !note.endsWith('\n'))
    refuse('no blank line before signatures, or no newline at the end');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > NOTE_SIGNATURES_MAX) refuse(`more than ${NOTE_SIGNATURES_MAX} signatures`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** Non-empty, without plus or any Unicode space. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[+\s\u0085\p{Cc}]/u.test(name);
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const bytes = new Uint8Array(4 + signature.length);
  new DataView(bytes.buffer).setUint32(0, keyId);
  bytes.set(signature, 4);
  return `— ${name} ${encodeBase64(bytes)}\n`;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ');
  if (dash !== '—' || rest.length > 0 || !isKeyName(name)) refuse('a signature line is not "— name base64"');
  const bytes = base64Field(encoded, (what) => refuse(`a signature: ${what}`));
  if (bytes.length < 5) refuse('a signature shorter than its key id');
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) };
}

function decodeNote(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof EncodingError) refuse('not UTF-8');
    throw error;
  }
}

function refuse(what: string): never {
  throw new LogError('bad-note', `Not a signed note: ${what}`);
}
