// Tables for people: one line a scenario, and under it what differed.
import type { Line } from './compare.ts';

export type Section = { title: string; lines: readonly Line[] };

const NAME_WIDTH_MAX = 84;

export function print({ title, lines }: Section): void {
  const width = Math.min(NAME_WIDTH_MAX, Math.max(8, ...lines.map(({ scenario }) => scenario.length)));
  console.log(`\n${title}`);
  for (const { scenario, ok, passed, failed, notes } of lines) {
    console.log(
      `  ${ok ? 'ok    ' : 'FAILED'}  ${scenario.padEnd(width)}  ${`${passed} passed`.padStart(10)}, ${failed} failed`,
    );
    for (const note of notes) console.log(`            ${note.replaceAll('\n', '\n            ')}`);
  }
  const [passed, failed] = [sum(lines, 'passed'), sum(lines, 'failed')];
  const bad = lines.filter(({ ok }) => !ok).length;
  const verdict = bad === 0 ? 'all as wanted' : `${bad} of ${lines.length} not as wanted`;
  console.log(`  ${lines.length} scenarios, ${passed} checks passed, ${failed} failed: ${verdict}`);
}

function sum(lines: readonly Line[], key: 'passed' | 'failed'): number {
  return lines.reduce((total, line) => total + line[key], 0);
}
