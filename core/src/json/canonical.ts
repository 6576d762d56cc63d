/**
 * JSON, parsed once and written one way. Digests, approvals and policy all stand on it, so nothing here repairs,
 * guesses or rounds: a text is either exactly one value or it is refused (A6).
 *
 * This file: RFC 8785, the JSON Canonicalization Scheme.
 */
import { JSON_DEPTH_CEILING } from './parse.ts';
import type { Json } from './value.ts';

const utf8 = new TextEncoder();

/** The value has no canonical form: NaN, an infinity, half a surrogate pair, too deep, or not JSON at all. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError';
}

/** RFC 8785: no space, keys sorted by UTF-16 code unit, ECMAScript's shortest numbers and least escapes. `-0` is `0`. */
export function canonicalize(value: Json): string {
  return write(value, 0);
}

/** The canonical form in UTF-8: what digests and signatures are over. */
export function canonicalBytes(value: Json): Uint8Array<ArrayBuffer> {
  return utf8.encode(write(value, 0));
}

function write(value: Json | undefined, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalError('NaN and infinities are not JSON');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      break;
    default:
      throw new CanonicalError(`A value of type ${typeof value} is not JSON`);
  }
  if (value === null) return 'null';
  if (depth >= JSON_DEPTH_CEILING)
    throw new CanonicalError(`Nested deeper than ${JSON_DEPTH_CEILING} levels`);
  return Array.isArray(value)
    ? writeArray(value as readonly Json[], depth + 1)
    : writeObject(value as { readonly [key: string]: Json }, depth + 1);
}

function writeArray(items: readonly Json[], depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += write(items[index], depth);
  }
  return `${text}]`;
}

function writeObject(object: { readonly [key: string]: Json }, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new CanonicalError('A class instance is not JSON');
  const keys = inOrder(Object.keys(object));
  let text = '{';
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    text += `${index > 0 ? ',' : ''}${writeString(key)}:${write(object[key], depth)}`;
  }
  return `${text}}`;
}

/** RFC 8785 §3.2.3: by UTF-16 code unit, which is how ECMAScript compares strings. Most objects come sorted. */
function inOrder(keys: string[]): readonly string[] {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return keys.sort();
  }
  return keys;
}

/** ECMAScript's JSON.stringify escapes a string exactly as RFC 8785 §3.2.2.2 asks, once lone surrogates are out. */
function writeString(text: string): string {
  if (!text.isWellFormed()) throw new CanonicalError('A string has half of a surrogate pair');
  return JSON.stringify(text);
}
