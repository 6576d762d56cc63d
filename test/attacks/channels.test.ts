/** The table of docs/channels-attacks.md: every attack it must have, and every test it names, by the words of its title. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const PAGE = new URL('../../docs/channels-attacks.md', import.meta.url);
const ATTACKS = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A15', 'A16', 'A17', 'A18', 'A19'];
const NAMED = /\[[^\]]+\]\((?<file>\.\.\/[^)]+)\) “(?<title>.+?)”(?=,|$| \||\s*$)/gu;

const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => /^\| A\d/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | ?\|$/g, '').trim()));

describe('the table of attacks through channels', () => {
  it('has a row for each', () =>
    assert.deepEqual(
      rows.map(([first = '']) => first.split(' ')[0]),
      ATTACKS,
    ));

  for (const [attack = '', sent = '', every = '', ...alone] of rows)
    it(`${attack}: names tests that are there, over every channel`, () => {
      assert.notEqual(sent, '');
      const named = [every, ...alone].map((cell) => [...cell.matchAll(NAMED)]);
      assert.ok((named[0]?.length ?? 0) > 0, `nothing of every channel: ${every}`);
      for (const [at, cell] of [every, ...alone].entries())
        if (cell !== '') assert.ok((named[at]?.length ?? 0) > 0, `not as a file and a title: ${cell}`);
      for (const { groups } of named.flat()) {
        const { file = '', title = '' } = groups ?? {};
        const text = readFileSync(new URL(file, PAGE), 'utf8');
        assert.ok(text.includes(title), `${file} has no “${title}”`);
      }
    });
});
