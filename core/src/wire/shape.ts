import { decodeBase64 } from '../encoding/base64.ts';
import { EncodingError } from '../encoding/error.ts';
import { JsonError } from '../json/error.ts';
import { parseJson } from '../json/parse.ts';
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  member,
} from '../json/value.ts';
import { WireError } from './error.ts';

/** One member of a document being read, with the path that errors name. Every reader either returns the type or throws. */
export type Field = { readonly value: Json | undefined; readonly path: string };

export function refuse(path: string, want: string): never {
  throw new WireError('bad-shape', path, want);
}

export function parseDocument(text: string | Uint8Array, path: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) throw new WireError('not-json', path, error.message);
    throw error;
  }
}

export function objectAt({ value, path }: Field): JsonObject {
  return isJsonObject(value) ? value : refuse(path, 'must be an object');
}

export function arrayAt({ value, path }: Field): JsonArray {
  return value !== undefined && isJsonArray(value) ? value : refuse(path, 'must be an array');
}

export function stringAt({ value, path }: Field): string {
  return typeof value === 'string' && value !== '' ? value : refuse(path, 'must be a non-empty string');
}

export function matchAt(field: Field, pattern: RegExp, want: string): string {
  const text = stringAt(field);
  return pattern.test(text) ? text : refuse(field.path, want);
}

export function constantAt<T extends string>(field: Field, constant: T): T {
  return field.value === constant ? constant : refuse(field.path, `must be "${constant}"`);
}

export function oneOfAt<T extends string>(field: Field, choices: readonly T[]): T {
  return (
    choices.find((choice) => choice === field.value) ??
    refuse(field.path, `must be one of ${choices.join(', ')}`)
  );
}

export function bytesAt(field: Field): Uint8Array<ArrayBuffer> {
  try {
    return decodeBase64(stringAt(field));
  } catch (error) {
    if (error instanceof EncodingError) refuse(field.path, `must be base64 (${error.message})`);
    throw error;
  }
}

/** Seconds since 1970, as JWTs write time. */
export function secondsAt({ value, path }: Field): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : refuse(path, 'must be whole seconds');
}

export function stringsAt(field: Field): string[] {
  return arrayAt(field).map((value, index) => stringAt({ value, path: `${field.path}[${index}]` }));
}

export function at(object: JsonObject, path: string, key: string): Field {
  return { value: member(object, key), path: path === '' ? key : `${path}.${key}` };
}

export function has(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key);
}

/** Members nobody defined are refused where a reader could take them for more than they are. */
export function onlyMembers(object: JsonObject, path: string, allowed: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (!allowed.includes(key))
      refuse(path === '' ? 'document' : path, `has a member that is not ${allowed.join(', ')}`);
  }
}
