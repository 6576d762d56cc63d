/**
 * `countersign login`: trades a one-time link, or what a browser brings back, for a token kept for that gateway. The link is never an exit message, a
 * log line or a process title: given with `--link` it is visible to other users of the machine, so a file or the prompt
 * is better, and the help says so.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { createClient } from '@countersign/sdk';
import { readArguments } from '../dispatch/arguments.ts';
import { writeJson } from '../output.ts';
import { inline } from '../render/frame.ts';
import { instant } from '../render/time.ts';
import { DEFAULT_URL, gatewayUrl } from '../session.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { type BrowserCode, codeFromBrowser } from './browser.ts';
import { readCredentials, withLogin, writeCredentials } from './credentials.ts';
import { readLink, type SignInLink } from './link.ts';

export const verb: Verb = {
  about: 'Sign in to a gateway, with a browser or a one-time link',
  usage: `countersign login [--browser [--fresh] | --link-file FILE | --link URL] [--url URL] [--json]

  --browser         sign in with the provider of your organisation, in a browser
                    on this machine
  --fresh           show there who you are even if you are signed in: for rules
                    that ask for a recent sign-in
  --link-file FILE  the file the gateway wrote (countersign reviewers link NAME);
                    - for standard input
  --link URL        the link itself. Other users of this machine can see
                    arguments, so prefer a file
  --url URL         the gateway, where it has another name than in the link

With none of these you are asked for a link, or sign in with a browser. The token is kept, readable by you alone, in
$XDG_CONFIG_HOME/countersign/credentials.json (~/.config where that is not set).`,
  run: login,
};

const OPTIONS = {
  browser: { type: 'boolean' },
  fresh: { type: 'boolean' },
  link: { type: 'string' },
  'link-file': { type: 'string' },
  url: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function login(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, { options: OPTIONS });
  if ([values.browser, values.link, values['link-file']].filter((way) => way !== undefined).length > 1)
    throw new UsageError('give one of --browser, --link and --link-file');
  // Before anything is used up: a sign-in that cannot be kept would be lost.
  const before = await readCredentials(io);
  const text = values.browser === true ? '' : (values.link ?? (await linkText(values['link-file'], io)));
  const link = text.trim() === '' ? undefined : readLink(text);
  const named = values.url ?? link?.url ?? io.env['COUNTERSIGN_URL'] ?? before.current ?? DEFAULT_URL;
  const origin = gatewayUrl(named, io);
  const { token, person, expires_at } = await exchange(
    origin,
    link ?? (await codeFromBrowser(origin, io, values.fresh === true)),
  );
  if (token === undefined) throw new UsageError('the gateway gave no token');
  const stored = { token, person: person.id, name: person.name, expires_at };
  const file = await writeCredentials(io, withLogin(before, origin, stored));
  if (values.json === true) writeJson(io, { url: origin, person: person.id, name: person.name, expires_at });
  else
    io.stdout.write(
      `Signed in to ${origin} as ${inline(person.name)} (${inline(person.id)}), until ${instant(expires_at)}.\nKept in ${file}\n`,
    );
  return EXIT.ok;
}

const exchange = (url: string, given: SignInLink | BrowserCode) =>
  createClient({ url, user_agent: 'countersign-cli' }).signIn({
    code: given.code,
    kind: 'cli',
    ...('verifier' in given ? { verifier: given.verifier } : {}),
  });

const LINK_CHARACTERS_MAX = 4096;

async function linkText(file: string | undefined, io: Io): Promise<string> {
  if (file === '-') return required(await readAll(io));
  if (file !== undefined)
    return required((await readFile(path.resolve(io.cwd, file), 'utf8')).slice(0, LINK_CHARACTERS_MAX));
  if (io.stdin.isTTY !== true)
    throw new UsageError('no link: give --link-file FILE (- for standard input), or --browser');
  const lines = createInterface({ input: io.stdin, output: io.stdout, historySize: 0 });
  try {
    return await lines.question('One-time sign-in link (none: sign in with a browser): ');
  } finally {
    lines.close();
  }
}

async function readAll({ stdin }: Io): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > LINK_CHARACTERS_MAX) break;
  }
  return text;
}

/** An empty file is a mistake, not a wish for a browser. */
function required(text: string): string {
  if (text.trim() === '')
    throw new UsageError('the link is empty; an operator makes one with: countersign reviewers link NAME');
  return text;
}
