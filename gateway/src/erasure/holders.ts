/**
 * Everything that keeps clear text of a request, or by which that could be guessed, and what takes it away there. Who keeps
 * more adds a line here, and the steps to the rows they own; the test beside this marks every column there is and finds
 * whoever did not. What stands in files is the store's, and goes with its rows; what other services were shown, with the cards.
 */
import { canonicalize, type Json } from '@countersign/core';
import { forgetShown } from '../cards/forget.ts';
import { forgetCall } from '../history/index/forget.ts';
import { erasePayloads } from '../payloads.ts';
import { withoutValues } from '../requests/clear-text/values.ts';
import type { Erased, StoredRequest } from '../requests/views/row.ts';
import type { Step } from '../store/store.ts';
import { forgetTickets } from '../tickets/acts.ts';
import { forgetCallback } from '../webhooks/callbacks.ts';
import { forgetRecognised } from './recognised.ts';

export type Erasing = {
  readonly stored: StoredRequest;
  readonly erased: Erased;
  /** How many payloads it has: one more or less by now, and all of it is done again. */
  readonly payloads: number;
};

export const forget = ({ stored, erased, payloads }: Erasing): readonly Step[] => {
  const { id } = stored.request;
  const now = erased.at;
  return [
    markErased(stored, erased),
    erasePayloads(id, { rows: payloads, now }),
    ...forgetRecognised(stored),
    ...forgetCall(id, calledAs(stored)),
    forgetCallback(id),
    ...forgetShown(id, now),
    ...forgetTickets(id),
  ];
};

/** The matching key goes too: with the installation's key it could be tried against guesses of the action. */
const markErased = ({ request, explanation }: StoredRequest, { at, by, event_id }: Erased): Step => ({
  name: 'erase',
  sql: "UPDATE requests SET erased_at = $2, erased_by = $3, erased_event = $4, explanation = $5, match_key = '' WHERE id = $1 AND erased_at IS NULL",
  params: [request.id, at, by, event_id, canonicalize(withoutValues(explanation) as unknown as Json)],
  rows: 1,
});

/** As the history knows it. */
const calledAs = ({ request: { principal }, about }: StoredRequest) => ({
  agent: principal.agent,
  subject: principal.subject.id,
  owner: principal.owner,
  team: principal.team,
  upstream: about.upstream,
  env: about.env,
  action: about.action,
  resource: about.resource,
});
