/**
 * What has been: calls like this one, what came of this request, and every entry of the log that speaks of it.
 *
 * This file: how earlier calls went, in words.
 */
import type { Execution, OutcomeCounts, TimelineEntry } from '@countersign/sdk';
import { wordsOfCall } from '../../../words/calls.ts';
import { count } from '../../../words/size.ts';

/** `12 succeeded, 2 denied`, the most frequent first. */
export const countsInWords = (outcomes: OutcomeCounts): string =>
  Object.entries(outcomes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, times]) => `${count(times)} ${wordsOfCall(outcome).word.toLowerCase()}`)
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
