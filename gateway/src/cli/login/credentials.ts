/**
 * Sign-ins of this command line, one a gateway, in a file only this user can read. A token goes to the gateway that
 * gave it and nowhere else. A file others could read is refused, not used.
 */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Io } from '../verb.ts';

export type StoredLogin = {
  readonly token: string;
  readonly person: string;
  readonly name: string;
  readonly expires_at: number;
};
export type Credentials = {
  readonly version: 1;
  /** The gateway last signed in to: used when none is named. */
  readonly current?: string;
  readonly gateways: { readonly [origin: string]: StoredLogin };
};

/** The file is there but cannot be used. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
export class NotSignedInError extends Error {
  override readonly name = 'NotSignedInError';
}

const NOBODY: Credentials = { version: 1, gateways: {} };
const OTHERS = 0o077;

export function credentialsFile({ env }: Pick<Io, 'env'>): string {
  const base = env['XDG_CONFIG_HOME'] ?? '';
  // The base directory specification: a relative path is to be ignored.
  const home = path.isAbsolute(base) ? base : path.join(env['HOME'] ?? homedir(), '.config');
  return path.join(home, 'countersign', 'credentials.json');
}

export async function readCredentials(io: Pick<Io, 'env'>): Promise<Credentials> {
  const file = credentialsFile(io);
  let text: string;
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      throw new CredentialsError(`${file}: others on this machine can read it; run: chmod 600 ${file}`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOBODY;
    throw error;
  }
  const found = parse(text);
  if (found === undefined)
    throw new CredentialsError(`${file}: not a credentials file; remove it and sign in again`);
  return found;
}

/** All or nothing: written beside, flushed, then moved over, and never readable by others at any moment. */
export async function writeCredentials(io: Pick<Io, 'env'>, credentials: Credentials): Promise<string> {
  const file = credentialsFile(io);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  return file;
}

export function withLogin(all: Credentials, origin: string, login: StoredLogin): Credentials {
  return { version: 1, current: origin, gateways: { ...all.gateways, [origin]: login } };
}

export function withoutLogin({ current, gateways }: Credentials, origin: string): Credentials {
  const { [origin]: _gone, ...rest } = gateways;
  const next = current === origin ? Object.keys(rest)[0] : current;
  return { version: 1, ...(next === undefined ? {} : { current: next }), gateways: rest };
}

function parse(text: string): Credentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // said by the caller, with the file's name
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, current, gateways } = value as Partial<Credentials>;
  if (version !== 1 || typeof gateways !== 'object' || gateways === null) return undefined;
  if (!Object.values(gateways).every(isLogin)) return undefined;
  return { version, ...(typeof current === 'string' ? { current } : {}), gateways };
}

const isLogin = (value: unknown): value is StoredLogin =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as StoredLogin).token === 'string' &&
  typeof (value as StoredLogin).expires_at === 'number';
