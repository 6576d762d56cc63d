/** What the log says of an erasure: who, when, how much of which kind, and a commitment to why; no word of what went (I7). */
import type { Deps } from '../deps.ts';
import { type Payload, sealed } from '../payloads.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Part } from './who.ts';

/** How many payloads of each kind go. */
export type Counts = { readonly [kind: string]: number };

export async function payloadsOf({ store }: Deps, request_id: string): Promise<Counts> {
  const rows = await store.read({
    sql: 'SELECT kind, COUNT(*) AS n FROM payloads WHERE request_id = $1 AND erased_at IS NULL GROUP BY kind ORDER BY kind',
    params: [request_id],
  });
  return Object.fromEntries(rows.map((row) => [String(row['kind']), Number(row['n'])]));
}

type Fact = {
  readonly by: string;
  readonly at: number;
  readonly counts: Counts;
  readonly why: Payload;
  readonly part: Part | undefined;
};

export const erasureEvent = (
  deps: Deps,
  { request, about }: StoredRequest,
  { by, at, counts, why, part }: Fact,
) =>
  deps.events.recorded(
    {
      kind: 'redaction',
      occurred_at: at,
      task_id: request.id,
      evaluation_id: about.evaluation_id,
      action_digest: about.action_digest,
      predicate: { erased: counts, by, reason: sealed(why), ...(part === undefined ? {} : { own: part }) },
      terms: {
        request_id: request.id,
        reviewer: by,
        agent: request.principal.agent,
        upstream: about.upstream,
        action: about.action,
        resource: about.resource,
      },
    },
    'clear text of a request erased',
  );
