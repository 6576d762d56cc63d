/**
 * A newer change of the same thing outdates what was asked before: its open request is withdrawn and an approval not
 * yet used is ended, on the record, so that nobody agrees to what would no longer be made.
 */
import { canonicalize, isJsonObject, type JsonObject } from '@countersign/core';
import { endApproval } from '../approvals/end.ts';
import type { Deps } from '../deps.ts';
import { readStoredAction } from '../payloads.ts';
import { endRequest } from '../requests/resolve.ts';
import { REQUEST_COLUMNS, readRequest, type StoredRequest } from '../requests/views/row.ts';
import { OPERATOR_AGENT, type OperationName } from './operation.ts';

export type Outdated = {
  readonly name: OperationName;
  /** As the request has it: safe to show. */
  readonly resource: string;
  /** What is not outdated: the same request, and the same change another operator asked for. */
  readonly keep?: { readonly match_key: string; readonly args: JsonObject };
};

const BATCH_ROWS = 500;

export async function endOthers(deps: Deps, { name, resource, keep }: Outdated): Promise<void> {
  const rows = await deps.store.read({
    sql: `SELECT ${REQUEST_COLUMNS} FROM requests
           WHERE agent = $1 AND action_name = $2 AND resource = $3 AND match_key <> $4
             AND (status = 'pending' OR EXISTS (SELECT 1 FROM approvals a WHERE a.request_id = requests.id AND a.status = 'active'))
           LIMIT ${BATCH_ROWS}`,
    params: [OPERATOR_AGENT, name, resource, keep?.match_key ?? ''],
  });
  const why = 'what would be changed has changed since';
  for (const stored of rows.map(readRequest)) {
    const { request } = stored;
    if (keep !== undefined && (await asksFor(deps, stored, keep.args))) continue;
    if (request.status === 'pending')
      await endRequest(deps, stored, { status: 'cancelled', now: deps.now(), reason: { why } });
    else if (request.status === 'approved')
      await endApproval(deps, stored, { approval_id: request.approval_id, why });
  }
}

async function asksFor(deps: Deps, { about }: StoredRequest, args: JsonObject): Promise<boolean> {
  const other = (await readStoredAction(deps.store, about))?.context['arguments'];
  return isJsonObject(other) && canonicalize(other) === canonicalize(args);
}
