// Rules about a folder as a whole: how many files it holds, and that its first file introduces it.
import { posix } from 'node:path';
import { isTest, type Problem, type Source } from './source.ts';

export const filesMax = 12;

// A sentence or two: less cannot say what this is and what it must never do.
const introductionCharactersMin = 60;

export function folderProblems(sources: readonly Source[]): Problem[] {
  const written = sources.filter((one) => !isTest(one.path));
  const folders = Map.groupBy(written, (one) => posix.dirname(one.path));
  return [...folders].flatMap(([folder, files]) => [
    ...crowdProblems(folder, files),
    ...introductionProblems(folder, files),
  ]);
}

function crowdProblems(folder: string, files: readonly Source[]): Problem[] {
  if (files.length <= filesMax) return [];
  const advice = `${files.length} files besides tests; find the noun for some and give it a folder (${filesMax} at most)`;
  return [{ path: folder, line: 1, rule: 'crowded-folder', advice }];
}

function introductionProblems(folder: string, files: readonly Source[]): Problem[] {
  const first = firstFile(folder, files);
  if (first === undefined || introduction(first.text).length >= introductionCharactersMin) return [];
  const advice = `is ${folder}’s first file: open it with a short paragraph, what this is and what it must never do`;
  return [{ path: first.path, line: 1, rule: 'introduction', advice }];
}

/** The file a reader opens first: main, index, the one named after the folder, else the first by name. */
export function firstFile(folder: string, files: readonly Source[]): Source | undefined {
  const noun = posix.basename(folder);
  const names = ['main', 'index', noun, noun.replace(/s$/, '')];
  const found = names.map((name) => files.find((one) => stem(one.path) === name));
  return found.find((one) => one !== undefined) ?? [...files].sort((a, b) => (a.path < b.path ? -1 : 1))[0];
}

function stem(path: string): string {
  return posix.basename(path).replace(/\.[^.]+$/, '');
}

function introduction(text: string): string {
  const body = text.replace(/^(?:#!.*\n|\/\/ @ts-check\n)+/, '').trimStart();
  const block = /^\/\*[\s\S]*?\*\//.exec(body) ?? /^(?:\/\/.*\n?)+/.exec(body);
  return (block?.[0] ?? '').replace(/[/*\s]+/g, ' ').trim();
}
