/** What a configuration is refused for, as tests look at it. Nothing here is shipped. */
import assert from 'node:assert/strict';
import { parseConfig } from '../src/config/config.ts';
import { ConfigError, parseConfigSource } from '../src/config/source.ts';

/** A line for each problem, `key: message`; none where it is good. */
export function configProblems(text: string): readonly string[] {
  try {
    parseConfig(parseConfigSource('countersign.yaml', text));
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ key, message }) => `${key}: ${message}`);
  }
}
