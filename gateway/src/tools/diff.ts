/** What changed between two tool definitions, for the person who accepts it (A9). Pure. */
import { canonicalBytes, isJsonObject, type Json, type JsonObject, pointerTo } from '@countersign/core';

export type Difference =
  | { readonly path: string; readonly kind: 'added'; readonly now: Json }
  | { readonly path: string; readonly kind: 'removed'; readonly before: Json }
  | { readonly path: string; readonly kind: 'changed'; readonly before: Json; readonly now: Json };

/** Every difference between two definitions, by JSON pointer, in the order of the keys. Lists are compared whole. */
export function diff(before: JsonObject | undefined, now: JsonObject): readonly Difference[] {
  return compare(before ?? {}, now, '');
}

function compare(before: JsonObject, now: JsonObject, path: string): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return keys.flatMap((key) => {
    const at = pointerTo(path, key);
    return one(
      Object.hasOwn(before, key) ? before[key] : undefined,
      Object.hasOwn(now, key) ? now[key] : undefined,
      at,
    );
  });
}

function one(before: Json | undefined, now: Json | undefined, path: string): Difference[] {
  if (before === undefined) return now === undefined ? [] : [{ path, kind: 'added', now }];
  if (now === undefined) return [{ path, kind: 'removed', before }];
  if (isJsonObject(before) && isJsonObject(now)) return compare(before, now, path);
  return same(before, now) ? [] : [{ path, kind: 'changed', before, now }];
}

function same(a: Json, b: Json): boolean {
  if (a === b) return true;
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
