import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
  return servedIn(await folderOf(config), columns);
}

async function servedIn(dir: string, columns = 80): Promise<Terminal & { readonly dir: string }> {
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

describe('serve, when the files of its log are lost', AT_MOST, () => {
  const config = `listen: { http: "127.0.0.1:0" }\npublic_url: http://localhost:7070\n${PEOPLE}`;
  /** Served once, then without its log; `kept`: the checkpoint an auditor has. */
  const lost = async () => {
    const { dir } = await served(config);
    const log = path.join(dir, 'data', 'log');
    const kept = path.join(dir, 'kept');
    await cp(path.join(log, 'checkpoint'), kept);
    await rm(log, { recursive: true });
    const run = (...words: string[]) => runWith({ tty: false, cwd: dir, env: QUIET }, words);
    return { dir, log, kept, run };
  };

  it('refuses, and log rebuild writes it anew when somebody says that the store is the newest', async () => {
    const { dir, log, kept, run } = await lost();
    const refused = await run('serve');
    assert.equal(refused.code, EXIT.no);
    assert.match(refused.err, /log\/checkpoint is missing.*run: countersign log rebuild\n$/);

    const unsaid = await run('log', 'rebuild');
    assert.equal(unsaid.code, EXIT.usage);
    assert.match(unsaid.err, /--yes must say that this store is the newest/);
    for (const no of ['n', '', 'yep']) {
      const terminal = createTerminal({ cwd: dir, env: QUIET });
      const code = dispatch(['log', 'rebuild'], terminal.io);
      await terminal.until('[n]o  › ');
      terminal.type(`${no}\n`);
      assert.equal(await code, EXIT.no, terminal.errors);
      assert.match(terminal.text, /Nothing was written\.\n$/);
    }
    assert.equal((await run('serve')).code, EXIT.no, 'a no changed nothing');

    const terminal = createTerminal({ cwd: dir, env: QUIET });
    const code = dispatch(['log', 'rebuild', '--older', 'kept'], terminal.io);
    await terminal.until('[n]o  › ');
    assert.match(
      terminal.text,
      /^This store has \d+ entries\. The last checkpoint it signed covers \d+, on 20/,
    );
    assert.match(
      terminal.text,
      /^Its first \d+ are those the checkpoint was signed over\. Of what came after/m,
    );
    terminal.type('yes\n');
    assert.equal(await code, EXIT.ok, terminal.errors);
    assert.match(terminal.text, /Written anew and signed: \d+ entries\./);

    await servedIn(dir);
    const key = path.join(dir, 'data', 'log.vkey');
    const verified = await run('log', 'verify', log, '--key', key, '--older', kept);
    assert.equal(verified.code, EXIT.ok, verified.out);
    assert.match(
      verified.out,
      /^Lost and written anew from its store \(1\):\n {2}! entry \d+: 20\S+Z, after \d+ signed entries; held to a kept checkpoint\s+of \d+$/m,
    );
    const again = JSON.parse((await run('log', 'rebuild', '--yes', '--json')).out);
    assert.deepEqual([again.rebuilt, /^Nothing is lost/.test(again.why)], [false, true]);
  });

  it('a backup that was put back is told by a checkpoint of what came after it', async () => {
    const { dir, kept, run } = await lost();
    const [data, backup] = [path.join(dir, 'data'), path.join(dir, 'backup')];
    await cp(data, backup, { recursive: true });
    assert.equal((await run('log', 'rebuild', '--yes', '--older', kept)).code, EXIT.ok);
    await servedIn(dir);
    await cp(path.join(data, 'log', 'checkpoint'), kept);
    await rm(data, { recursive: true });
    await cp(backup, data, { recursive: true });
    const told = await run('log', 'rebuild', '--yes', '--older', kept, '--json');
    assert.equal(told.code, EXIT.no);
    const { rebuilt, why } = JSON.parse(told.out);
    assert.deepEqual(
      [rebuilt, /more entries than this store: the store is an older copy/.test(why)],
      [false, true],
    );
    await assert.rejects(stat(path.join(data, 'log')), 'and nothing was written');
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
