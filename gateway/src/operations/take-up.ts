/**
 * What people approved is made so at once, by the code that asked for it: a listener on the bus, and at start a look for
 * what an earlier process left. It decides nothing: every change asks for its agreement again, and one that finds the
 * approval spent, ended or no longer enough makes no change.
 */
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { readStoredAction } from '../payloads.ts';
import { loadRequest } from '../requests/load.ts';
import { FILES, OPERATOR_AGENT } from './operation.ts';

/** Makes the change these arguments name, for who asked. By the operation's name. */
export type Maker = (args: JsonObject, by: string | undefined) => Promise<unknown>;
type Makers = { readonly [name: string]: Maker };

const ATTEMPTS_MAX = 5;
const BATCH_ROWS = 1000;

type TakeUp = { stop(): Promise<void> };

export async function startTakeUp(deps: Deps, makers: Makers): Promise<TakeUp> {
  let queue: Promise<void> = Promise.resolve();
  const enqueue = (request_id: string): void => {
    queue = queue
      .then(() => make(deps, makers, request_id))
      .catch((error: unknown) =>
        deps.log.error({ request_id, error: String(error) }, 'an approved change could not be made'),
      );
  };
  const stop = deps.bus.subscribe(({ request_id, status, run }) => {
    // A run that is told is one that was let through already.
    if (status === 'approved' && run === undefined) enqueue(request_id);
  });
  const left = await deps.store.read({
    sql: `SELECT request_id FROM approvals WHERE agent = $1 AND status = 'active' ORDER BY approved_at LIMIT ${BATCH_ROWS}`,
    params: [OPERATOR_AGENT],
  });
  for (const row of left) enqueue(String(row['request_id']));
  return {
    async stop() {
      stop();
      await queue;
    },
  };
}

async function make(deps: Deps, makers: Makers, request_id: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (!(await isUnused(deps, request_id))) return;
    const stored = await loadRequest(deps.store, request_id);
    const action = stored === undefined ? undefined : await readStoredAction(deps.store, stored.about);
    const maker = action === undefined ? undefined : makers[action.action.name];
    const args = action?.context['arguments'];
    if (action === undefined || maker === undefined || !isJsonObject(args)) return;
    const { id } = action.subject;
    await maker(args, id === FILES ? undefined : id);
  }
  deps.log.warn({ request_id }, 'an approved change was not made: what it rests on kept changing; ask again');
}

/** Every end of any approval is told on the bus: only operators' own are for here, and each only once. */
async function isUnused(deps: Deps, request_id: string): Promise<boolean> {
  const found = await deps.store.read({
    sql: "SELECT 1 FROM approvals WHERE request_id = $1 AND agent = $2 AND status = 'active' AND approved_until > $3",
    params: [request_id, OPERATOR_AGENT, deps.now()],
  });
  return found.length > 0;
}
