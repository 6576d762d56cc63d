/**
 * The policy folder as a set of files: every `*.yaml` in it and its sub-folders, in lexical order. Reads, never writes;
 * what cannot be read whole is refused, never left out.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../limits.ts';
import { fileProblem, PolicyError } from '../problems/problem.ts';

export type PolicyFile = {
  /** Path inside the policy folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

export const isTestFile = (path: string): boolean => path.endsWith('.test.yaml');

/** @throws PolicyError when the folder or a file in it cannot be taken */
export function readPolicyFolder(folder: string): readonly PolicyFile[] {
  const paths = listFiles(folder, '', 0).sort();
  if (paths.length > LIMITS.files_max)
    refuse('.', `more than ${LIMITS.files_max} policy files`, 'merge some of them');
  let total = 0;
  const files = paths.map((path): PolicyFile => {
    const bytes = readBytes(join(folder, path), path);
    total += bytes.length;
    if (bytes.length > LIMITS.file_bytes_max)
      refuse(path, `the file is larger than ${LIMITS.file_bytes_max} bytes`, 'split it');
    if (total > LIMITS.total_bytes_max)
      refuse(path, `the policy is larger than ${LIMITS.total_bytes_max} bytes`, 'remove what is not used');
    return { path, text: decode(bytes, path) };
  });
  if (!files.some((file) => !isTestFile(file.path))) {
    refuse(
      '.',
      'the policy folder has no .yaml file',
      'write one, or run "countersign init" for a starter policy',
    );
  }
  return files;
}

const READINGS_MAX = 25;

/**
 * Reads until two readings, a pause apart, agree: somebody may be writing, and half a file can be a whole policy.
 * @throws PolicyError when they never do
 */
export async function readSettled(
  read: () => readonly PolicyFile[],
  pause: () => Promise<unknown>,
): Promise<readonly PolicyFile[]> {
  let before = read();
  for (let reading = 0; reading < READINGS_MAX; reading++) {
    await pause();
    const now = read();
    if (contentDigest(now) === contentDigest(before)) return now;
    before = now;
  }
  return refuse('.', 'the policy folder never stops changing', 'write files elsewhere and move them in');
}

function listFiles(folder: string, below: string, depth: number): string[] {
  if (depth > LIMITS.folder_depth_max)
    return refuse(below, `folders are nested more than ${LIMITS.folder_depth_max} deep`, 'flatten them');
  const found: string[] = [];
  for (const entry of entriesOf(join(folder, below), below)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) found.push(...listFiles(folder, path, depth + 1));
    else if (/\.yaml$/.test(entry.name)) found.push(path);
    else if (/\.ya?ml$/i.test(entry.name))
      refuse(path, 'policy files end in .yaml', 'rename the file, or it would be left out unnoticed');
  }
  return found;
}

function entriesOf(folder: string, shown: string): ReturnType<typeof readDirectory> {
  try {
    return readDirectory(folder);
  } catch (error) {
    return refuse(
      shown || '.',
      `the policy folder cannot be read: ${codeOf(error)}`,
      `make ${folder} a readable folder, or change "policy" in countersign.yaml`,
    );
  }
}

const readDirectory = (folder: string) => readdirSync(folder, { withFileTypes: true });

function readBytes(path: string, shown: string): Buffer {
  try {
    // A link is followed (mounted configuration is made of links), but only to a file, never to a pipe or device.
    if (!lstatSync(path).isSymbolicLink() && !lstatSync(path).isFile())
      refuse(shown, 'this is not a file', 'replace it with a file');
    return readFileSync(path);
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    return refuse(
      shown,
      `the file cannot be read: ${codeOf(error)}`,
      'make it readable for the user the gateway runs as',
    );
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(path, 'the file is not UTF-8 text', 'save it as UTF-8');
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';

function refuse(path: string, message: string, fix: string): never {
  throw new PolicyError([fileProblem(path, message, fix)]);
}

/** SHA-256 over every file's path, length and text, tests included: whether anything changed at all. */
export function contentDigest(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const bytes = Buffer.from(text, 'utf8');
    hash.update(`${JSON.stringify(path)} ${bytes.length}\n`).update(bytes);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The digest that names a policy: over its rule files. Tests decide nothing and are left out. */
export const policyDigest = (files: readonly PolicyFile[]): string =>
  contentDigest(files.filter((file) => !isTestFile(file.path)));
