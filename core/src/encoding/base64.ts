/**
 * Bytes as text and back. Every encoding here is one-to-one: a decoder accepts only the text its encoder would have
 * written, so that two different texts never carry the same bytes past a digest or a comparison.
 *
 * This file: base64 and base64url, RFC 4648 §4 and §5. base64 is padded; base64url is not.
 */
import { EncodingError } from './error.ts';

const NOT_A_DIGIT = 0xff;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = alphabet(`${LETTERS}+/`);
const URL_SAFE = alphabet(`${LETTERS}-_`);
const ascii = new TextDecoder('utf-8');

type Alphabet = { readonly codes: Uint8Array; readonly values: Uint8Array };

export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 4 !== 0) {
    throw new EncodingError('bad-length', 'base64 comes in groups of four characters, with padding');
  }
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decode(text, text.length - padding, STANDARD);
}

export function encodeBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE);
}

export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return decode(text, text.length, URL_SAFE);
}

function encode(bytes: Uint8Array, { codes }: Alphabet): string {
  const characters = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let to = 0;
  // Reading past the end gives `undefined`, which shifts as zero: the bits RFC 4648 §3.5 wants there.
  for (let at = 0; at < bytes.length; at += 3, to += 4) {
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    characters[to] = codes[group >>> 18] as number;
    characters[to + 1] = codes[(group >>> 12) & 63] as number;
    characters[to + 2] = codes[(group >>> 6) & 63] as number;
    characters[to + 3] = codes[group & 63] as number;
  }
  return ascii.decode(characters);
}

function decode(text: string, length: number, { values }: Alphabet): Uint8Array<ArrayBuffer> {
  if (length % 4 === 1) throw new EncodingError('bad-length', 'base64 never has one character over');
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let to = 0;
  let group = 0;
  for (let at = 0; at < length; at += 4, to += 3) {
    group = 0;
    for (let next = at; next < at + 4; next += 1) {
      const value = next < length ? (values[text.charCodeAt(next)] ?? NOT_A_DIGIT) : 0;
      if (value === NOT_A_DIGIT)
        throw new EncodingError('bad-character', `Not a base64 character at ${next}`);
      group = (group << 6) | value;
    }
    bytes[to] = group >>> 16;
    bytes[to + 1] = group >>> 8;
    bytes[to + 2] = group;
  }
  // The last character has bits to spare; a second text for the same bytes would set them.
  const spare = length % 4 === 2 ? 0xffff : length % 4 === 3 ? 0xff : 0;
  if ((group & spare) !== 0) {
    throw new EncodingError('not-canonical', 'The unused bits of the last base64 character are set');
  }
  return bytes;
}

function alphabet(characters: string): Alphabet {
  const codes = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  const values = new Uint8Array(128).fill(NOT_A_DIGIT);
  codes.forEach((code, value) => {
    values[code] = value;
  });
  return { codes, values };
}
