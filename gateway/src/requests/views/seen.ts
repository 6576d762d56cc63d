/**
 * Notes when somebody was first shown a pending request, and how much there was to read. Nothing waits for it and nothing
 * is decided by it: beside the time of an answer it says whether there was time to read.
 */
import type { RequestDetail } from '@countersign/sdk';
import type { Deps } from '../../deps.ts';

/** Remembered so that looking again writes nothing; forgotten, it writes a row that is there already. */
const REMEMBERED_MAX = 10_000;

export function createSeenBy({ store, now, log }: Deps): (detail: RequestDetail, person: string) => void {
  const noted = new Set<string>();
  return (detail, person) => {
    const key = `${detail.id} ${person}`;
    if (detail.status !== 'pending' || noted.has(key)) return;
    if (noted.size >= REMEMBERED_MAX) noted.clear();
    noted.add(key);
    const step = {
      name: 'seen',
      sql: 'INSERT INTO request_views (request_id, person, shown_at, characters) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      params: [detail.id, person, now(), charactersOf(detail)],
      rows: 'any' as const,
    };
    store
      .commit({ name: 'request-seen', steps: [step], entries: [], unhurried: true })
      .catch((error: unknown) => {
        noted.delete(key);
        log.warn(
          { request_id: detail.id, error: String(error) },
          'when a request was seen could not be noted',
        );
      });
  };
}

/** What a reviewer has to read to know what would run: what it is done to, and with what. */
function charactersOf({ resource, shown_action: { context } }: RequestDetail): number {
  const { upstream: _configured, tool_pin: _accepted, ...said } = Object(context) as Record<string, unknown>;
  return resource.length + JSON.stringify(said).length;
}
