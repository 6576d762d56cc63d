/** What leaves is what the configuration says, whatever Node makes of the environment. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { promisify } from 'node:util';

const PROXY = 'http://127.0.0.1:9';
const TRIES = `
  const { waysOut } = await import('${new URL('./ways-out.ts', import.meta.url).href}');
  try {
    waysOut({ outgoing: {} }, { base_dir: '.' });
    console.log('opened');
  } catch (error) {
    console.log(error.name, error.message);
  }`;

/** A Node of its own: it looks once, when it starts. */
async function opened(env: NodeJS.ProcessEnv, flags: readonly string[]): Promise<string> {
  const all = [...flags, '--conditions=countersign-source', '--input-type=module', '-e', TRIES];
  return (await promisify(execFile)(process.execPath, all, { env, timeout: 20_000 })).stdout.trim();
}

for (const [env, flags] of [
  [{ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: PROXY }, []],
  [{ NODE_OPTIONS: '--use-env-proxy', HTTP_PROXY: PROXY }, []],
  [{ https_proxy: PROXY }, ['--use-env-proxy']],
  [{ http_proxy: PROXY }, ['--use-env-proxy']],
] as const)
  it(`does not begin with ${[...Object.keys(env), ...flags].join(' and ')}, and names the fix`, async () => {
    const name = Object.keys(env).find((each) => /_proxy$/i.test(each) && !each.startsWith('NODE')) ?? '';
    const said = await opened(env, flags);
    assert.ok(said.startsWith('SecretError outgoing.proxy: NODE_USE_ENV_PROXY or --use-env-proxy'), said);
    assert.ok(
      said.includes(` through ${name}, whatever`) && said.includes('start the gateway without it'),
      said,
    );
  });

for (const [env, flags] of [
  [{ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }, []],
  [{ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: '' }, []],
  [{ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: PROXY }, ['--no-use-env-proxy']],
] as const)
  it(`begins with ${[...Object.keys(env), ...flags].join(' and ')}, of which Node makes nothing`, async () => {
    assert.equal(await opened(env, flags), 'opened');
  });
