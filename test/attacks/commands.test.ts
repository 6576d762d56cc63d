/** A11 where this gateway starts programs itself: what is configured is a program and its words, never a shell's text. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { mcpUpstreamSchema } from '../../gateway/src/protocols/mcp/config.ts';
import { StdioLink } from '../../gateway/src/protocols/mcp/upstream/stdio.ts';

it('A11: an upstream’s command line is words, whatever a shell would make of them', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'countersign-words-'));
  const trap = path.join(dir, 'trap');
  const words = [`$(touch ${trap})`, `; touch ${trap}`, `| tee ${trap}`, '`id`', '$HOME', '*', '&&', '> out'];
  const echo = `process.stdin.once('data', (line) => {
    const { id } = JSON.parse(String(line));
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: { words: process.argv.slice(1) } }) + '\\n');
  })`;
  const config = mcpUpstreamSchema.parse({ command: [process.execPath, '-e', echo, '--', ...words] });
  assert.ok('command' in config);
  const link = new StdioLink({ config, env: {}, onStderr: () => undefined });
  try {
    const message = { kind: 'request', id: 1, method: 'ping', params: {} } as const;
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const ending = await link.request({ message, text, headers: {} }, {}, AbortSignal.timeout(20_000));
    assert.ok(ending.kind === 'answered', ending.kind);
    assert.match(JSON.stringify(ending), /touch/);
    for (const word of words)
      assert.ok(JSON.stringify(ending).includes(JSON.stringify(word).slice(1, -1)), word);
    assert.equal(existsSync(trap), false);
  } finally {
    await link.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
