/** What a paused agent waits for is withdrawn, in the name of whoever paused it. Swept too: a crash in between leaves none behind. */
import { pauseOf } from '../../authority/paused.ts';
import type { Deps } from '../../deps.ts';
import { endRequest } from '../resolve.ts';
import { REQUEST_COLUMNS, readRequest } from '../views/row.ts';

const BATCH_ROWS = 500;

/** Returns how many were. */
export async function withdrawPaused(deps: Deps): Promise<number> {
  let withdrawn = 0;
  for (const agent of deps.authority.current().paused.keys()) withdrawn += await withdrawOf(deps, agent);
  return withdrawn;
}

async function withdrawOf(deps: Deps, agent: string): Promise<number> {
  let withdrawn = 0;
  for (let after = ''; ; ) {
    const rows = await deps.store.read({
      // A chain stands in the principal, under names of others too; whom it names is looked at below.
      sql: `SELECT ${REQUEST_COLUMNS} FROM requests WHERE status = 'pending' AND id > $1 AND (agent = $2 OR principal LIKE $3 OR principal LIKE '%"act":%')
             ORDER BY id LIMIT ${BATCH_ROWS}`,
      params: [after, agent, `%"${agent}"%`],
    });
    for (const row of rows) {
      const stored = readRequest(row);
      const { principal, id } = stored.request;
      const pause = pauseOf(deps.authority.current(), principal.agent, principal.act);
      after = id;
      if (pause === undefined) continue;
      const ended = await endRequest(deps, stored, { status: 'cancelled', now: deps.now(), by: pause.by });
      withdrawn += ended ? 1 : 0;
    }
    if (rows.length < BATCH_ROWS) return withdrawn;
  }
}
