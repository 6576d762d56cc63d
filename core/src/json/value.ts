/** A JSON value as `parseJson` yields it. Readonly: a digest or a policy answer may already depend on it (I3). */
export type Json = null | boolean | number | string | JsonArray | JsonObject;

export type JsonArray = readonly Json[];

export type JsonObject = { readonly [key: string]: Json };

export function isJsonArray(value: Json): value is JsonArray {
  return Array.isArray(value);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, or `undefined`. Never looks at the prototype, so `constructor` or `__proto__` mean nothing special (A6). */
export function member(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
