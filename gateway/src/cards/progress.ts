/**
 * What became of a request, one sentence each, oldest first. Pure. That it was approved is never said as that it ran, nor
 * that it ran as that it succeeded (A25): each is a sentence of its own, from an entry of its own.
 */
import { visible } from '@countersign/core';
import type { RequestDetail } from '@countersign/sdk';

const NAME_CHARACTERS_MAX = 200;
/** Runs told apart; of more only their number is said. */
const RUNS_MAX = 5;

const shown = (name: string): string => visible(name, { chars_max: NAME_CHARACTERS_MAX }).text;

export function progressOf(detail: RequestDetail): readonly string[] {
  const { reviews, status, executions } = detail;
  const said = reviews.map(
    ({ name, decision, counts }) =>
      `${shown(name)} ${decision === 'approved' ? 'approved' : 'denied'} it${counts ? '' : ', which no longer counts'}.`,
  );
  const ending = status === 'pending' ? waiting(detail) : ENDED[status](detail);
  const runs = executions
    .slice(-RUNS_MAX)
    .map((run) => RUN[run.status] ?? 'It ran; how it ended is not known.');
  const more =
    executions.length > RUNS_MAX ? [`It ran ${executions.length} times; the last are told here.`] : [];
  return [...said, ...ending, ...more, ...runs, ...revoked(detail)];
}

function waiting({ quorum: { filled, needed, stage, stages } }: RequestDetail): readonly string[] {
  if (filled === 0 && (stages === undefined || stage === 1)) return [];
  const of = stages === undefined || stages < 2 ? '' : `, stage ${stage ?? 1} of ${stages}`;
  return [`${filled} of ${needed} answers given${of}.`];
}

type Ended = Exclude<RequestDetail['status'], 'pending'>;

const ENDED: { readonly [S in Ended]: (detail: RequestDetail) => readonly string[] } = {
  approved: ({ broken_glass, executions, approval }) => [
    broken_glass === undefined
      ? 'Approved.'
      : `Glass broken: ${shown(broken_glass.by)} let it through in an emergency, without the others. ${
          broken_glass.review === 'open' ? 'The review of that is open.' : VERDICT[broken_glass.review]
        }`,
    ...(executions.length > 0 || approval?.status !== 'active' ? [] : ['It has not run yet.']),
  ],
  denied: ({ refused_by }) => [
    refused_by === undefined
      ? 'Denied. Nothing was run.'
      : `Refused by the ticket system ${shown(refused_by)}. Nothing was run.`,
  ],
  expired: () => ['Expired without enough answers. Nothing was run.'],
  cancelled: () => ['Withdrawn. Nothing was run.'],
  failed: () => ['Void: what it rested on has changed. Nothing was run.'],
};

const VERDICT = {
  justified: 'The review of that found it justified.',
  not_justified: 'The review of that found it not justified.',
} as const;

const RUN: { readonly [status: string]: string } = {
  started: 'It is running.',
  succeeded: 'It ran and succeeded.',
  failed: 'It ran and failed.',
  unknown: 'It may have run: its outcome is unknown. It is not run again by itself.',
};

function revoked({ approval }: RequestDetail): readonly string[] {
  if (approval?.status === 'revoked') return ['The approval was revoked.'];
  return approval?.status === 'expired' ? ['The approval ran out unused.'] : [];
}
