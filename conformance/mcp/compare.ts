// What two runs of the suite say of one another. Equal means: the same checks, as often, with the same outcome.
import type { Check, Results } from './suite.ts';

export type Line = { scenario: string; ok: boolean; passed: number; failed: number; notes: string[] };

/** The suite skips this one on every server: it has not been rewritten since the notifications moved. */
const SKIPPED_BY_THE_SUITE = new Set(['tasks-status-notifications']);

/** Every check of every scenario must have succeeded. */
export function perfect(results: Results): Line[] {
  return [...results].map(([scenario, checks]) => {
    const bad = checks.filter(({ id, status }) => status !== 'SUCCESS' && !SKIPPED_BY_THE_SUITE.has(id));
    return line(
      scenario,
      checks,
      bad.map(({ id, status, message }) => `${id}: ${status}${message ? ` (${message})` : ''}`),
    );
  });
}

/** Every scenario must have the same outcome as `reference`, check by check. */
export function equal(reference: Results, results: Results): Line[] {
  const scenarios = [...new Set([...reference.keys(), ...results.keys()])];
  return scenarios.map((scenario) => {
    const [want, have] = [reference.get(scenario) ?? [], results.get(scenario) ?? []];
    return line(scenario, have, differences(want, have));
  });
}

function line(scenario: string, checks: readonly Check[], notes: string[]): Line {
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  const failed = checks.filter(({ status }) => status === 'FAILURE').length;
  return { scenario, ok: notes.length === 0, passed, failed, notes };
}

function differences(want: readonly Check[], have: readonly Check[]): string[] {
  const [wanted, had] = [tally(want), tally(have)];
  return [...new Set([...wanted.keys(), ...had.keys()])].flatMap((key) => {
    const [expected, found] = [wanted.get(key) ?? 0, had.get(key) ?? 0];
    if (expected === found) return [];
    const message = have.find((check) => nameOf(check) === key)?.message;
    return [`${key}: ${found} × instead of ${expected} ×${message ? ` (${message})` : ''}`];
  });
}

function nameOf({ id, status }: Check): string {
  return `${id} ${status}`;
}

function tally(checks: readonly Check[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const check of checks) counts.set(nameOf(check), (counts.get(nameOf(check)) ?? 0) + 1);
  return counts;
}
