/**
 * What has been: calls like this one, what came of this request, and every entry of the log that speaks of it.
 *
 * This file: how earlier calls went, in words and marks.
 */
import type { CallOutcome, Execution, OutcomeCounts, TimelineEntry } from '@countersign/sdk';
import { count } from '../../../words/size.ts';
import type { Worded } from '../../../words/states.ts';

const WORDS: { readonly [O in CallOutcome]: Worded } = {
  waiting: { word: 'waiting', tone: 'amber', shape: 'half' },
  approved: { word: 'approved, not run yet', tone: 'green', shape: 'ring' },
  unused: { word: 'approved, never run', tone: 'soft', shape: 'dash' },
  revoked: { word: 'revoked', tone: 'red', shape: 'dash' },
  running: { word: 'running', tone: 'blue', shape: 'ring' },
  succeeded: { word: 'succeeded', tone: 'green', shape: 'tick' },
  failed: { word: 'failed', tone: 'red', shape: 'cross' },
  unknown: { word: 'unknown', tone: 'violet', shape: 'diamond' },
  permitted: { word: 'permitted', tone: 'soft', shape: 'tick' },
  refused: { word: 'refused', tone: 'red', shape: 'dash' },
  denied: { word: 'denied', tone: 'red', shape: 'cross' },
  expired: { word: 'expired', tone: 'soft', shape: 'dash' },
  cancelled: { word: 'withdrawn', tone: 'soft', shape: 'dash' },
  void: { word: 'void', tone: 'soft', shape: 'cross' },
};
const UNKNOWN: Worded = { word: 'unknown', tone: 'violet', shape: 'diamond' };

const isOutcome = (outcome: string): outcome is CallOutcome => Object.hasOwn(WORDS, outcome);
/** A word nobody knows is shown as unknown, never as a success. */
export const wordsOfCall = (outcome: string): Worded => (isOutcome(outcome) ? WORDS[outcome] : UNKNOWN);

/** `12 succeeded, 2 denied`, the most frequent first. */
export const countsInWords = (outcomes: OutcomeCounts): string =>
  Object.entries(outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, times]) => `${count(times)} ${wordsOfCall(outcome).word}`)
    .join(', ');

/** An entry in words; one of a run says whether it began or how it ended, where the times of the runs tell. */
export function entryWords(
  { kind, summary, event_id }: TimelineEntry,
  timeline: readonly TimelineEntry[],
  executions: readonly Execution[],
): string {
  if (kind !== 'execution') return summary;
  const told = executions.flatMap(({ status, started_at, ended_at }) => [
    { at: started_at, words: 'run started' },
    ...(ended_at === undefined ? [] : [{ at: ended_at, words: `run ended: ${status}` }]),
  ]);
  const entries = timeline.filter((entry) => entry.kind === 'execution');
  const place = entries.findIndex((entry) => entry.event_id === event_id);
  const found = told.toSorted((a, b) => a.at - b.at)[place];
  return found !== undefined && found.at === entries[place]?.at ? found.words : summary;
}
