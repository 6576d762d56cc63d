/** What has been, in words: never better than it was. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TimelineEntry } from '@countersign/sdk';
import { wordsOfCall, wordsOfRun } from '../../../words/calls.ts';
import { countsInWords, entryWords } from './outcomes.ts';

const entry = (at: number, kind = 'execution'): TimelineEntry => ({
  at,
  event_id: `${kind} ${at}`,
  kind,
  leaf_index: at,
  summary: kind,
});

it('a word nobody knows is unknown, never a success', () => {
  for (const word of ['marvellous', 'toString', '__proto__'])
    assert.deepEqual([wordsOfCall(word).word, wordsOfRun(word).word], ['Unknown', 'Unknown']);
  assert.equal(wordsOfRun('started').word, 'Running');
});

it('counts, the most frequent first', () =>
  assert.equal(countsInWords({ denied: 2, succeeded: 1200 }), '1,200 succeeded, 2 denied'));

it('a run began, and ended as it did', () => {
  const timeline = [entry(1, 'review'), entry(2), entry(3), entry(5)];
  const executions = [
    { id: 'a', status: 'failed', started_at: 2, ended_at: 3 },
    { id: 'b', status: 'started', started_at: 5 },
  ];
  assert.deepEqual(
    timeline.map((each) => entryWords(each, timeline, executions)),
    ['review', 'run started', 'run ended: failed', 'run started'],
  );
});

it('what the times do not tell is not made up', () => {
  const timeline = [entry(2), entry(4)];
  const executions = [{ id: 'a', status: 'succeeded', started_at: 2, ended_at: 3 }];
  assert.deepEqual(
    timeline.map((each) => entryWords(each, timeline, executions)),
    ['run started', 'execution'],
  );
});
