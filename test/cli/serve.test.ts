import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dispatch } from '../../gateway/src/cli/dispatch/dispatch.ts';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { createTerminal, type Terminal } from '../../gateway/testing/terminal.ts';
import { runWith } from './house.ts';

const AT_MOST = { timeout: 60_000 };
const QUIET = { COUNTERSIGN_LOG: 'silent' };
let root = '';
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'countersign-serve-'));
});
after(() => rm(root, { recursive: true, force: true }));

/** A folder with this configuration and a policy that lets nothing pass. */
async function folderOf(config: string): Promise<string> {
  const dir = await mkdtemp(path.join(root, 'house-'));
  await mkdir(path.join(dir, 'policy'));
  await writeFile(
    path.join(dir, 'policy', 'p.yaml'),
    'version: 1\nrules:\n  - { id: none, about: nothing passes, on: mcp, then: deny }\n',
  );
  await writeFile(path.join(dir, 'countersign.yaml'), config);
  return dir;
}

/** Serves until it has greeted, then stops it as an operator would; answers what it said. */
async function served(config: string, columns = 80): Promise<Terminal & { readonly dir: string }> {
  const dir = await folderOf(config);
  const terminal = createTerminal({ cwd: dir, env: QUIET, columns });
  const code = dispatch(['serve'], terminal.io);
  await terminal.until('They sign in with');
  process.emit('SIGTERM', 'SIGTERM');
  assert.equal(await code, EXIT.ok, terminal.errors);
  return Object.assign(terminal, { dir });
}

const PEOPLE = 'people: { alice: { name: Alice Archer, roles: [operator, reviewer] } }\n';

describe('serve', AT_MOST, () => {
  it('says where it listens, and nothing to worry about when there is nothing', async () => {
    const port = await freePort();
    const { text } = await served(
      `listen: { http: "127.0.0.1:${port}" }\npublic_url: http://localhost:${port}\n${PEOPLE}`,
    );
    assert.match(text, new RegExp(`^Countersign listens on http://127\\.0\\.0\\.1:${port}$`, 'm'));
    assert.doesNotMatch(text, /Warning/);
  });

  it('warns when public_url names another port than it got', async () => {
    const port = await freePort();
    const { text } = await served(
      `listen: { http: "127.0.0.1:${port}" }\npublic_url: http://localhost:7\n${PEOPLE}`,
    );
    const said = text.replaceAll(/\s+/g, ' ');
    assert.ok(
      said.includes(`Warning: public_url: it names port 7, and the gateway listens on ${port};`),
      text,
    );
  });

  for (const columns of [80, 120])
    it(`warns of plain http beyond this machine, folded at ${columns} columns`, async () => {
      const config = `listen: { http: "127.0.0.1:0" }\npublic_url: http://gate.example.com\n${PEOPLE}`;
      const { text } = await served(config, columns);
      const warning = text.slice(text.indexOf('Warning:'), text.indexOf('Nobody is signed in'));
      assert.match(warning.replaceAll('\n', ' '), /cross the network in clear; put TLS in front/);
      for (const row of warning.split('\n')) assert.ok(row.length <= columns, row);
    });
});

describe('check', AT_MOST, () => {
  it('advises against plain http beyond loopback, and passes', async () => {
    const dir = await folderOf('listen: { http: "0.0.0.0:7070" }\n');
    const before = await readFile(path.join(dir, 'countersign.yaml'), 'utf8');
    const { code, out } = await runWith({ tty: false, cwd: dir }, ['check']);
    assert.equal(code, EXIT.ok, out);
    assert.match(
      out,
      /^advice: countersign\.yaml: listen\.http: 0\.0\.0\.0:7070 is open .* in clear; put TLS/m,
    );
    assert.match(out, /\S\n$/, 'and no empty line at the end');
    const { advice, ok } = JSON.parse((await runWith({ tty: false, cwd: dir }, ['check', '--json'])).out);
    assert.deepEqual([ok, advice.length], [true, 1]);
    assert.equal(await readFile(path.join(dir, 'countersign.yaml'), 'utf8'), before);
  });

  it('says how many operators a change takes, as far as the files say', async () => {
    const more = PEOPLE.replace(' } }', ' }, bob: { name: Bob, roles: [operator] } }');
    const rows = [
      ['', /operators: none here; .* no second person/],
      [PEOPLE, /operators: one; .* no second person/],
      [more, /operators: 2; .* only when two agree/],
    ] as const;
    for (const [people, want] of rows) {
      const dir = await folderOf(`listen: { http: "127.0.0.1:7070" }\n${people}`);
      const { code, out } = await runWith({ tty: false, cwd: dir }, ['check']);
      assert.equal(code, EXIT.ok, out);
      assert.match(out.replaceAll(/\s+/g, ' '), want);
    }
  });

  it('says nothing of an https public_url: TLS ends in front', async () => {
    const dir = await folderOf('listen: { http: "0.0.0.0:7070" }\npublic_url: https://gate.example.com\n');
    const { code, out } = await runWith({ tty: false, cwd: dir }, ['check']);
    assert.equal(code, EXIT.ok, out);
    assert.doesNotMatch(out, /advice/);
  });
});
