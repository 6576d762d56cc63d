/** `countersign policy simulate`: what a draft would have decided of what was asked. */
import {
  NOT_REPLAYED,
  type PolicySimulation,
  type SimulatedChange,
  type SimulatedDecision,
  type SimulatedExample,
} from '@countersign/sdk';
import { formatPolicyReport } from '../../policy/problems/report.ts';
import { CLIENT_OPTIONS, readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { contained, folded, hasColor, lookOf, writeJson } from '../output.ts';
import { reviewText } from '../render/needs.ts';
import { instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { readDraft } from './draft.ts';
import { SINCE_USAGE, sinceOf } from './since.ts';

const EVALUATIONS_MAX = 100_000;

export const simulate: Verb = {
  about: 'Show every decision of the last days that a draft would change',
  usage: `countersign policy simulate --draft FOLDER [--since SINCE] [--limit N] [--json] [--url URL]

  --draft FOLDER  the draft: every policy file, with its tests
  ${SINCE_USAGE} (default 7d)
  --limit N       stop after so many evaluations, newest first (default and most ${EVALUATIONS_MAX})

The gateway decides what is on record anew, by the draft and by the policy in force, from the same
facts. Nothing is recorded or changed. What cannot be told is said: the arguments of refused calls
are not kept. Exit code 1 when the draft has problems. Needs the operator or the auditor role.`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: {
        ...CLIENT_OPTIONS,
        draft: { type: 'string' },
        since: { type: 'string' },
        limit: { type: 'string' },
      },
    });
    const draft = readDraft(values.draft, io);
    const since = sinceOf(values.since, Date.now());
    const evaluations_max = wholeNumber('limit', values.limit, EVALUATIONS_MAX);
    const client = await openClient(io, values);
    const found = await client.policy.simulate({
      ...draft,
      ...(since === undefined ? {} : { since }),
      ...(evaluations_max === undefined ? {} : { evaluations_max }),
    });
    if (values.json === true) writeJson(io, found);
    else
      print(
        found,
        draft.files.map(({ path }) => path),
        io,
      );
    return found.check.ok ? EXIT.ok : EXIT.no;
  },
};

const WORDS = { allow: 'runs', require: 'asks', deny: 'refused' } as const;

/** What a reader needs to tell the two apart: the seats where they differ in seats. */
function decided(decision: SimulatedDecision, what: SimulatedChange['what']): string {
  const { effect, requirement, risk, obligations = [] } = decision;
  if (what === 'review' && requirement !== undefined) return `asks ${reviewText(requirement)}`;
  if (what === 'obligations') return obligations.map(({ type }) => type).join(', ') || 'nothing else';
  if (what === 'risk') return `risk ${risk ?? 'unknown'}`;
  return WORDS[effect];
}

const COLUMNS: readonly Column<SimulatedChange>[] = [
  { title: 'calls', cell: ({ count }) => String(count), align: 'right' },
  {
    title: '',
    cell: ({ direction }) => direction,
    style: ({ direction }) => (direction === 'looser' ? 'alarm' : 'plain'),
  },
  { title: 'agent', cell: ({ agent }) => agent, yields: true },
  { title: 'what', cell: ({ resource, upstream }) => `${resource} on ${upstream}`, yields: true },
  { title: 'now', cell: ({ from, what }) => decided(from, what), yields: true },
  { title: 'with the draft', cell: ({ to, what }) => decided(to, what), yields: true },
];

/** Enough to look it up: the request if there is one, else the entry of the log. */
const placeOf = ({ request_id, event_id }: SimulatedExample): string => request_id ?? event_id;

function print(found: PolicySimulation, files: readonly string[], io: Io): void {
  const { check, changes, changes_left_out } = found;
  io.stdout.write(formatPolicyReport({ ...check, files }, { color: hasColor(io) }));
  if (found.rules.length === 0) return;
  io.stdout.write('\n');
  const below = ({ examples }: SimulatedChange): string =>
    `such as ${examples.slice(0, 2).map(placeOf).join(', ')}`;
  const none = 'No decision would change.';
  io.stdout.write(table(changes, { columns: COLUMNS, none, below }, lookOf(io)));
  if (changes_left_out > 0) io.stdout.write(`And ${changes_left_out} more groups: see --json.\n`);
  for (const line of summary(found)) io.stdout.write(`${folded(line, io).join('\n')}\n`);
}

function* summary(found: PolicySimulation): Generator<string> {
  const { since, reached, stopped, replayed, replayed_partly, changed, decided_otherwise_then } = found;
  yield '';
  yield `${changed} of ${replayed} decisions since ${instant(reached ?? since)} would change.`;
  if (stopped !== undefined)
    yield `Stopped there, ${stopped === 'time' ? 'out of time' : 'at the limit'}: what is older was not looked at.`;
  if (replayed_partly > 0)
    yield `Of ${replayed_partly} the arguments were not kept; whatever they were, the answer is the same.`;
  if (decided_otherwise_then > 0)
    yield `${decided_otherwise_then} were decided otherwise when they were asked, by the policy of the time.`;
  for (const { why, count, examples } of found.not_replayed)
    yield `Not told: ${count}, ${NOT_REPLAYED[why]} (such as ${contained(examples[0] ?? '')}).`;
}
