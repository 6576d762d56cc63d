/** RESULTS.md: a line for every goal, measured or not, and what else the benches said. Pure. */
import { GOALS, type Goal, type GoalId, isMet, type Measured, type Report, shown } from '../goals.ts';

/** `load`: how many others wanted a core when it began, over the minute before. */
export type Found = { readonly bench: string; readonly load: number; readonly report: Report };

export function resultsText(
  found: readonly Found[],
  { machine, date }: { readonly machine: string; readonly date: Date },
): string {
  const measured = new Map(found.flatMap(({ report }) => report.measured.map((each) => [each.goal, each])));
  const rows = (Object.keys(GOALS) as GoalId[]).map((id) => row(id, measured.get(id)));
  const missed = rows.filter((line) => !line.endsWith('| met |')).length;
  return [
    '# What the benches measured',
    '',
    `${machine}; ${date.toISOString().slice(0, 10)}. Written by \`npm run bench\`: one run, medians, nothing picked.`,
    'A gateway measured as a whole is the built package, started by `countersign serve`, as users run it.',
    'Numbers depend on the machine and on what else it does; the ratio is against a baseline of the same run, so compare that.',
    '',
    missed === 0 ? 'Every goal was met.' : `${missed} of ${rows.length} goals were not met in this run.`,
    '',
    '| goal | wanted | measured | baseline in the same run | ratio | |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    ...found.flatMap(({ bench, load, report }) => [
      `## ${bench}`,
      '',
      `\`npm run bench ${bench}\`; load average of the machine before it began: ${load.toFixed(1)}`,
      '',
      ...report.also.map(([name, value]) => `- ${name}: ${value}`),
      '',
    ]),
  ].join('\n');
}

function row(id: GoalId, measured: Measured | undefined): string {
  const { says, at, want, unit }: Goal = GOALS[id];
  const wanted = `at ${at} ${shown(want, unit)}`;
  if (measured === undefined) return `| ${says} | ${wanted} | | | | not measured |`;
  const { got, baseline, ratio } = measured;
  const against = `${baseline.name}: ${shown(baseline.value, baseline.unit)}`;
  const verdict = isMet(measured) ? 'met' : '**not met**';
  return `| ${says} | ${wanted} | ${shown(got, unit)} | ${against} | ${shown(ratio, '')} | ${verdict} |`;
}
