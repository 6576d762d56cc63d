/** Reads the language-neutral vectors that tests run over. */
import { readFileSync } from 'node:fs';

/** The caller states the shape; a vector that does not fit it fails the test that reads it. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../conformance/vectors/${name}`, import.meta.url), 'utf8')) as T;
}
