/** A whole check as text: what is wrong, what is probably not meant, what is untested, and one line that sums it up. */
import type { PolicyReport } from '../check.ts';
import { counted, type FormatOptions, formatPolicyErrors, formatProblem, painter, safe } from './format.ts';

export function formatPolicyReport(report: PolicyReport, options: FormatOptions = {}): string {
  const paint = painter(options);
  const advice = report.advice.map(
    (each) => `${formatProblem(each, paint('yellow', 'advice'), options)}\n\n`,
  );
  const errors = formatPolicyErrors(report.problems, options);
  const parts = [
    errors,
    errors === '' ? '' : '\n',
    ...advice,
    untested(report),
    passkeys(report),
    glass(report),
  ];
  return [...parts, summary(report, options)].join('');
}

function passkeys({ asks_passkey = [] }: PolicyReport): string {
  if (asks_passkey.length === 0) return '';
  const rules = asks_passkey.map((rule) => `  ${safe(rule)}\n`).join('');
  return `Rules that ask for a passkey. Until enough of the people they ask have one confirmed (countersign passkeys list), what they hold is refused at once:\n${rules}\n`;
}

function glass({ breaks_glass = [] }: PolicyReport): string {
  if (breaks_glass.length === 0) return '';
  const rules = breaks_glass.map((rule) => `  ${safe(rule)}\n`).join('');
  return `Rules whose glass may be broken, where every rule that asks offers it. Without a confirmed passkey (countersign passkeys list) nobody they name can:\n${rules}\n`;
}

function untested({ never_matching, tests, problems }: PolicyReport): string {
  if (never_matching.length === 0 || problems.length > 0) return '';
  const places = never_matching
    .map(({ rule, file, line }) => `  ${safe(rule)}  ${safe(file)}:${line}\n`)
    .join('');
  const why =
    tests.length === 0 ? 'There are no tests. Rules:' : 'Rules no test matches (dead, misspelt or untested):';
  return `${why}\n${places}\n`;
}

function summary({ problems, rules, files, tests }: PolicyReport, options: FormatOptions): string {
  const paint = painter(options);
  const failed = tests.filter((test) => !test.ok).length;
  const ran =
    failed === 0
      ? `${counted(tests.length, 'test')} passed`
      : `${failed} of ${counted(tests.length, 'test')} failed`;
  if (problems.length > 0 && rules === 0) return `${paint('red', 'not loaded')}\n`;
  const verdict = problems.length > 0 ? paint('red', 'not loaded') : paint('green', 'ok');
  return `${verdict}: ${counted(rules, 'rule')} in ${counted(files.filter((file) => !file.endsWith('.test.yaml')).length, 'file')}, ${ran}\n`;
}
