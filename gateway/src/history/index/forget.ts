/**
 * What the history keeps of a request's clear text goes with it, in the same transaction: the words it is found by, the
 * sentence, and the keyed digests that could be tried against guesses. Names stay, as they stay in the log.
 */
import type { Step } from '../../store/store.ts';
import { nameWords } from '../shown.ts';
import { forgetWords } from './table.ts';

type Named = Parameters<typeof nameWords>[0];

export const forgetCall = (request_id: string, named: Named): readonly Step[] => [
  ...forgetWords(request_id, nameWords(named)),
  {
    name: 'forget-call',
    sql: "UPDATE calls SET sentence = $2, shape = '', same = '' WHERE request_id = $1",
    params: [request_id, `${named.action} ${named.resource} on ${named.upstream} (erased)`],
    rows: 'any',
  },
];
