/** What went wrong, as one plain sentence with what to do, and the exit code scripts read. Never a stack unless asked for. */
import { escapeTerminal } from '@countersign/core';
import { ProblemError, ProtocolError, UnreachableError } from '@countersign/sdk';
import { LogUnreadable } from '../../audit/verify/source.ts';
import { ConfigError } from '../../config/source.ts';
import { PolicyError } from '../../policy/problems/problem.ts';
import { CredentialsError, NotSignedInError } from '../login/credentials.ts';
import { COMMAND, EXIT, type Io, UsageError } from '../verb.ts';

type Where = { readonly usage: string; readonly name: string };
type Failure = { readonly code: number; readonly lines: readonly string[] };

export function explainFailure(error: unknown, where: Where, io: Io): number {
  const { code, lines } = failureOf(error, where, io);
  for (const line of lines) io.stderr.write(`${escapeTerminal(line)}\n`);
  // Ours, and set in columns: nothing to escape.
  if (code === EXIT.usage && where.usage !== '') io.stderr.write(`\n${where.usage}\n`);
  return code;
}

function failureOf(error: unknown, { name }: Where, io: Io): Failure {
  if (error instanceof UsageError)
    return { code: EXIT.usage, lines: [`countersign ${name}: ${error.message}`] };
  if (error instanceof NotSignedInError) return { code: EXIT.refused, lines: [error.message] };
  if (error instanceof CredentialsError) return { code: EXIT.unreachable, lines: [error.message] };
  if (error instanceof LogUnreadable) return { code: EXIT.unreachable, lines: [`${error.message}.`] };
  if (error instanceof ProblemError) return { code: EXIT.refused, lines: problemLines(error) };
  if (error instanceof UnreachableError)
    return {
      code: EXIT.unreachable,
      lines: [
        `${error.message}.`,
        'Is the gateway running (countersign serve)? Another one: --url URL or COUNTERSIGN_URL.',
      ],
    };
  if (error instanceof ProtocolError)
    return {
      code: EXIT.unreachable,
      lines: [`What answered does not seem to be a Countersign gateway: ${error.message}.`],
    };
  if (error instanceof ConfigError) return { code: EXIT.no, lines: error.message.split('\n') };
  if (error instanceof PolicyError) return { code: EXIT.no, lines: policyLines(error) };
  return otherFailure(error, name, io);
}

/** Every problem on a line; `check` shows each with its place in the text. */
const policyLines = ({ problems }: PolicyError): readonly string[] => [
  ...problems.map(({ file, line, column, message, likely, fix }) => {
    const mend = likely === undefined ? fix : `did you mean ${likely}?`;
    return `policy ${file}:${line}:${column}: ${message}${mend === undefined ? '' : `; ${mend}`}`;
  }),
  'With their places shown: countersign check',
];

/** Where the API found a field; who typed a command knows nothing of that. */
const PART_OF_A_CALL = /^(?:path|query|body)\.(?=\w+:)/;

function problemLines({ detail, kind, retry_after_s }: ProblemError): readonly string[] {
  const wait = retry_after_s === undefined ? [] : [`Try again in ${retry_after_s} s.`];
  const signIn =
    kind === 'not_signed_in'
      ? [
          `Run: ${COMMAND} login --link-file FILE, with a link an operator makes, or login --browser, with your provider.`,
        ]
      : [];
  return [detail.replace(PART_OF_A_CALL, ''), ...wait, ...signIn];
}

const REFUSALS = new Set(['Error', 'SecretError', 'UnknownUser', 'KnownSecretError', 'StoreUnavailable']);
const FILE_CODES: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read or write it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of the path is not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function otherFailure(error: unknown, name: string, io: Io): Failure {
  const { code, path } = (error ?? {}) as { readonly code?: unknown; readonly path?: string };
  const why = typeof code === 'string' ? FILE_CODES[code] : undefined;
  if (why !== undefined)
    return { code: EXIT.unreachable, lines: [`${path ?? `countersign ${name}`}: ${why}`] };
  const text = error instanceof Error ? error.message : String(error);
  // What is thrown may be anybody’s: JSON-RPC numbers its codes.
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'))
    return { code: EXIT.usage, lines: [`countersign ${name}: ${text}`] };
  // Parts of the gateway refuse to start with a sentence that names the file and the fix; a TypeError is no sentence.
  if (error instanceof Error && REFUSALS.has(error.name)) return { code: EXIT.no, lines: [text] };
  const stack = error instanceof Error && io.env['COUNTERSIGN_DEBUG'] !== undefined ? error.stack : undefined;
  return {
    code: EXIT.broken,
    lines: [`countersign ${name}: ${text}`, stack ?? 'For the details: COUNTERSIGN_DEBUG=1'],
  };
}
