import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTerminal } from '../../../testing/terminal.ts';
import { dispatch } from '../dispatch/dispatch.ts';

const run = async (...words: readonly string[]) => {
  const terminal = createTerminal({ tty: false });
  const code = await dispatch(['slack', 'manifest', ...words], terminal.io);
  return { code, text: terminal.text, errors: terminal.errors };
};

it('prints a manifest Slack can be given as it is', async () => {
  const { code, text } = await run('--name', 'Approvals', '--url', 'https://gate.example.com');
  assert.equal(code, 0);
  const manifest = JSON.parse(text) as {
    display_information: { name: string };
    settings: { socket_mode_enabled: boolean };
  };
  assert.equal(manifest.display_information.name, 'Approvals');
  assert.equal(manifest.settings.socket_mode_enabled, false);
  assert.equal((JSON.parse((await run()).text) as typeof manifest).settings.socket_mode_enabled, true);
});

it('says what is wrong with what was asked', async () => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['--socket', '--url', 'https://gate.example.com'], /one of them/],
    [['--url', 'http://gate.example.com'], /public https URL/],
    [['--url', 'https://gate.example.com/path'], /without a path/],
    [['--name', 'x'.repeat(36)], /1 to 35 characters/],
  ];
  for (const [words, want] of table) {
    const { code, errors } = await run(...words);
    assert.equal(code, 2);
    assert.match(errors, want);
  }
});
