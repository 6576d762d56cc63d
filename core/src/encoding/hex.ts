import { EncodingError } from './error.ts';

const OCTETS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower case, two characters a byte. */
export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) text += OCTETS[bytes[at] as number];
  return text;
}

/** Lower case only: upper case would be a second text for the same bytes. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0) throw new EncodingError('bad-length', 'hex has two characters a byte');
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < text.length; at += 2) {
    bytes[at / 2] = (digit(text.charCodeAt(at), at) << 4) | digit(text.charCodeAt(at + 1), at + 1);
  }
  return bytes;
}

function digit(code: number, at: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  throw new EncodingError('bad-character', `Not a lower-case hexadecimal digit at ${at}`);
}
