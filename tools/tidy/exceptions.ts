// What is forgiven for now. An exception names one rule in one place and says why; one that forgives
// nothing any more is itself a problem, so the list can only shrink as the tree gets better.
import type { Problem } from './source.ts';

export interface Exception {
  readonly path: string;
  readonly rule: string;
  readonly why: string;
}

export function forgive(found: readonly Problem[], exceptions: readonly Exception[]): Problem[] {
  const open = found.filter((problem) => !exceptions.some((one) => covers(one, problem)));
  const stale = exceptions.filter((one) => !one.why || !found.some((problem) => covers(one, problem)));
  return [...open, ...stale.map(staleProblem)];
}

function covers(exception: Exception, problem: Problem): boolean {
  return exception.path === problem.path && exception.rule === problem.rule;
}

function staleProblem({ path, rule, why }: Exception): Problem {
  const advice = why
    ? `${path} no longer breaks ${rule}: remove the exception`
    : `say why ${path} may break ${rule}`;
  return { path: 'tools/tidy.exceptions.json', line: 1, rule: 'exception', advice };
}
