/** The committed corpus of bad input: each ends in exactly the error beside it, which names the place and the fix. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { JsonError, parseJson } from '@countersign/core';
import { parseConfig } from '../../gateway/src/config/config.ts';
import { ConfigError, parseConfigSource } from '../../gateway/src/config/source.ts';

const vectors = fileURLToPath(new URL('../../conformance/vectors/', import.meta.url));
const read = (path: string): string => readFileSync(`${vectors}${path}`, 'utf8');
const inputs = (folder: string): readonly string[] =>
  readdirSync(`${vectors}${folder}`).flatMap((file) => (file.endsWith('.yaml') ? [file.slice(0, -5)] : []));

/** What the reader may do, not what a library thought. */
const UNHELPFUL =
  /Invalid input|Invalid key|expected \w+, received|Too (small|big)|undefined|YAML\.parse|\[object/;

describe('bad configuration', () => {
  const names = inputs('bad-input/config');
  it('is a corpus', () => assert.ok(names.length >= 60));
  for (const name of names) {
    it(name, () => {
      const file = `${name}.yaml`;
      const load = () => parseConfig(parseConfigSource(file, read(`bad-input/config/${file}`)));
      assert.throws(load, (error: unknown) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.equal(`${error.message}\n`, read(`bad-input/config/${name}.txt`));
        for (const line of error.message.split('\n')) {
          assert.match(line, new RegExp(`^${file}:[1-9][0-9]*: .{10,}`), 'names file, line and what to do');
          assert.doesNotMatch(line, UNHELPFUL);
        }
        assert.ok(!error.message.includes('secret-word'), 'repeats a secret (I7)');
        return true;
      });
    });
  }
});

describe('bad JSON', () => {
  type Case = { readonly name: string; readonly text: string; readonly error: string };
  const { cases } = JSON.parse(read('bad-input/json/cases.json')) as { cases: readonly Case[] };
  it('is a corpus', () => assert.ok(cases.length >= 20));
  for (const { name, text, error } of cases) {
    it(name, () => {
      assert.match(error, /\(line \d+, column \d+\)$/);
      assert.throws(
        () => parseJson(text),
        (thrown: unknown) => {
          assert.ok(thrown instanceof JsonError);
          assert.equal(thrown.message, error);
          return true;
        },
      );
    });
  }
});

describe('bad policy and bad messages', () => {
  it('stand beside the engine and the protocol, each with its error', () => {
    const policies = inputs('policy/bad');
    assert.ok(policies.length >= 50);
    for (const name of policies)
      assert.match(read(`policy/bad/${name}.txt`), /error: .+[\s\S]*(fix:|-->)/, name);
    const messages = fileURLToPath(
      new URL('../../gateway/src/protocols/mcp/testdata/bad-messages.json', import.meta.url),
    );
    const cases = JSON.parse(readFileSync(messages, 'utf8')) as readonly { says: string; status: number }[];
    assert.ok(cases.length >= 10);
    for (const { says, status } of cases) assert.ok(says.length > 5 && status >= 400);
  });
});
