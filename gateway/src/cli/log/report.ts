/** The report of `log verify`, for people. Sentences fold at the terminal's edge; what is to be copied never does. */
import { escapeTerminal } from '@countersign/core';
import type { LogReport } from '../../audit/verify/report.ts';
import { sayFinding } from '../../audit/verify/verify.ts';
import { folded, hasColor, painter, type Style } from '../output.ts';
import type { Io } from '../verb.ts';

const ERASED_SHOWN = 20;
const GLASS_SHOWN = 20;
const REBUILT_SHOWN = 20;

type Out = Pick<Io, 'stdout' | 'env'>;
type Item = (mark: string, style: Style, text: string) => readonly string[];

export function reportText(report: LogReport, io: Out): string {
  const paint = painter(hasColor(io));
  const item = itemsFor(io);
  const verdict = report.ok
    ? paint('bold', 'Nothing found against it.')
    : paint('alarm', 'This log must not be trusted as it is.');
  const lines = [
    ...headOf(report),
    'Established:',
    ...report.established.flatMap((each) => item('✓', 'accent', each)),
    ...(report.established.length === 0 ? ['  nothing'] : []),
    '',
    'Not established:',
    ...report.not_established.flatMap((each) => item('·', 'dim', each)),
    ...glassText(report, item),
    ...rebuiltText(report, item),
    ...erasedText(report, item),
    ...findingsText(report, item),
    ...keepText(report),
    '',
    verdict,
  ];
  return `${lines.join('\n')}\n`;
}

/** One marked sentence, its later rows under its first word. Whoever reads lines and not a terminal gets it in one. */
function itemsFor(io: Out): Item {
  const paint = painter(hasColor(io));
  return (mark, style, text) =>
    folded(escapeTerminal(text), io, 4).map((row, at) =>
      at === 0 ? `  ${paint(style, mark)} ${row}` : `    ${row}`,
    );
}

const headOf = ({ root, origin, size }: LogReport): readonly string[] =>
  root === '' ? [] : [`${escapeTerminal(origin)}, ${size} entries`, `root ${escapeTerminal(root)}`, ''];

/** Let through by one person: an auditor looks at each. --json lists more of them. */
function glassText({ broken_glass, broken_glass_total }: LogReport, item: Item): readonly string[] {
  if (broken_glass_total === 0) return [];
  const shown = broken_glass.slice(0, GLASS_SHOWN);
  const rows = shown.flatMap(({ request, by, at, index, closed }) => {
    const judged = closed === undefined ? 'nobody has judged it' : `${closed.verdict} says ${closed.by}`;
    return item('!', 'alarm', `entry ${index}: ${request} by ${by}, ${at}; ${judged}`);
  });
  const more = broken_glass_total - shown.length;
  return ['', `Glass broken (${broken_glass_total}):`, ...rows, ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** What its past rests on: whoever said so, and the auditor's own checkpoints. --json lists more of them. */
function rebuiltText({ rebuilt, rebuilt_total }: LogReport, item: Item): readonly string[] {
  if (rebuilt_total === 0) return [];
  const shown = rebuilt.slice(0, REBUILT_SHOWN);
  const rows = shown.flatMap(({ at, index, signed, held_to }) => {
    const held = held_to === undefined ? 'nothing kept elsewhere' : `a kept checkpoint of ${held_to}`;
    return item('!', 'alarm', `entry ${index}: ${at}, after ${signed} signed entries; held to ${held}`);
  });
  const more = rebuilt_total - shown.length;
  return [
    '',
    `Lost and written anew from its store (${rebuilt_total}):`,
    ...rows,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Which requests have no clear text any more; --json lists more of them. */
function erasedText({ erased, erased_total }: LogReport, item: Item): readonly string[] {
  if (erased_total === 0) return [];
  const rows = erased
    .slice(0, ERASED_SHOWN)
    .flatMap(({ request, by, at, index }) => item('·', 'dim', `entry ${index}: ${request} by ${by}, ${at}`));
  const more = erased_total - Math.min(erased.length, ERASED_SHOWN);
  return [
    '',
    `Erased, on the record (${erased_total}):`,
    ...rows,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function findingsText({ findings, findings_total }: LogReport, item: Item): readonly string[] {
  if (findings.length === 0) return [];
  const said = findings.flatMap((finding) => {
    const where = finding.index === undefined ? '' : `entry ${finding.index}: `;
    return item('✗', 'alarm', `${where}${sayFinding(finding)}`);
  });
  const more = findings_total - findings.length;
  return ['', `Found against it (${findings_total}):`, ...said, ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** Of a log that failed there is nothing to keep, and its bytes are anybody's: they do not reach a terminal (A2). */
function keepText({ ok, checkpoint }: LogReport): readonly string[] {
  if (!ok) return [];
  return [
    '',
    'Keep this checkpoint, and give it as --older next time (--keep FILE writes it):',
    '',
    ...checkpoint.trimEnd().split('\n').map(escapeTerminal),
  ];
}
