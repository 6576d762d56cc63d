import { EncodingError } from './error.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Half a surrogate pair is refused: TextEncoder would write U+FFFD, and two texts would share their bytes. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed())
    throw new EncodingError('lone-surrogate', 'The text has half of a surrogate pair');
  return encoder.encode(text);
}

/** A byte order mark is kept as a character. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    // The platform's message says no more.
    throw new EncodingError('invalid-utf8', 'The bytes are not UTF-8');
  }
}
