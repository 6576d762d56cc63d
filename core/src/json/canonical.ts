/**
 * JSON, parsed once and written one way. Digests, approvals and policy all stand on it, so nothing here repairs,
 * guesses or rounds: a text is either exactly one value or it is refused (A6).
 *
 * This file: RFC 8785, the JSON Canonicalization Scheme.
 */
import { JSON_DEPTH_CEILING } from './parse.ts';
import type { Json, JsonObject } from './value.ts';

const utf8 = new TextEncoder();

/** The value has no canonical form: NaN, an infinity, half a surrogate pair, too deep, or not JSON at all. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError';
}

/** RFC 8785: no space, keys sorted by UTF-16 code unit, ECMAScript's shortest numbers and least escapes. `-0` is `0`. */
export function canonicalize(value: Json): string {
  const ordered = order(value, 0);
  if (ordered === undefined) return write(value, 0);
  // The engine writes exactly RFC 8785 once the keys stand in order, several times faster than {@link write}. Half a
  // surrogate pair it would write as an escape: whatever looks like one is left to `write`, which refuses it.
  const text = JSON.stringify(ordered);
  return text.includes('\\ud') ? write(value, 0) : text;
}

/** The canonical form in UTF-8: what digests and signatures are over. */
export function canonicalBytes(value: Json): Uint8Array<ArrayBuffer> {
  return utf8.encode(canonicalize(value));
}

/**
 * The value with every object's keys in order; itself where they are. Undefined when an ECMAScript object cannot hold
 * them in that order.
 */
function order(value: Json | undefined, depth: number): Json | undefined {
  if (typeof value !== 'object' || value === null) {
    mustBeScalar(value);
    return value;
  }
  mustBeShallow(depth);
  return Array.isArray(value)
    ? orderArray(value as readonly Json[], depth + 1)
    : orderObject(value as JsonObject, depth + 1);
}

function orderArray(items: readonly Json[], depth: number): readonly Json[] | undefined {
  let copy: Json[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const ordered = order(items[index], depth);
    if (ordered === undefined) return undefined;
    if (ordered === items[index]) continue;
    copy ??= items.slice();
    copy[index] = ordered;
  }
  return copy ?? items;
}

function orderObject(object: JsonObject, depth: number): JsonObject | undefined {
  mustBePlain(object);
  const keys = Object.keys(object);
  const sorted = isInOrder(keys);
  if (!sorted) {
    // These keep a place of their own in an object, whenever they are put there.
    if (keys.some((key) => ODD_KEY.test(key))) return undefined;
    sort(keys);
  }
  let copy: { [key: string]: Json } | undefined = sorted ? undefined : {};
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    const ordered = order(object[key], depth);
    if (ordered === undefined) return undefined;
    if (copy === undefined && ordered === object[key]) continue;
    if (key === '__proto__') return undefined;
    copy ??= { ...object };
    copy[key] = ordered;
  }
  return copy ?? object;
}

const ODD_KEY = /^(?:__proto__|\d+)$/;

function mustBeScalar(value: Json | undefined): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'object':
      return;
    case 'number':
      if (!Number.isFinite(value)) throw new CanonicalError('NaN and infinities are not JSON');
      return;
    default:
      throw new CanonicalError(`A value of type ${typeof value} is not JSON`);
  }
}

function mustBeShallow(depth: number): void {
  if (depth >= JSON_DEPTH_CEILING)
    throw new CanonicalError(`Nested deeper than ${JSON_DEPTH_CEILING} levels`);
}

function mustBePlain(object: JsonObject): void {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new CanonicalError('A class instance is not JSON');
}

/** Letter by letter, for what {@link order} cannot arrange. */
function write(value: Json | undefined, depth: number): string {
  if (typeof value === 'string') return writeString(value);
  if (typeof value !== 'object' || value === null) {
    mustBeScalar(value);
    return String(value);
  }
  mustBeShallow(depth);
  return Array.isArray(value)
    ? writeArray(value as readonly Json[], depth + 1)
    : writeObject(value as JsonObject, depth + 1);
}

function writeArray(items: readonly Json[], depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) text += ',';
    text += write(items[index], depth);
  }
  return `${text}]`;
}

function writeObject(object: JsonObject, depth: number): string {
  mustBePlain(object);
  const keys = Object.keys(object);
  if (!isInOrder(keys)) sort(keys);
  let text = '{';
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string;
    text += `${index > 0 ? ',' : ''}${writeString(key)}:${write(object[key], depth)}`;
  }
  return `${text}}`;
}

/** Few keys, mostly in order already: moving the others down makes no garbage, which the engine's own sort does. */
const FEW = 32;

function sort(keys: string[]): void {
  if (keys.length > FEW) {
    keys.sort();
    return;
  }
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] as string;
    let at = index;
    for (; at > 0 && (keys[at - 1] as string) > key; at -= 1) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
}

/** RFC 8785 §3.2.3: by UTF-16 code unit, which is how ECMAScript compares and sorts strings. */
function isInOrder(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return false;
  }
  return true;
}

/** ECMAScript's JSON.stringify escapes a string exactly as RFC 8785 §3.2.2.2 asks, once lone surrogates are out. */
function writeString(text: string): string {
  if (!text.isWellFormed()) throw new CanonicalError('A string has half of a surrogate pair');
  return JSON.stringify(text);
}
