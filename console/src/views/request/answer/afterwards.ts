/** What one’s answer led to so far: approved is never said as run, nor run as still to come (A25). Pure. */
import type { Execution } from '@countersign/sdk';
import type { Given } from './props.ts';

const RUNS: { readonly [status: string]: string } = {
  started: 'It is running now.',
  succeeded: 'It ran, and succeeded.',
  failed: 'It was begun, and failed.',
};

type Answered = { readonly given: Given; readonly executions: readonly Pick<Execution, 'status'>[] };

export function afterwards({ given: { result }, executions }: Answered): string {
  const { status, quorum } = result;
  if (status === 'denied') return 'It will not run. The agent is told, with your reason if you gave one.';
  if (status !== 'approved')
    return `Recorded: ${quorum.filled} of ${quorum.needed} so far. It runs only when the others agree too.`;
  const last = executions.at(-1);
  if (last === undefined) return 'It runs once the agent asks for it again; approval alone runs nothing.';
  return Object.hasOwn(RUNS, last.status) ? (RUNS[last.status] ?? '') : 'It may have run: no answer came.';
}
