/** Broken glass as one person sees it: who, why, what came of it, who knows, who judged it. Only reads. */
import type { BrokenGlass, GlassFilter, Page as PageOf, ToldPerson } from '@countersign/sdk';
import { readApproval } from '../approvals/list.ts';
import type { Deps } from '../deps.ts';
import { readPayload } from '../payloads.ts';
import { loadRequest } from '../requests/load.ts';
import type { Page } from '../requests/requests.ts';
import { executionsOf } from '../requests/views/executions.ts';
import { readCursor, writeCursor } from '../requests/views/paging.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Value } from '../store/store.ts';
import { mayClose } from './after.ts';
import { GLASS_COLUMNS, loadGlass, readGlass, type StoredGlass } from './stored.ts';
import { isTold, toldOf } from './told.ts';

const TOLD_SHOWN = 200;
const TOLD_MAX = 100_000;
/** Rows looked through for one page of what only some are told of. */
const SCAN_ROWS = 500;

export async function showGlass(deps: Deps, id: string, viewer: string): Promise<BrokenGlass | undefined> {
  const glass = await loadGlass(deps.store, id);
  return glass === undefined ? undefined : viewOf(deps, glass, viewer);
}

/** Newest first. A page of what is unacknowledged may be short, even empty, and have a next. */
export async function listGlass(
  deps: Deps,
  filter: GlassFilter & { readonly viewer: string },
  page: Page,
): Promise<PageOf<BrokenGlass>> {
  const mine = filter.unacknowledged === true;
  const most = mine ? SCAN_ROWS : page.limit;
  const rows = (await deps.store.read(queryOf(filter, { ...page, limit: most + 1 }))).map(readGlass);
  const items: BrokenGlass[] = [];
  let last: StoredGlass | undefined;
  for (const glass of rows.slice(0, most)) {
    if (items.length === page.limit) break;
    last = glass;
    if (mine && !(await isToldOf(deps, glass, filter.viewer))) continue;
    const view = await viewOf(deps, glass, filter.viewer);
    if (view !== undefined) items.push(view);
  }
  return last === undefined || last === rows.at(-1)
    ? { items }
    : { items, next_cursor: writeCursor({ at: last.broken_at, id: last.id }) };
}

function queryOf({ open, unacknowledged, viewer }: Parameters<typeof listGlass>[1], page: Page) {
  const after = readCursor(page.cursor) ?? { at: Number.MAX_SAFE_INTEGER, id: '~' };
  const params: Value[] = [after.at, after.id, page.limit];
  const where = ['(broken_at < $1 OR (broken_at = $1 AND id < $2))'];
  if (open !== undefined) where.push(`status = '${open ? 'open' : 'closed'}'`);
  if (unacknowledged === true)
    where.push(
      `NOT EXISTS (SELECT 1 FROM glass_acknowledged a WHERE a.glass_id = broken_glass.id AND a.person = $${params.push(viewer)})`,
    );
  const sql = `SELECT ${GLASS_COLUMNS} FROM broken_glass WHERE ${where.join(' AND ')} ORDER BY broken_at DESC, id DESC LIMIT $3`;
  return { sql, params };
}

async function isToldOf(deps: Deps, glass: StoredGlass, viewer: string): Promise<boolean> {
  const { directory } = deps.authority.current();
  const person = directory.person(viewer);
  const stored = await loadRequest(deps.store, glass.request_id);
  if (person === undefined || stored === undefined) return false;
  return isTold(person, glass, { principal: stored.request.principal, directory });
}

async function viewOf(deps: Deps, glass: StoredGlass, viewer: string): Promise<BrokenGlass | undefined> {
  const { store } = deps;
  const stored = await loadRequest(store, glass.request_id);
  const approval = await readApproval(store, glass.request_id);
  if (stored === undefined || approval === undefined) return undefined;
  const [reason, closed, executions, told] = await Promise.all([
    textOf(deps, glass.reason_payload_id),
    closedOf(deps, glass),
    executionsOf(store, stored),
    toldWhen(deps, glass, stored),
  ]);
  const { request, about } = stored;
  const { id, status, approved_until } = approval;
  const you = told.find(({ person }) => person === viewer);
  const under = { stored, authority: deps.authority.current(), now: deps.now() };
  return {
    id: glass.id,
    request_id: glass.request_id,
    status: glass.review.status,
    broken_by: glass.person,
    broken_by_name: nameOf(deps, glass.person),
    broken_at: glass.broken_at,
    ...(reason === undefined ? {} : { reason }),
    agent: request.principal.agent,
    upstream: about.upstream,
    action: about.action,
    resource: about.resource,
    risk: request.risk,
    approval: { id, status, approved_until },
    executions,
    notify: glass.terms.notify,
    review: glass.terms.review,
    told: told.slice(0, TOLD_SHOWN),
    told_total: told.length,
    ...(closed === undefined ? {} : { closed }),
    you: {
      told: you !== undefined,
      ...(you?.acknowledged_at === undefined ? {} : { acknowledged_at: you.acknowledged_at }),
      may_close: mayClose(viewer, glass, under),
    },
  };
}

const nameOf = ({ authority }: Deps, person: string): string =>
  authority.current().directory.person(person)?.name ?? person;

/** Undefined once it was erased. */
async function textOf({ store, masking }: Deps, payload_id: string): Promise<string | undefined> {
  const payload = await readPayload(store, payload_id);
  return payload === undefined ? undefined : masking.text(payload.body);
}

async function closedOf(deps: Deps, { review }: StoredGlass): Promise<BrokenGlass['closed']> {
  if (review.status === 'open') return undefined;
  const { by, at, verdict, note_payload_id } = review;
  const note = await textOf(deps, note_payload_id);
  return { by, by_name: nameOf(deps, by), at, verdict, ...(note === undefined ? {} : { note }) };
}

/** Who is told today, and when each said that they know; then whoever said so and is not told any more. */
async function toldWhen(
  { store, authority }: Deps,
  glass: StoredGlass,
  { request }: StoredRequest,
): Promise<readonly ToldPerson[]> {
  const { directory } = authority.current();
  const rows = await store.read({
    sql: 'SELECT person, acknowledged_at FROM glass_acknowledged WHERE glass_id = $1 ORDER BY acknowledged_at, person',
    params: [glass.id],
    rows_max: TOLD_MAX,
  });
  const when = new Map(rows.map((row) => [String(row['person']), Number(row['acknowledged_at'])]));
  const people = toldOf(glass, { principal: request.principal, directory }).map(({ id }) => id);
  return [...new Set([...people, ...when.keys()])].map((person) => {
    const acknowledged_at = when.get(person);
    const name = directory.person(person)?.name ?? person;
    return { person, name, ...(acknowledged_at === undefined ? {} : { acknowledged_at }) };
  });
}
