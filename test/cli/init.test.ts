import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { hashCredential } from '../../gateway/src/identity/credential.ts';
import { type Ran, runWith } from './house.ts';

const AT_MOST = { timeout: 60_000 };
const SERVER = fileURLToPath(new URL('../../node_modules/.bin/mcp-server-filesystem', import.meta.url));
let root = '';
let dir = '';
before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'countersign-init-'));
});
beforeEach(async () => {
  dir = await mkdtemp(path.join(root, 'house-'));
});
after(() => rm(root, { recursive: true, force: true }));

const init = (...words: string[]): Promise<Ran> =>
  runWith({ tty: false, cwd: dir, env: { PATH: process.env['PATH'], USER: 'alice' } }, [
    'init',
    '--reviewer',
    'bob=Bob Brown',
    ...words,
  ]);
const withFiles = async (...words: string[]): Promise<Ran> => {
  await mkdir(path.join(dir, 'shared'));
  return init('--upstream', `files=${SERVER} ${path.join(dir, 'shared')}`, ...words);
};

describe('init', AT_MOST, () => {
  it('sets up what check passes; the key is shown, and only its hash is kept', async () => {
    const { code, out, err } = await withFiles('--safe-by-hints');
    assert.equal(code, EXIT.ok, err);
    const [key = ''] = /cs_agent_[\w-]{43}/.exec(out) ?? [];
    const config = await readFile(path.join(dir, 'countersign.yaml'), 'utf8');
    assert.ok(config.includes(hashCredential(key)) && !config.includes(key));
    assert.match(
      config,
      /, prefix: cs_agent_[\w-]{6}, created: \d{4}-\d\d-\d\d, expires: \d{4}-\d\d-\d\d \}$/m,
    );
    assert.equal((await stat(path.join(dir, 'data'))).mode & 0o777, 0o700);
    const policy = await readFile(path.join(dir, 'policy', 'policy.yaml'), 'utf8');
    assert.match(policy, /read_text_file/);
    assert.doesNotMatch(policy, /write_file/);
    const checked = await runWith({ tty: false, cwd: dir }, ['check']);
    assert.equal(checked.code, EXIT.ok, checked.out);
    assert.doesNotMatch(checked.out, /advice/);
    for (const person of ['alice', 'bob']) assert.match(out, new RegExp(`^  ${person}: .*\\.link$`, 'm'));
  });

  it('needs no particular port: another gateway may hold the configured one', async () => {
    const other = createServer();
    // In use already is as good: somebody holds it.
    await new Promise<void>((resolve) => {
      other.once('listening', resolve);
      other.once('error', () => resolve());
      other.listen(7070, '127.0.0.1');
    });
    try {
      const { code, out, err } = await withFiles();
      assert.equal(code, EXIT.ok, err);
      assert.match(out, /tools pinned/);
      const config = await readFile(path.join(dir, 'countersign.yaml'), 'utf8');
      assert.match(config, /^listen: \{ http: 127\.0\.0\.1:7070 \}$/m, 'what will be served is unchanged');
    } finally {
      other.close();
    }
  });

  const there: readonly (readonly [name: string, make: () => Promise<string>])[] = [
    [
      'a configuration',
      async () => {
        await writeFile(path.join(dir, 'countersign.yaml'), 'mine');
        return 'countersign.yaml';
      },
    ],
    [
      'a policy somebody wrote',
      async () => {
        await mkdir(path.join(dir, 'policy'));
        await writeFile(path.join(dir, 'policy', 'starter.yaml'), 'mine');
        return path.join('policy', 'starter.yaml');
      },
    ],
    [
      'data of a gateway',
      async () => {
        await mkdir(path.join(dir, 'data'));
        await writeFile(path.join(dir, 'data', 'store.db'), 'mine');
        return path.join('data', 'store.db');
      },
    ],
  ];
  for (const [name, make] of there)
    it(`touches nothing where there is ${name}`, async () => {
      const file = await make();
      const before = await readdir(dir, { recursive: true });
      const { code, out, err } = await init();
      assert.equal(code, EXIT.no);
      assert.match(err, /is already there; init changes nothing\./);
      assert.equal(await readFile(path.join(dir, file), 'utf8'), 'mine');
      assert.deepEqual(await readdir(dir, { recursive: true }), before);
      assert.doesNotMatch(out, /cs_agent_/);
    });

  const failing: readonly (readonly [name: string, words: readonly string[], code: number, said: RegExp])[] =
    [
      [
        'an upstream that does not start',
        ['--upstream', `bad=${process.execPath} -e process.exit(3)`],
        EXIT.no,
        /^upstream bad: .*Nothing was set up; mend it and run init again\.$/m,
      ],
      [
        'one that says why',
        ['--upstream', `bad=${process.execPath} -e console.error("no-such-folder");process.exit(1)`],
        EXIT.no,
        /It printed: no-such-folder\./,
      ],
      [
        'nobody at its URL',
        ['--upstream', 'bad=http://127.0.0.1:1/mcp'],
        EXIT.no,
        /^upstream bad: .*Nothing was set up/m,
      ],
    ];
  for (const [name, words, want, said] of failing)
    it(`leaves nothing behind after ${name}, so the next try is the first`, async () => {
      const { code, err, out } = await init(...words);
      assert.equal(code, want, err);
      assert.match(err, said);
      assert.doesNotMatch(out + err, /cs_agent_/);
      assert.deepEqual(await readdir(dir), []);
      assert.equal((await init()).code, EXIT.ok);
    });

  it('a --safe that no tool is called is refused with the likely one, and nothing is set up', async () => {
    const { code, err } = await withFiles('--safe', 'files:read_text_flie');
    assert.equal(code, EXIT.usage);
    assert.match(err, /did you mean files:read_text_file\?/);
    assert.deepEqual(await readdir(dir), ['shared']);
  });

  it('what was in the folder before a set-up that failed is still there', async () => {
    await writeFile(path.join(dir, 'README.md'), 'mine');
    assert.equal((await init('--upstream', 'bad=http://127.0.0.1:1/mcp')).code, EXIT.no);
    assert.deepEqual(await readdir(dir), ['README.md']);
  });

  it('a one-person team is told what that means', async () => {
    const { code, out } = await runWith({ tty: false, cwd: dir, env: { USER: 'alice' } }, ['init']);
    assert.equal(code, EXIT.ok);
    assert.match(out, /There is no reviewer but alice, and nobody reviews their own agent/);
  });
});
