/**
 * The demo as a process of its own, in a folder that outlives it, and Robin, whom it asks: for tests that answer it from
 * somewhere else than its terminal, and then look at what ran and at what its log says once it is gone.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { type Client, createClient } from '@countersign/sdk';
import { freePort } from '../../gateway/src/cli/setup/free-port.ts';
import { PROCESS_MS, until } from '../../gateway/testing/until.ts';

const MAIN = fileURLToPath(new URL('../../gateway/src/cli/main.ts', import.meta.url));
const CLI = ['--conditions=countersign-source', MAIN] as const;

export type Demo = {
  readonly url: string;
  /** Everything it printed so far. */
  said(): string;
  /** However its lines are broken. */
  says(what: RegExp): Promise<void>;
  type(text: string): void;
  /** Signed in by the link it printed. */
  robin(): Promise<Client>;
  /** What stands in `config/app.json` now. */
  overwritten(): Promise<string>;
  exists(file: string): Promise<boolean>;
  /** Copies its log once so many reviews are in it, ends it, and verifies the copy: what was verified, and the reviews. */
  verifiedAfterItsEnd(
    reviews: number,
  ): Promise<{ readonly report: string; readonly reviews: readonly Review[] }>;
  close(): Promise<void>;
};

export type Review = {
  readonly reviewer: string;
  readonly channel: string;
  readonly decision: string;
  readonly counted: boolean;
  readonly proof: string;
};

export type DemoOptions = {
  /** Of the file that `--channels` names. */
  readonly channels: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Files beside it, readable by their owner. */
  readonly secrets?: { readonly [name: string]: string };
};

export async function startDemo(
  optionsAt: (url: string) => DemoOptions | Promise<DemoOptions>,
): Promise<Demo> {
  const dir = await mkdtemp(path.join(tmpdir(), 'countersign-demo-test-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const { channels, env = {}, secrets = {} } = await optionsAt(url);
  await writeFile(path.join(dir, 'channels.yaml'), channels);
  for (const [name, value] of Object.entries(secrets))
    await writeFile(path.join(dir, name), value, { mode: 0o600 });
  const words = ['demo', '--channels', 'channels.yaml', '--port', String(port)];
  const child = spawn(process.execPath, [...CLI, ...words], {
    cwd: dir,
    env: { ...process.env, ...env, TMPDIR: dir },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const heard: string[] = [];
  const said = (): string => heard.join('');
  const hear = (text: unknown): void => void heard.push(stripVTControlCharacters(String(text)));
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = once(child, 'close');
  const world = async (): Promise<string> => {
    const name = (await readdir(dir)).find((each) => each.startsWith('countersign-demo-'));
    assert.ok(name, said());
    return path.join(dir, name);
  };
  const read = async (file: string): Promise<string> =>
    readFile(path.join(await world(), 'files', file), 'utf8');
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  return {
    url,
    said,
    says: (what) =>
      until(
        () => `it says ${what}; it said:\n${said()}`,
        () => what.test(said().replaceAll(/\s+/g, ' ')),
        PROCESS_MS,
      ),
    type: (text) => void child.stdin.write(text),
    async robin() {
      const [, code] = /\/sign-in\?to=%2F#(\S+)/.exec(said()) ?? assert.fail(said());
      const { token } = await createClient({ url }).signIn({ code: code ?? '', kind: 'cli' });
      return createClient({ url, token: token ?? assert.fail('no token') });
    },
    overwritten: () => read('config/app.json'),
    exists: (file) =>
      read(file).then(
        () => true,
        () => false,
      ),
    async verifiedAfterItsEnd(least) {
      const data = path.join(await world(), 'data');
      const copy = path.join(dir, 'copied-log');
      const key = (await readFile(path.join(data, 'log.vkey'), 'utf8')).trim();
      // As a crash at any moment would leave it: no file of it is being written meanwhile.
      const take = async (): Promise<boolean> => {
        child.kill('SIGSTOP');
        await rm(copy, { recursive: true, force: true });
        await cp(path.join(data, 'log'), copy, { recursive: true }).finally(() => child.kill('SIGCONT'));
        return (await reviewsIn(copy)).length >= least;
      };
      await until(`${least} reviews in its log`, take, PROCESS_MS);
      await end();
      const args = [...CLI, 'log', 'verify', copy, '--key', key];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return { report: stdout, reviews: await reviewsIn(copy) };
    },
    async close() {
      await end();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Read as anybody could: envelopes are JSON, one a line or a file, whose payload is base64. */
async function reviewsIn(log: string): Promise<readonly Review[]> {
  const files = (await readdir(log, { recursive: true, withFileTypes: true })).filter(
    (each) => each.isFile() && each.parentPath.includes('envelopes'),
  );
  assert.ok(files.length > 0);
  const texts = await Promise.all(
    files.map((each) => readFile(path.join(each.parentPath, each.name), 'latin1')),
  );
  return texts
    .flatMap((text) => [...text.matchAll(/"payload":"([A-Za-z0-9+/=]+)"/g)])
    .map(([, payload = '']) => JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Statement)
    .flatMap(({ predicateType, predicate }) =>
      predicateType === 'urn:countersign:attestation:review:v1' ? [predicate] : [],
    );
}
type Statement = { readonly predicateType: string; readonly predicate: Review };
