import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { runWith } from './house.ts';

const AT_MOST = { timeout: 30_000 };
let dir = '';
before(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'countersign-cli-'));
});
after(() => rm(dir, { recursive: true, force: true }));

const TOKEN = { COUNTERSIGN_TOKEN: `cs_person_${'a'.repeat(43)}` };

type Row = readonly [
  name: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  code: number,
  said: RegExp,
];
const TABLE: readonly Row[] = [
  ['no such verb', ['reqests'], {}, EXIT.usage, /did you mean: countersign requests/],
  ['no such inner verb', ['requests', 'lst'], {}, EXIT.usage, /did you mean: countersign requests list/],
  ['no inner verb', ['requests'], {}, EXIT.usage, /which\? One of: list, show/],
  ['no such option', ['requests', 'list', '--statsu', 'x'], {}, EXIT.usage, /did you mean --status\?/],
  ['no such value', ['requests', 'list', '--status', 'pendin'], {}, EXIT.usage, /did you mean pending\?/],
  ['a number out of bounds', ['requests', 'list', '--limit', '0'], {}, EXIT.usage, /from 1 to 200/],
  ['an argument missing', ['requests', 'show'], {}, EXIT.usage, /ID is missing/],
  ['an argument too many', ['requests', 'show', 'a', 'b'], {}, EXIT.usage, /“b” is one argument too many/],
  ['A2: a verb of escapes', ['\x1b[2Kx'], {}, EXIT.usage, /\\u\{1B\}\[2Kx/],
  ['not signed in', ['requests', 'list'], {}, EXIT.refused, /Not signed in to http:\/\/localhost:7070/],
  [
    'nobody there',
    ['requests', 'list', '--url', 'http://127.0.0.1:9'],
    TOKEN,
    EXIT.unreachable,
    /countersign serve/,
  ],
  ['not a URL', ['requests', 'list', '--url', 'gate'], TOKEN, EXIT.usage, /looks like https/],
  [
    'a token over plain http',
    ['requests', 'list', '--url', 'http://gate.example.com'],
    TOKEN,
    EXIT.usage,
    /anybody on the way could read your token/,
  ],
  ['no link', ['login'], {}, EXIT.usage, /no link: give --link-file/],
  ['no such link file', ['login', '--link-file', 'none.link'], {}, EXIT.unreachable, /there is no such file/],
  ['an option of serve', ['serve', '--confg', 'x'], {}, EXIT.usage, /did you mean --config\?/],
  ['an argument of serve', ['serve', 'x'], {}, EXIT.usage, /“x” is one argument too many/],
  ['an option of init', ['init', '--ownr', 'x'], {}, EXIT.usage, /did you mean --owner\?/],
  ['an option of demo', ['demo', '--prot', '1'], {}, EXIT.usage, /did you mean --port\?/],
  [
    'a demo that answers by itself, with channels',
    ['demo', '--yes', '--channels', 'slack.yaml'],
    {},
    EXIT.usage,
    /--yes answers by script, so there is nothing to answer in a channel; leave one out/,
  ],
  [
    'a demo with channels that are nowhere',
    ['demo', '--channels', 'slack.yaml'],
    {},
    EXIT.no,
    /slack\.yaml: there is no such file; docs\/slack\.md and docs\/teams\.md show one/,
  ],
  [
    'a port that is none',
    ['demo', '--port', '70000'],
    {},
    EXIT.usage,
    /--port 70000: give a number from 1 to 65535/,
  ],
  ['an option of mcp', ['mcp', 'files', '--kye-file', 'x'], {}, EXIT.usage, /did you mean --key-file\?/],
  ['no upstream', ['mcp'], {}, EXIT.usage, /UPSTREAM is missing/],
  ['no such configuration', ['serve', '--config', 'none.yaml'], {}, EXIT.no, /run: countersign init/],
];

describe('what goes wrong is one sentence, what to do, and an exit code', AT_MOST, () => {
  for (const [name, words, env, code, said] of TABLE)
    it(name, AT_MOST, async () => {
      const home = { XDG_CONFIG_HOME: path.join(dir, 'nobody') };
      const ran = await runWith({ tty: false, env: { ...home, ...env }, cwd: dir }, words);
      assert.equal(ran.code, code, ran.err);
      assert.match(ran.err, said);
      assert.equal(ran.out, '');
      assert.doesNotMatch(ran.err, /^\s+at /m);
    });

  it('a gateway that may not start says which file and what to do', async () => {
    const file = path.join(dir, 'countersign.yaml');
    const policy = path.join(dir, 'policy');
    await mkdir(policy, { recursive: true });
    await writeFile(path.join(policy, 'p.yaml'), 'version: 1\nrules:\n  - id: a\n    abuot: x\n');
    await writeFile(file, 'listen: { http: 127.0.0.1:1 }\nstore: { sqlite: ./data }\n');
    const { code, err } = await runWith({ tty: false, cwd: dir }, ['serve']);
    assert.equal(code, EXIT.no);
    assert.match(err, /^policy p\.yaml:4:\d+: .*did you mean about\?$/m);
    assert.match(err, /countersign check/);
  });

  it('an address in use is said, and nothing half open keeps the process alive', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const home = path.join(dir, 'taken');
    await mkdir(path.join(home, 'policy'), { recursive: true });
    await writeFile(
      path.join(home, 'policy', 'p.yaml'),
      'version: 1\nrules:\n  - { id: none, about: nothing passes, on: mcp, then: deny }\n',
    );
    await writeFile(path.join(home, 'countersign.yaml'), `listen: { http: 127.0.0.1:${port} }\n`);
    const { code, err } = await runWith({ tty: false, cwd: home }, ['serve']);
    server.close();
    assert.equal(code, EXIT.no);
    assert.match(err, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: something else listens there`));
  });

  it('wrong use shows the usage as it is set', async () => {
    const { err } = await runWith({ tty: false }, ['requests', 'list', '--bad']);
    assert.match(err, /^ {2}--all {13}whatever their status$/m);
    assert.doesNotMatch(err, /\\u\{/);
  });

  it('a credentials file others can read is refused, not used', async () => {
    const home = path.join(dir, 'open');
    const file = path.join(home, 'countersign', 'credentials.json');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, '{"version":1,"gateways":{}}');
    await chmod(file, 0o644);
    const { code, err } = await runWith({ tty: false, env: { XDG_CONFIG_HOME: home } }, ['requests', 'list']);
    assert.equal(code, EXIT.unreachable);
    assert.match(err, /chmod 600/);
  });

  it('something else that answers is not taken for a gateway', async () => {
    const server = createServer((_, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('no'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const words = ['requests', 'list', '--url', `http://127.0.0.1:${port}`];
    const { code, err } = await runWith({ tty: false, env: TOKEN }, words);
    server.close();
    server.closeAllConnections();
    assert.equal(code, EXIT.unreachable);
    assert.match(err, /does not seem to be a Countersign gateway/);
  });

  it('a token goes to the gateway that gave it and to no other', async () => {
    const home = path.join(dir, 'two');
    const file = path.join(home, 'countersign', 'credentials.json');
    await mkdir(path.dirname(file), { recursive: true });
    const login = { token: 'cs_person_secret', person: 'bob', name: 'Bob', expires_at: 1 };
    const stored = { version: 1, current: 'http://localhost:1', gateways: { 'http://localhost:1': login } };
    await writeFile(file, JSON.stringify(stored), { mode: 0o600 });
    const words = ['requests', 'list', '--url', 'http://localhost:2'];
    const { code, err } = await runWith({ tty: false, env: { XDG_CONFIG_HOME: home } }, words);
    assert.equal(code, EXIT.refused);
    assert.match(err, /Not signed in to http:\/\/localhost:2/);
  });
});
