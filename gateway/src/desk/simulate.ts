/** A draft, tried on what is on record: checked first, then replayed beside the policy in force. */
import type { PolicySimulation } from '@countersign/sdk';
import { buildTested } from '../policy/check.ts';
import { loadPolicy } from '../policy/load.ts';
import type { LoadOptions } from '../policy/rules/options.ts';
import type { Simulate } from './apart/messages.ts';
import { checkDraft } from './check.ts';
import { type Ask, replay } from './replay/replay.ts';

type Simulating = {
  readonly options: LoadOptions;
  readonly ask: Ask;
  /** Milliseconds of a clock nobody sets. */
  readonly ticks: () => number;
};

export async function simulate(
  job: Simulate,
  { options, ask, ticks }: Simulating,
): Promise<PolicySimulation> {
  const late = ticks() + job.time_ms_max;
  const { since, until, version } = job;
  const check = checkDraft(job.draft, options);
  const inForce = buildTested(job.inForce, { ...options, version });
  const head = { since, until, policy: { digest: inForce.ref.digest, version }, check };
  const draft = check.digest === undefined ? undefined : loadPolicy(job.draft, options);
  if (draft === undefined || !draft.ok) return { ...head, ...NOTHING };
  const { operators, evaluations_max } = job;
  const isLate = (): boolean => ticks() > late;
  const found = await replay({
    inForce,
    draft: draft.policy,
    operators,
    since,
    until,
    evaluations_max,
    ask,
    isLate,
  });
  return { ...head, ...found };
}

const NOTHING = {
  replayed: 0,
  replayed_partly: 0,
  changed: 0,
  decided_otherwise_then: 0,
  again: 0,
  changes: [],
  changes_left_out: 0,
  not_replayed: [],
  rules: [],
};
