/** A11 where this gateway itself starts programs and writes secrets: words are no shell's text, names are no links. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { it } from 'node:test';
import { createSignInLinks } from '../../gateway/src/identity/links.ts';
import { createSessions } from '../../gateway/src/identity/sessions.ts';
import { mcpUpstreamSchema } from '../../gateway/src/protocols/mcp/config.ts';
import { StdioLink } from '../../gateway/src/protocols/mcp/upstream/stdio.ts';
import { createRig, policyOf, SESSION_LIMITS } from '../../gateway/testing/rig.ts';

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

it('A11, A16: a sign-in link is written to a file of its own, wherever its name led before', async () => {
  const rig = await createRig(policyOf({}));
  try {
    const dir = path.join(rig.dir, 'sign-in');
    const elsewhere = path.join(rig.dir, 'elsewhere');
    mkdirSync(dir);
    writeFileSync(elsewhere, 'theirs');
    symlinkSync(elsewhere, path.join(dir, 'bob.link'));
    writeFileSync(path.join(dir, 'carol.link'), 'old', { mode: 0o644 });
    const directory = () => rig.authority.current().directory;
    const sessions = createSessions({ ...rig.deps, directory, limits: SESSION_LIMITS });
    const links = createSignInLinks({ ...rig.deps, sessions, dir });
    for (const person of ['bob', 'carol']) {
      const written = await links.write(person, 'dan');
      assert.ok(written !== undefined);
      assert.equal(statSync(written.path).mode & 0o077, 0, person);
      const [, code = ''] = readFileSync(written.path, 'utf8').trim().split('#');
      assert.equal((await sessions.signIn(code, 'cli'))?.session.person.id, person);
      assert.equal(await sessions.signIn(code, 'cli'), undefined, 'it is good once');
    }
    assert.equal(readFileSync(elsewhere, 'utf8'), 'theirs');
    assert.equal(await links.write('mallory', 'dan'), undefined, 'inactive');
    assert.equal(await links.write('../bob', 'dan'), undefined, 'nobody');
  } finally {
    await rig.close();
  }
});
