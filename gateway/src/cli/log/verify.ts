/** `countersign log verify`: offline, from a folder or URL and one key. Says what it could and could not establish. */
import { readFile, writeFile } from 'node:fs/promises';
import { escapeTerminal, LogError, parseVerifierKey } from '@countersign/core';
import type { LogReport } from '../../audit/verify/report.ts';
import { openLogSource } from '../../audit/verify/source.ts';
import { sayFinding, verifyLog } from '../../audit/verify/verify.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { hasColor, painter, writeJson } from '../output.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { progressOf } from './progress.ts';

export const verify: Verb = {
  about: 'Verify a log offline, from its files and one key',
  usage: `countersign log verify FOLDER|URL --key VKEY [--older FILE] [--witness VKEY]... [--tree-only]
                       [--keep FILE] [--json]

  --key VKEY       the log's verifier key, from anywhere but the log (serve prints it); or a file that holds it
  --older FILE     a checkpoint you kept from an earlier visit: proves the past was not rewritten since
  --witness VKEY   a witness you trust to have cosigned the checkpoint
  --tree-only      hashes only, without the entries' signatures; about ten times as fast
  --keep FILE      write the checkpoint to FILE, to give as --older next time

Exit code 0: nothing found against it; 1: it must not be trusted as it is.`,
  run,
};

const OPTIONS = {
  key: { type: 'string' },
  older: { type: 'string' },
  witness: { type: 'string', multiple: true },
  'tree-only': { type: 'boolean' },
  keep: { type: 'string' },
  json: { type: 'boolean' },
} as const;

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['FOLDER|URL'] });
  const vkey = await keyOf(values.key);
  const progress = progressOf(io, 'verified');
  const report = await verifyLog({
    source: openLogSource(given[0] ?? ''),
    vkey,
    depth: values['tree-only'] === true ? 'tree' : 'entries',
    witnesses: (values.witness ?? []).map((each) => judged('--witness', each)),
    onProgress: progress.tell,
    ...(values.older === undefined ? {} : { older: await readFile(values.older, 'utf8') }),
  });
  progress.end();
  if (values.keep !== undefined && report.ok)
    await writeFile(values.keep, report.checkpoint, { mode: 0o600 });
  if (values.json === true) writeJson(io, report);
  else io.stdout.write(reportText(report, io));
  return report.ok ? EXIT.ok : EXIT.no;
}

/** The key itself, or a file that holds it. */
export async function keyOf(given: string | undefined): Promise<string> {
  if (given === undefined)
    throw new UsageError('--key is missing: the log’s verifier key, as the operator gave it to you');
  const key = given.includes('+') ? given : (await readFile(given, 'utf8')).trim();
  return judged('--key', key);
}

/** The text, if it is a verifier key. */
function judged(option: string, text: string): string {
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

const ERASED_SHOWN = 20;

/** Which requests have no clear text any more; --json lists more of them. */
function erasedText({ erased, erased_total }: LogReport): readonly string[] {
  if (erased_total === 0) return [];
  const rows = erased
    .slice(0, ERASED_SHOWN)
    .map(({ request, by, at, index }) => `  entry ${index}: ${escapeTerminal(`${request} by ${by}, ${at}`)}`);
  const more = erased_total - rows.length;
  return [
    '',
    `Erased, on the record (${erased_total}):`,
    ...rows,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function reportText(report: LogReport, io: Io): string {
  const paint = painter(hasColor(io));
  const say = (text: string): string => escapeTerminal(text);
  const lines = [
    ...(report.root === ''
      ? []
      : [`${say(report.origin)}, ${report.size} entries`, `root ${say(report.root)}`, '']),
    'Established:',
    ...report.established.map((each) => `  ${paint('accent', '✓')} ${say(each)}`),
    ...(report.established.length === 0 ? ['  nothing'] : []),
    '',
    'Not established:',
    ...report.not_established.map((each) => `  ${paint('dim', '·')} ${say(each)}`),
  ];
  const erased = erasedText(report);
  const findings = report.findings.map(
    (finding) =>
      `  ${paint('alarm', '✗')} ${finding.index === undefined ? '' : `entry ${finding.index}: `}${say(sayFinding(finding))}`,
  );
  const found =
    findings.length === 0 ? [] : ['', `Found against it (${report.findings_total}):`, ...findings];
  const verdict = report.ok
    ? paint('bold', 'Nothing found against it.')
    : paint('alarm', 'This log must not be trusted as it is.');
  // Of a log that failed there is nothing to keep, and its bytes are anybody's: they do not reach a terminal (A2).
  const keep = report.ok
    ? [
        '',
        'Keep this checkpoint, and give it as --older next time (--keep FILE writes it):',
        '',
        ...report.checkpoint.trimEnd().split('\n').map(say),
      ]
    : [];
  return `${[...lines, ...erased, ...found, ...keep, '', verdict].join('\n')}\n`;
}
