/**
 * Standing grants as people see them: what each covers, until when, how many uses are left, and taking one back. A grant
 * covers one class (one requester, one upstream as configured, one accepted tool, any arguments), for a time and some uses,
 * and never more (I3). It decides nothing by itself: policy is asked anew at every use.
 */
import { entitlement } from '@countersign/core';
import type { Grant, Page as PageOf } from '@countersign/sdk';
import type { Grants } from '../api/ports.ts';
import type { Deps } from '../deps.ts';
import { payloadId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import { loadCase } from '../requests/case.ts';
import { loadRequest } from '../requests/load.ts';
import type { ChangeOutcome, Page } from '../requests/requests.ts';
import { readCursor, writeCursor } from '../requests/views/paging.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Row, Store } from '../store/store.ts';
import { endGrant } from './end.ts';

export function createGrants(deps: Deps): Grants {
  return {
    list: (filter, page) => listGrants(deps.store, filter, page),
    revoke: (id, by, reason) => revokeGrant(deps, id, { by, reason }),
  };
}

const COLUMNS =
  'id, request_id, agent, upstream, action_name, resource, status, given_at, given_until, uses_given, uses_left, revoked_by';

const asGrant = (row: Row): Grant => ({
  id: String(row['id']),
  request_id: String(row['request_id']),
  status: String(row['status']) as Grant['status'],
  agent: String(row['agent']),
  upstream: String(row['upstream']),
  action: String(row['action_name']),
  resource: String(row['resource']),
  given_at: Number(row['given_at']),
  given_until: Number(row['given_until']),
  uses_given: Number(row['uses_given']),
  uses_left: Number(row['uses_left']),
  ...(row['revoked_by'] === null ? {} : { revoked_by: String(row['revoked_by']) }),
});

/** The grant given with this request, if one was. */
export async function readGrant(store: Store, request_id: string): Promise<Grant | undefined> {
  const [row] = await store.read({
    sql: `SELECT ${COLUMNS} FROM grants WHERE request_id = $1`,
    params: [request_id],
  });
  return row === undefined ? undefined : asGrant(row);
}

async function listGrants(
  store: Store,
  { active }: { readonly active?: boolean },
  page: Page,
): Promise<PageOf<Grant>> {
  const after = readCursor(page.cursor) ?? { at: Number.MAX_SAFE_INTEGER, id: '~' };
  const rows = await store.read({
    sql: `SELECT ${COLUMNS} FROM grants WHERE (given_at < $1 OR (given_at = $1 AND id < $2)) ${active === true ? "AND status = 'active'" : ''}
          ORDER BY given_at DESC, id DESC LIMIT $3`,
    params: [after.at, after.id, page.limit + 1],
  });
  const items = rows.slice(0, page.limit).map(asGrant);
  const last = items.at(-1);
  return rows.length > page.limit && last !== undefined
    ? { items, next_cursor: writeCursor({ at: last.given_at, id: last.id }) }
    : { items };
}

type Taking = { readonly by: string; readonly reason: string };

async function revokeGrant(deps: Deps, id: string, { by, reason }: Taking): Promise<ChangeOutcome> {
  const [row] = await deps.store.read({ sql: 'SELECT request_id FROM grants WHERE id = $1', params: [id] });
  const stored = row === undefined ? undefined : await loadRequest(deps.store, String(row['request_id']));
  if (stored === undefined) return { kind: 'refused', why: 'unknown', message: 'There is no such grant.' };
  if (!(await mayRevoke(deps, stored, by)))
    return {
      kind: 'refused',
      why: 'not_allowed',
      message:
        'Only people who may review the request, who did, the agent’s owner and operators revoke its grant.',
    };
  const now = deps.now();
  const payload: Payload = { id: payloadId(now), kind: 'reason', salt: newSalt(), body: reason };
  const ended = await endGrant(deps, stored, {
    grant_id: id,
    by,
    reason: sealed(payload),
    steps: [storePayloadOf(stored.request.id, payload, now)],
  });
  return ended
    ? { kind: 'done' }
    : { kind: 'refused', why: 'wrong_state', message: 'The grant is no longer active.' };
}

async function mayRevoke(deps: Deps, stored: StoredRequest, by: string): Promise<boolean> {
  const authority = deps.authority.current();
  const person = authority.directory.person(by);
  if (person === undefined || !person.active) return false;
  const { agent, owner } = stored.request.principal;
  // Whose an agent was when it asked, or is by now: one made by tokens has an owner in them alone.
  const owners = [owner, authority.directory.ownerOf(agent)];
  if (person.roles.includes('operator') || owners.includes(person.id)) return true;
  const theCase = await loadCase(deps, stored, { authority });
  return (
    entitlement(person, theCase).eligible || theCase.reviews.some(({ reviewer }) => reviewer === person.id)
  );
}
