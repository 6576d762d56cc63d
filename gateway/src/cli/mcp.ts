/** `countersign mcp UPSTREAM`: the gateway's MCP endpoint as a command, for clients that can only start one. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readArguments } from './dispatch/arguments.ts';
import { gatewayUrl } from './session.ts';
import { runShim } from './shim.ts';
import { EXIT, type Io, UsageError, type Verb } from './verb.ts';

const URL_DEFAULT = 'http://localhost:7070';
const KEY_VARIABLE = 'COUNTERSIGN_AGENT_KEY';

export const verb: Verb = {
  about: 'Serve one upstream on standard input and output',
  usage: `countersign mcp UPSTREAM [--url URL] [--key-file FILE | --token-file FILE]

  --url URL          the gateway (default: $COUNTERSIGN_URL, else ${URL_DEFAULT})
  --key-file FILE    file with the agent key, mode 0600 (default: $${KEY_VARIABLE} holds the key)
  --token-file FILE  file in which the platform keeps a fresh workload token; read anew for every message

The key is never an argument: every process of this machine could read it there.`,
  run: mcp,
};

async function mcp(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, {
    options: { url: { type: 'string' }, 'key-file': { type: 'string' }, 'token-file': { type: 'string' } },
    arguments: ['UPSTREAM'],
  });
  const [upstream = ''] = given;
  if (!/^[a-z0-9][a-z0-9_.-]{0,63}$/.test(upstream))
    throw new UsageError(`“${upstream}” is not the id of an upstream`);
  const base = URL.parse(values.url ?? io.env['COUNTERSIGN_URL'] ?? URL_DEFAULT);
  if (base === null || !/^https?:$/.test(base.protocol))
    throw new UsageError('--url must be an http or https URL');
  gatewayUrl(base.href, io); // refuses what would carry the key in clear over a network
  const url = `${base.href.replace(/\/+$/, '')}/mcp/${upstream}`;
  const token_file = values['token-file'];
  if (token_file !== undefined && values['key-file'] !== undefined)
    throw new UsageError('--key-file and --token-file: give one of them');
  const key = token_file === undefined ? keyOf(io, values['key-file']) : undefined;
  const token = key === undefined ? tokenIn(path.resolve(io.cwd, token_file ?? '')) : () => key;
  await runShim({ url, token, stdin: io.stdin, stdout: io.stdout });
  return EXIT.ok;
}

function keyOf(io: Io, key_file: string | undefined): string {
  const key = key_file === undefined ? io.env[KEY_VARIABLE] : readKey(path.resolve(io.cwd, key_file));
  if (key === undefined || !/^[\x21-\x7e]{1,4096}$/.test(key))
    throw new UsageError(
      `no agent key: set ${KEY_VARIABLE} or --key-file; make one with: countersign agents new-key NAME`,
    );
  return key;
}

/** The platform's own file, with the mode the platform gives it; what is in it is good for minutes. */
function tokenIn(file: string): () => string {
  let last = readToken(file);
  if (last === undefined) throw new UsageError(`--token-file: there is no token in ${file}`);
  return () => {
    // Between two tokens there may be none for a moment: the last one is asked with then, and may be refused.
    last = readToken(file) ?? last;
    return last ?? '';
  };
}

function readToken(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^[\x21-\x7e]{1,16384}$/.test(text) ? text : undefined;
  } catch {
    // Not there, or not for us to read: there is no token, which is all the caller asks.
    return undefined;
  }
}

function readKey(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`--key-file: there is no ${file}`);
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0)
    throw new UsageError(`--key-file: others can read ${file}; run: chmod 600 ${file}`);
  return readFileSync(file, 'utf8').trim();
}
