/**
 * What the thread asks the gateway for while it replays: entries of the log, the actions they are about, the tools as
 * they were accepted. It asks for little at a time, so that no read keeps a call waiting and no answer is large (I15).
 */
import type { Explanation } from '@countersign/core';
import type { Row, Store } from '../../store/store.ts';

export const PAGE_ROWS = 100;
/** Longer actions are asked for one by one. */
const BODY_CHARS_SMALL = 8_192;
const BODY_CHARS_MAX = 1_048_576;
const ACCEPTED_MAX = 100;

export type Place = { readonly occurred_at: number; readonly leaf_index: number };

export type Question =
  | { readonly kind: 'page'; readonly since: number; readonly before: Place }
  | { readonly kind: 'actions'; readonly ids: readonly string[] }
  | { readonly kind: 'tool'; readonly upstream: string; readonly tool: string }
  | { readonly kind: 'asked'; readonly since: number; readonly before: Opened };

/** Where a page of requests ended. */
export type Opened = { readonly opened_at: number; readonly id: string };

/** A request, and who approved it: nobody, where the glass was broken. */
export type AskedBefore = Opened & {
  readonly status: string;
  readonly agent: string;
  readonly upstream: string;
  readonly env: string;
  readonly action: string;
  readonly resource: string;
  readonly risk: string;
  readonly evaluation_id: string;
  /** Those that decided. */
  readonly rules: readonly string[];
  readonly reviewers: readonly string[];
};

/** One evaluation as the log has it: refused, held, or run. */
export type RecordedEntry = Place & {
  readonly event_id: string;
  readonly request_id: string | null;
  readonly execution_id: string | null;
  readonly envelope: string;
};

export type StoredBody =
  | { readonly kind: 'kept'; readonly body: string }
  | { readonly kind: 'erased' }
  | { readonly kind: 'too_large' };

/** A definition somebody accepted, with the class it was last accepted as. */
export type AcceptedOnce = {
  readonly pin: string;
  readonly class: string;
  readonly accepted_at: number;
  readonly definition: string;
};

export type Reply =
  | { readonly kind: 'page'; readonly entries: readonly RecordedEntry[] }
  | { readonly kind: 'actions'; readonly bodies: ReadonlyMap<string, StoredBody> }
  | { readonly kind: 'tool'; readonly accepted: readonly AcceptedOnce[] }
  | { readonly kind: 'asked'; readonly requests: readonly AskedBefore[] };

type Reading = Pick<Store, 'read'>;

/** @throws StoreUnavailable */
export async function reply(store: Reading, question: Question): Promise<Reply> {
  switch (question.kind) {
    case 'page':
      return { kind: 'page', entries: await pageOf(store, question) };
    case 'actions':
      return { kind: 'actions', bodies: await bodiesOf(store, question.ids) };
    case 'tool':
      return { kind: 'tool', accepted: await acceptedOf(store, question) };
    case 'asked':
      return { kind: 'asked', requests: await askedOf(store, question) };
  }
}

/** Newest first. Ends of runs name no rule. */
async function pageOf(
  store: Reading,
  { since, before }: Extract<Question, { readonly kind: 'page' }>,
): Promise<readonly RecordedEntry[]> {
  const rows = await store.read({
    sql: `SELECT leaf_index, event_id, occurred_at, request_id, execution_id, envelope FROM entries
           WHERE occurred_at >= $1 AND occurred_at <= $2 AND (occurred_at < $2 OR leaf_index < $3)
             AND (kind = 'evaluation' OR (kind = 'execution' AND rules IS NOT NULL))
           ORDER BY occurred_at DESC, leaf_index DESC LIMIT ${PAGE_ROWS}`,
    params: [since, before.occurred_at, before.leaf_index],
  });
  return rows.map((row) => ({
    leaf_index: Number(row['leaf_index']),
    event_id: String(row['event_id']),
    occurred_at: Number(row['occurred_at']),
    request_id: textOf(row, 'request_id'),
    execution_id: textOf(row, 'execution_id'),
    envelope: String(row['envelope']),
  }));
}

const textOf = (row: Row, column: string): string | null =>
  row[column] === null || row[column] === undefined ? null : String(row[column]);

/** Of those that are there: an action that was refused was never kept. */
async function bodiesOf(store: Reading, ids: readonly string[]): Promise<ReadonlyMap<string, StoredBody>> {
  // Always as many, so that the statement is always the same.
  const asked = Array.from({ length: PAGE_ROWS }, (_, at) => ids[at] ?? '');
  const rows = await store.read({
    sql: `SELECT id, LENGTH(body) AS chars, CASE WHEN LENGTH(body) <= ${BODY_CHARS_SMALL} THEN body END AS body
            FROM payloads WHERE kind = 'action' AND id IN (${asked.map((_, at) => `$${at + 1}`).join(', ')})`,
    params: asked,
  });
  const bodies = new Map<string, StoredBody>();
  for (const row of rows) bodies.set(String(row['id']), await bodyOf(store, row));
  return bodies;
}

async function bodyOf(store: Reading, row: Row): Promise<StoredBody> {
  if (row['chars'] === null) return { kind: 'erased' };
  if (typeof row['body'] === 'string') return { kind: 'kept', body: row['body'] };
  if (Number(row['chars']) > BODY_CHARS_MAX) return { kind: 'too_large' };
  const [large] = await store.read({
    sql: 'SELECT body FROM payloads WHERE id = $1',
    params: [String(row['id'])],
  });
  const body = large?.['body'];
  return typeof body === 'string' ? { kind: 'kept', body } : { kind: 'erased' };
}

async function acceptedOf(
  store: Reading,
  { upstream, tool }: { readonly upstream: string; readonly tool: string },
): Promise<readonly AcceptedOnce[]> {
  const rows = await store.read({
    sql: `SELECT pin, class, accepted_at, definition FROM tool_pins
           WHERE upstream = $1 AND tool = $2 AND accepted_at IS NOT NULL ORDER BY accepted_at DESC LIMIT ${ACCEPTED_MAX}`,
    params: [upstream, tool],
  });
  return rows.map((row) => ({
    pin: String(row['pin']),
    class: String(row['class']),
    accepted_at: Number(row['accepted_at']),
    definition: String(row['definition']),
  }));
}

/** Newest first. */
async function askedOf(
  store: Reading,
  { since, before }: Extract<Question, { readonly kind: 'asked' }>,
): Promise<readonly AskedBefore[]> {
  const rows = await store.read({
    sql: `SELECT id, status, agent, upstream, env, action_name, resource, risk, opened_at, explanation, evaluation_id FROM requests
           WHERE opened_at >= $1 AND opened_at <= $2 AND (opened_at < $2 OR id < $3)
           ORDER BY opened_at DESC, id DESC LIMIT ${PAGE_ROWS}`,
    params: [since, before.opened_at, before.id],
  });
  const ids = Array.from({ length: PAGE_ROWS }, (_, at) => String(rows[at]?.['id'] ?? ''));
  const reviews = await store.read({
    sql: `SELECT request_id, reviewer FROM reviews WHERE decision = 'approved'
             AND NOT EXISTS (SELECT 1 FROM broken_glass g WHERE g.request_id = reviews.request_id) AND request_id IN (${ids.map((_, at) => `$${at + 1}`).join(', ')})`,
    params: ids,
  });
  const reviewers = Map.groupBy(reviews, (row) => String(row['request_id']));
  return rows.map((row) => ({
    id: String(row['id']),
    status: String(row['status']),
    agent: String(row['agent']),
    upstream: String(row['upstream']),
    env: String(row['env']),
    action: String(row['action_name']),
    resource: String(row['resource']),
    risk: String(row['risk']),
    opened_at: Number(row['opened_at']),
    evaluation_id: String(row['evaluation_id']),
    rules: decidingOf(String(row['explanation'])),
    reviewers: (reviewers.get(String(row['id'])) ?? []).map((each) => String(each['reviewer'])),
  }));
}

const decidingOf = (explanation: string): readonly string[] => [
  ...new Set((JSON.parse(explanation) as Explanation).deciding.map(({ rule }) => rule)),
];
