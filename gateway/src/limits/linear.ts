/**
 * Regular expressions that match in linear time, for patterns that others write and texts that others send (I15). Loaded with
 * the first pattern: it weighs more than a megabyte, and most gateways have none.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

export type Linear = RE2JS;

let loaded: typeof RE2JS | undefined;

export function linear(): typeof RE2JS {
  loaded ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS;
  return loaded;
}
