/**
 * Do the arguments fit the accepted input schema? Only then are the facts exact (DESIGN §8). Schemas are compiled once
 * a pin, never fetch anything, match patterns in linear time, and are bounded; one that cannot be compiled so makes no
 * call exact, and stops none.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { validatorOf } from './validator.ts';

const SCHEMA_CHARACTERS_MAX = 256 * 1024;
const SCHEMA_DEPTH_MAX = 32;
const COMPILED_MAX = 2_000;

export type Validate = (args: Json) => boolean;

/** Compiled schemas by pin, least recently added out first. */
export class Schemas {
  readonly #compiled = new Map<string, Validate | undefined>();

  /** Undefined: no argument can be shown to fit. */
  validator(pin: string, definition: JsonObject): Validate | undefined {
    if (this.#compiled.has(pin)) return this.#compiled.get(pin);
    if (this.#compiled.size >= COMPILED_MAX) this.#compiled.delete(this.#compiled.keys().next().value ?? '');
    const made = compile(definition['inputSchema']);
    this.#compiled.set(pin, made);
    return made;
  }
}

export function compile(schema: Json | undefined): Validate | undefined {
  if (!isJsonObject(schema) || !isBounded(schema)) return undefined;
  try {
    const { $id: _id, ...rest } = schema;
    const validate = validatorOf(rest);
    return (args) => {
      try {
        return validate(args);
      } catch {
        // More work than a call may cause, or deeper than the stack: not shown to fit.
        return false;
      }
    };
  } catch {
    // A $ref to elsewhere, a pattern that is not regular, a malformed keyword: such a schema proves nothing.
    return undefined;
  }
}

function isBounded(schema: JsonObject): boolean {
  return JSON.stringify(schema).length <= SCHEMA_CHARACTERS_MAX && depthOf(schema, 0) <= SCHEMA_DEPTH_MAX;
}

function depthOf(value: Json, depth: number): number {
  if (depth > SCHEMA_DEPTH_MAX || typeof value !== 'object' || value === null) return depth;
  return Object.values(value).reduce<number>((most, each) => Math.max(most, depthOf(each, depth + 1)), depth);
}
