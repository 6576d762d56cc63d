import { JsonError, placeIn } from './error.ts';
import { locate } from './locate.ts';
import { scan } from './scan.ts';
import type { Json } from './value.ts';
import { countMembers, isWellFormed } from './walk.ts';

export type JsonLimits = {
  /** Nesting of objects and arrays; a bare scalar has depth 0. At most `JSON_DEPTH_CEILING`. */
  readonly depth_max?: number;
  /** Size of the text in UTF-8. */
  readonly bytes_max?: number;
};

export const JSON_DEPTH_MAX = 128;
export const JSON_BYTES_MAX = 10 * 1024 * 1024;
/** Walks over values recurse; this keeps every one of them far from the end of the stack. */
export const JSON_DEPTH_CEILING = 1000;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON once, strictly (RFC 8259 and RFC 7493 I-JSON): what cannot be canonicalised without changing its
 * meaning is refused, never repaired (A6). `__proto__` is an ordinary own key. Throws `JsonError`.
 *
 * The native parser makes the value, `scan` looks for what the native parser hides, and only a text about to be
 * refused is read by `locate`.
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits = {}): Json {
  const { depth_max = JSON_DEPTH_MAX, bytes_max = JSON_BYTES_MAX } = limits;
  if (!(depth_max <= JSON_DEPTH_CEILING)) throw new RangeError(`depth_max is over ${JSON_DEPTH_CEILING}`);
  if (!(bytes_max >= 0)) throw new RangeError('bytes_max is not a number of bytes');
  const text = typeof input === 'string' ? checkText(input, bytes_max) : decode(input, bytes_max);
  const found = scan(text, depth_max);
  const value = found && parseNatively(text);
  if (
    value === undefined ||
    countMembers(value) !== found?.members ||
    (found.escapes && !isWellFormed(value))
  ) {
    locate(text, depth_max);
    // Unreachable while `locate` knows every reason the fast path has (fuzzed); refused all the same (I1).
    throw new JsonError('syntax', 'The text is not JSON', placeIn(text, 0));
  }
  return value;
}

function parseNatively(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Its message differs by engine and quotes the text (I7): `locate` says better.
    return undefined;
  }
}

function decode(bytes: Uint8Array, bytes_max: number): string {
  if (bytes.length > bytes_max) refuseSize(bytes_max);
  try {
    return utf8.decode(bytes);
  } catch {
    return refuseUtf8(bytes);
  }
}

function checkText(text: string, bytes_max: number): string {
  if (text.length > bytes_max) refuseSize(bytes_max);
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need no count.
  if (text.length * 3 > bytes_max && utf8Length(text) > bytes_max) refuseSize(bytes_max);
  if (!text.isWellFormed()) {
    const offset = firstLoneSurrogate(text);
    throw new JsonError(
      'lone-surrogate',
      'The text has half of a surrogate pair: it is not Unicode',
      placeIn(text, offset),
    );
  }
  return text;
}

function refuseSize(bytes_max: number): never {
  throw new JsonError('too-large', `Longer than ${bytes_max} bytes`, {
    offset: bytes_max,
    line: 1,
    column: 1,
  });
}

/** The valid part before the fault is found by halving, so that the offset is exact at no cost to good texts. */
function refuseUtf8(bytes: Uint8Array): never {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isUtf8Prefix(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // Streaming drops the begun character, so the offset is where the ill-formed one starts.
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, good), {
    stream: true,
  });
  const { line, column } = placeIn(before, before.length);
  throw new JsonError('invalid-utf8', 'The bytes are not UTF-8', {
    offset: utf8Length(before),
    line,
    column,
  });
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // A question, not a failure.
    return false;
  }
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Each half of a pair counts two of the pair's four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}

function firstLoneSurrogate(text: string): number {
  return text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
}
