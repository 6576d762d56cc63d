/** `countersign log verify`: offline, from a folder or URL and one key. Says what it could and could not establish. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LogError, parseNote, parseVerifierKey } from '@countersign/core';
import { verifyLog } from '../../audit/verify/verify.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { writeJson } from '../output.ts';
import { REVIEWER_KEY_USAGE, readPins } from '../reviews/reviewer-keys.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { openLog } from './place.ts';
import { progressOf } from './progress.ts';
import { reportText } from './report.ts';

export const verify: Verb = {
  about: 'Verify a log offline, from its files and one key',
  usage: `countersign log verify FOLDER|URL --key VKEY [--older FILE] [--witness VKEY]... [--tree-only]
                       [--reviewer-key PERSON=DIGEST]... [--keep FILE] [--json]

  --key VKEY       the log's verifier key, from anywhere but the log (serve prints it); or a file that holds it
  --older FILE     a checkpoint you kept from an earlier visit: proves the past was not rewritten since
  --witness VKEY   a witness you trust to have cosigned the checkpoint
${REVIEWER_KEY_USAGE}
  --tree-only      hashes only, without the entries' signatures; about ten times as fast
  --keep FILE      write the checkpoint to FILE, to give as --older next time

Exit code 0: nothing found against it; 1: it must not be trusted as it is; 4: it cannot be read.`,
  run,
};

const OPTIONS = {
  key: { type: 'string' },
  older: { type: 'string' },
  witness: { type: 'string', multiple: true },
  'reviewer-key': { type: 'string', multiple: true },
  'tree-only': { type: 'boolean' },
  keep: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['FOLDER|URL'] });
  const vkey = await keyOf(values.key);
  const older = values.older === undefined ? undefined : await keptCheckpoint(values.older, io);
  const pins = readPins(values['reviewer-key']);
  const source = await openLog(given[0] ?? '', io);
  const progress = progressOf(io, 'verified');
  const report = await verifyLog({
    source,
    vkey,
    depth: values['tree-only'] === true ? 'tree' : 'entries',
    witnesses: (values.witness ?? []).map((each) => judged('--witness', each)),
    onProgress: progress.tell,
    ...(pins === undefined ? {} : { reviewer_keys: pins }),
    ...(older === undefined ? {} : { older }),
  }).finally(progress.end);
  if (values.keep !== undefined && report.ok)
    await writeFile(path.resolve(io.cwd, values.keep), report.checkpoint, { mode: 0o600 });
  if (values.json === true) writeJson(io, report);
  else io.stdout.write(reportText(report, io));
  return report.ok ? EXIT.ok : EXIT.no;
}

/** A file that was never a checkpoint is a wrong path, not a finding about the log. */
async function keptCheckpoint(file: string, { cwd }: Pick<Io, 'cwd'>): Promise<string> {
  const text = await readFile(path.resolve(cwd, file), 'utf8');
  try {
    parseNote(text);
    return text;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new UsageError(
      `--older ${file}: it holds no checkpoint; give the file that --keep wrote, or the log’s file “checkpoint” as it was then`,
    );
  }
}

/** The key itself, or a file that holds it. */
export async function keyOf(given: string | undefined): Promise<string> {
  if (given === undefined)
    throw new UsageError('--key is missing: the log’s verifier key, as the operator gave it to you');
  const key = given.includes('+') ? given : (await readFile(given, 'utf8')).trim();
  return judged('--key', key);
}

/** The text, if it is a verifier key. */
export function judged(option: string, text: string): string {
  try {
    parseVerifierKey(text);
    return text;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new UsageError(
      `${option}: ${error.message}; it is one line like gate.example.com/log+1a2b3c4d+AR…`,
    );
  }
}
