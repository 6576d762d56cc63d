// The house rules a compiler cannot see, as a check (STYLE habits 1, 10, 13, 14): names, sizes, barrels,
// opening paragraphs, a pure core, imports that point down only, no cycles. It reads the sources and
// prints `file:line rule: what to do`; it never changes a file. Function length and parameter count are
// Biome's (biome.json). What it finds in tidy.exceptions.json is forgiven, and that list may only shrink.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exception, forgive } from './tidy/exceptions.ts';
import { fileProblems } from './tidy/files.ts';
import { folderProblems } from './tidy/folders.ts';
import { cycleProblems, importProblems } from './tidy/imports.ts';
import { type Problem, readSources, type Source } from './tidy/source.ts';

export function tidy(sources: readonly Source[], exceptions: readonly Exception[]): Problem[] {
  const found = [
    ...sources.flatMap(fileProblems),
    ...folderProblems(sources),
    ...sources.flatMap(importProblems),
    ...cycleProblems(sources),
  ];
  return forgive(found, exceptions);
}

export function line(problem: Problem): string {
  return `${problem.path}:${problem.line} ${problem.rule}: ${problem.advice}`;
}

function main(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const list = new URL('tidy.exceptions.json', import.meta.url);
  const problems = tidy(readSources(root), JSON.parse(readFileSync(list, 'utf8')) as Exception[]);
  for (const problem of problems) console.log(line(problem));
  if (problems.length === 0) return;
  console.log(
    `${problems.length} to tidy; the rules are in ${relative(process.cwd(), fileURLToPath(import.meta.url))}`,
  );
  process.exitCode = 1;
}

if (import.meta.main) main();
