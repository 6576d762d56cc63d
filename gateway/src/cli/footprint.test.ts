import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hashCredential, makeCredential } from '../identity/credential.ts';
import { FOOTPRINT, leanStart } from './footprint.ts';

const { options: lean, env: leanEnv } = FOOTPRINT;

describe('how serve begins', () => {
  for (const [name, start, want] of [
    ['plainly', { options: [], env: {} }, { options: [...lean], env: leanEnv }],
    [
      'keeping what Node was given',
      { options: ['--conditions=x'], env: { HOME: '/h' } },
      { options: ['--conditions=x', ...lean], env: { HOME: '/h', ...leanEnv } },
    ],
    [
      'keeping the operator’s arenas',
      { options: [], env: { MALLOC_ARENA_MAX: '8' } },
      { options: [...lean], env: { ...leanEnv, MALLOC_ARENA_MAX: '8' } },
    ],
    ['as it did before', { options: [...lean], env: {} }, undefined],
    ['as the operator says', { options: ['--max_semi_space_size=64'], env: {} }, undefined],
    [
      'as the operator says, in NODE_OPTIONS',
      { options: [], env: { NODE_OPTIONS: '--no-warnings --max-semi-space-size=64' } },
      undefined,
    ],
  ] as const)
    it(name, () => assert.deepEqual(leanStart(start), want));

  it('gives the threads of the store less room than those that come later', () => {
    const footprint = new URL('./footprint.ts', import.meta.url).href;
    // Fills a thread's room, and says in MB how much there was: both halves.
    const thread = `import { parentPort } from 'node:worker_threads';
      import { getHeapSpaceStatistics } from 'node:v8';
      const kept = [];
      for (let n = 0; n < 3e6; n += 1) { if (kept.length === 20_000) kept.length = 0; kept.push({ n }); }
      const room = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
      parentPort.postMessage(Math.round(room.physical_space_size / 2 ** 20));`;
    const program = `import { Worker } from 'node:worker_threads';
      import { becomeLean, endLeanStart } from ${JSON.stringify(footprint)};
      const room = () => new Promise((resolve) => {
        new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(thread)}))).once('message', resolve);
      });
      becomeLean();
      const early = await room();
      endLeanStart();
      console.log(JSON.stringify([early, await room()]));`;
    const { stdout } = spawnSync(
      process.execPath,
      [...lean, '--no-warnings', '--input-type=module', '-e', program],
      { encoding: 'utf8' },
    );
    const [early, late] = JSON.parse(stdout) as [number, number];
    assert.ok(early <= 3 && late > 2 * early, stdout);
  });

  it('lets go of what only the start needed', () => {
    const footprint = new URL('./footprint.ts', import.meta.url).href;
    const program = `import { setImmediate as turn } from 'node:timers/promises';
      import { endLeanStart } from ${JSON.stringify(footprint)};
      const made = new WeakRef(Array.from({ length: 100_000 }, () => ({})));
      await turn();
      const before = made.deref() !== undefined;
      await turn();
      endLeanStart();
      console.log(JSON.stringify([before, made.deref() === undefined]));`;
    const { stdout } = spawnSync(
      process.execPath,
      [...lean, '--no-warnings', '--input-type=module', '-e', program],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(stdout.trim(), '[true,true]');
  });

  it('is itself again, with its arguments, terminal and exit code', (test) => {
    if (process.platform === 'win32') return test.skip('a process cannot be replaced on Windows');
    const folder = mkdtempSync(path.join(tmpdir(), 'countersign-footprint-'));
    const file = path.join(folder, 'serve.mjs');
    const footprint = new URL('./footprint.ts', import.meta.url).href;
    // Says its id each time it begins: twice in all, once before and once after.
    writeFileSync(
      file,
      `import { writeSync } from 'node:fs';
       import { becomeLean } from ${JSON.stringify(footprint)};
       writeSync(1, process.pid + '\\n');
       becomeLean();
       console.log(JSON.stringify([process.argv.slice(2), process.execArgv, process.env.MALLOC_ARENA_MAX]));
       process.exitCode = 7;`,
    );
    const { NODE_OPTIONS: _ours, MALLOC_ARENA_MAX: _theirs, ...env } = process.env;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--no-warnings', file, 'a b', '--c'], {
      env,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    const [first, second, said = ''] = stdout.trim().split('\n');
    assert.equal(stderr, '');
    assert.equal(first, second);
    assert.deepEqual(JSON.parse(said), [['a b', '--c'], ['--no-warnings', ...lean], '1']);
    assert.equal(status, 7);
  });
});

// What a plain gateway holds for good once it listens: each of these weighs megabytes, and is for those who ask for it.
describe('what a start loads', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-loaded-'));
  const noted = path.join(folder, 'noted');
  const config = {
    listen: { http: '127.0.0.1:0' },
    people: { olaf: { name: 'Olaf', roles: ['operator'] } },
    agents: { bot: { owner: 'olaf', keys: [hashCredential(makeCredential('agent'))] } },
    upstreams: { files: { env: 'dev', mcp: { url: 'http://127.0.0.1:9/mcp' } } },
  };
  let loaded: readonly string[] = [];

  before(async () => {
    writeFileSync(path.join(folder, 'watch.mjs'), watching(noted));
    mkdirSync(path.join(folder, 'policy'));
    writeFileSync(
      path.join(folder, 'policy', 'main.yaml'),
      'version: 1\nrules:\n  - { id: open, about: opening it, on: mcp, where: { class: session }, then: allow }\n',
    );
    writeFileSync(path.join(folder, 'countersign.yaml'), JSON.stringify(config)); // JSON is YAML
    const options = ['--conditions=countersign-source', '--import', path.join(folder, 'watch.mjs'), ...lean];
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const gateway = spawn(process.execPath, [...options, main, 'serve'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', COUNTERSIGN_LOG: 'warn' },
    });
    const exited = once(gateway, 'exit');
    let said = '';
    for await (const chunk of gateway.stdout) {
      said += String(chunk);
      if (said.includes('They sign in with')) break;
    }
    gateway.kill('SIGTERM');
    await exited;
    assert.match(said, /They sign in with/);
    loaded = readFileSync(noted, 'utf8').trim().split('\n');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is seen here', () => {
    assert.ok(loaded.some((each) => each.endsWith('/gateway/src/main.ts')));
  });
  for (const what of [
    // The first use reads tables of 7 MB.
    'locale:',
    '/channels/slack/slack.ts',
    '/channels/teams/channel.ts',
    '/channels/mail/channel.ts',
    '/node_modules/nodemailer/',
    '/node_modules/openid-client/',
    '/node_modules/re2js/',
    '/jose/dist/webapi/index.js',
    '/node_modules/@simplewebauthn/',
    '/node_modules/@modelcontextprotocol/',
  ])
    it(`without ${what}`, () => {
      const found = loaded.filter((each) => each.includes(what));
      assert.deepEqual(found, []);
    });

  it('gives the store’s threads the store, and nothing else', () => {
    const theirs = loaded.filter((each) => /^store-(writer|reader) .*\/src\//.test(each));
    assert.ok(theirs.some((each) => each.endsWith('/store/sqlite/writer.ts')));
    const others = theirs.filter((each) => !/\/gateway\/src\/(store\/|audit\/signing\.ts)/.test(each));
    assert.deepEqual(others, []);
  });
});

/** Notes every module that is loaded, and whoever asks for a locale. */
const watching = (file: string): string => `import { registerHooks } from 'node:module';
  import { appendFileSync } from 'node:fs';
  import { isMainThread, threadName } from 'node:worker_threads';
  const thread = isMainThread ? '' : threadName + ' ';
  const note = (what) => appendFileSync(${JSON.stringify(file)}, thread + what + '\\n');
  registerHooks({ load(url, context, next) { note(url); return next(url, context); } });
  const asking = { Intl: Object.getOwnPropertyNames(Intl), Number: ['toLocaleString'], BigInt: ['toLocaleString'],
    Date: ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'], String: ['localeCompare'] };
  for (const [name, members] of Object.entries(asking)) {
    const owner = name === 'Intl' ? Intl : globalThis[name].prototype;
    for (const member of members) {
      const own = owner[member];
      owner[member] = function (...args) {
        note('locale:' + member + new Error().stack.split('\\n')[2]);
        return new.target ? Reflect.construct(own, args) : Reflect.apply(own, this, args);
      };
    }
  }`;
