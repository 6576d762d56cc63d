import type { Json } from './value.ts';

/** How many own members the value has, over all its objects. Fewer than were written means a key was written twice. */
export function countMembers(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      if (typeof item === 'object' && item !== null) members += countMembers(item);
    }
    return members;
  }
  const object = value as { readonly [key: string]: Json };
  const keys = Object.keys(object);
  members = keys.length;
  for (const key of keys) {
    const item = object[key];
    if (typeof item === 'object' && item !== null) members += countMembers(item);
  }
  return members;
}

/** Whether no string or key holds half a surrogate pair, which an escape such as `\ud800` can smuggle in. */
export function isWellFormed(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return (value as readonly Json[]).every(isWellFormed);
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && isWellFormed(item));
}
