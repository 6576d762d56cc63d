/**
 * Secrets by reference: `env:NAME` or `file:PATH`. Step three of reading the configuration: variables (the file),
 * typed config, then this. A secret is opened only here, is never part of the typed config, and every value opened is
 * known to the masker, so that an upstream that echoes it back cannot leak it (I7, A23).
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export const SECRET_REF = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;
export type SecretRef = string;

export const SECRET_BYTES_MAX = 65_536;

export class SecretError extends Error {
  override readonly name = 'SecretError';
}

export type Secrets = {
  open(ref: SecretRef, field: string): string;
  /** Every value opened so far, for masking by value. */
  opened(): readonly string[];
};

export function createSecrets(env: NodeJS.ProcessEnv, base_dir: string): Secrets {
  const values = new Set<string>();
  const open = (ref: SecretRef, field: string): string => {
    const value = ref.startsWith('env:')
      ? fromEnvironment(env, ref.slice('env:'.length), field)
      : fromFile(path.resolve(base_dir, ref.slice('file:'.length)), field);
    values.add(value);
    return value;
  };
  return { open, opened: () => [...values] };
}

function fromEnvironment(env: NodeJS.ProcessEnv, name: string, field: string): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new SecretError(
      `${field}: environment variable ${name} is not set; set it for the gateway's process`,
    );
  }
  return value;
}

function fromFile(file: string, field: string): string {
  let size: number;
  let mode: number;
  try {
    ({ size, mode } = statSync(file));
  } catch (cause) {
    throw new SecretError(`${field}: cannot read ${file}; create it with mode 0600`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new SecretError(`${field}: ${file} can be read by others; run: chmod 600 ${file}`);
  }
  if (size > SECRET_BYTES_MAX) {
    throw new SecretError(`${field}: ${file} has ${size} bytes; a secret has at most ${SECRET_BYTES_MAX}`);
  }
  const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  if (value === '') throw new SecretError(`${field}: ${file} is empty`);
  return value;
}
