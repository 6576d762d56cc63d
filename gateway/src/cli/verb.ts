/**
 * What a verb of the command line is. Verbs speak HTTP through the SDK like everyone (but those that
 * only read or write files here), print tables for people and JSON with `--json`, and escape every word that is not ours (A2, A3).
 */
export type Io = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
};

export type Verb = {
  /** One line for `countersign help`. */
  readonly about: string;
  /** Shown by `--help` and on wrong use. */
  readonly usage: string;
  /** Arguments after the verb. Resolves to the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
};

export const EXIT = {
  ok: 0,
  /** The answer is no: denied, not verified, problems found. */
  no: 1,
  usage: 2,
  /** The gateway refused: not signed in, not allowed. */
  refused: 3,
  /** The gateway or a file cannot be reached. */
  unreachable: 4,
  /** A fault in countersign itself (EX_SOFTWARE of sysexits.h). */
  broken: 70,
} as const;

/** Wrong use: printed with the verb's usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How this command line is called: from a clone through npm, else as the package. */
export const COMMAND = import.meta.url.endsWith('.ts') ? 'npm run cli --' : 'npx countersign';
