/** A policy as somebody sent it, instead of as a folder holds it: the same bounds, and no path that would lead out of one. */
import { LIMITS } from '../limits.ts';
import { fileProblem, type PolicyProblem } from '../problems/problem.ts';
import { isTestFile, type PolicyFile } from './files.ts';

const STEP = /^[A-Za-z0-9_][A-Za-z0-9._ -]*$/;

/** What keeps these files from being a policy folder; empty when nothing does. */
export function draftProblems(files: readonly PolicyFile[]): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const say = (path: string, message: string, fix: string): void =>
    void problems.push(fileProblem(path.slice(0, PATH_CHARS_MAX), message, fix));
  if (files.length > LIMITS.files_max) say('.', `more than ${LIMITS.files_max} policy files`, 'merge some');
  const paths = new Set<string>();
  let total = 0;
  for (const { path, text } of files.slice(0, LIMITS.files_max)) {
    const bytes = Buffer.byteLength(text, 'utf8');
    total += bytes;
    if (!isPath(path))
      say(path, 'this is not the path of a policy file', 'write it like rules.yaml or team/rules.yaml');
    if (paths.has(path)) say(path, 'this file is there twice', 'send each file once');
    paths.add(path);
    if (bytes > LIMITS.file_bytes_max)
      say(path, `the file is larger than ${LIMITS.file_bytes_max} bytes`, 'split it');
    if (!text.isWellFormed()) say(path, 'the file is not UTF-8 text', 'save it as UTF-8');
  }
  if (total > LIMITS.total_bytes_max)
    say('.', `the policy is larger than ${LIMITS.total_bytes_max} bytes`, 'remove what is not used');
  if (!files.some(({ path }) => !isTestFile(path))) say('.', 'there is no file with rules', 'add one');
  return problems.slice(0, LIMITS.problems_max);
}

const PATH_CHARS_MAX = 200;

function isPath(path: string): boolean {
  const steps = path.split('/');
  return (
    path.length <= PATH_CHARS_MAX &&
    path.endsWith('.yaml') &&
    steps.length <= LIMITS.folder_depth_max + 1 &&
    steps.every((step) => STEP.test(step) && step !== 'node_modules')
  );
}
