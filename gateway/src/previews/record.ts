/**
 * A preview's beginning and end, each with its entry. The beginning is durable before the first byte of the read (I2); a
 * crash after it leaves a row that the next start ends as `unknown`. Entries name the call that was made and hold salted
 * commitments to its arguments and to what was shown; the clear text of both is erased with the request (I7).
 */
import { type About, base, termsOf, what } from '../audit/facts/about.ts';
import { epochGuard } from '../authority/authority.ts';
import type { Deps } from '../deps.ts';
import type { Asked } from '../executions/asked.ts';
import { predicateOf } from '../history/told.ts';
import { payloadId, previewId } from '../ids.ts';
import { newSalt, type Payload, sealed, storePayloadOf } from '../payloads.ts';
import type { StoredRequest } from '../requests/views/row.ts';
import type { Row, Step } from '../store/store.ts';
import { endPreview, insertPreview, type KeptPreview } from './stored.ts';

export type Beginning = {
  readonly stored: StoredRequest;
  readonly asked: Asked;
  readonly epoch: number;
  readonly round: number;
  /** A person; undefined: the gateway, when the request was opened. */
  readonly by: string | undefined;
  readonly dry_run: boolean;
};

export type Begun = {
  readonly id: string;
  readonly request_id: string;
  readonly about: About;
  readonly started_event: string;
  readonly by: string | undefined;
  readonly dry_run: boolean;
};

/** Undefined: the authority, the request or another preview moved meanwhile; nothing happened. */
export async function beginPreview(deps: Deps, beginning: Beginning): Promise<Begun | undefined> {
  const { stored, asked, epoch, round, by, dry_run } = beginning;
  const now = deps.now();
  const id = previewId(now);
  const request_id = stored.request.id;
  const { about } = asked;
  const event = deps.events.recorded(
    {
      ...base(about),
      kind: 'system',
      occurred_at: now,
      task_id: request_id,
      predicate: {
        change: 'preview',
        phase: 'started',
        preview_id: id,
        request_id,
        what: what(about),
        ...(by === undefined ? {} : { by }),
        ...(dry_run ? { dry_run } : {}),
      },
      terms: { ...termsOf(about), request_id, ...(by === undefined ? {} : { reviewer: by }) },
    },
    'a preview was begun',
  );
  const { event_id } = event.entry;
  const outcome = await deps.store.commit({
    name: 'preview',
    steps: [
      epochGuard(epoch),
      {
        name: 'open',
        sql: "SELECT 1 FROM requests WHERE id = $1 AND status = 'pending' AND expires_at > $2",
        params: [request_id, now],
        rows: 1,
      },
      insertPreview({
        id,
        request_id,
        round,
        asked_by: by,
        tool: about.resource,
        now,
        started_event: event_id,
      }),
      // The read as asked: the entry's digest is of exactly this, and goes with the request.
      storePayloadOf(request_id, asked.payload, now),
    ],
    entries: [event.entry],
  });
  if (!outcome.ok) return undefined;
  event.committed();
  return { id, request_id, about, started_event: event_id, by, dry_run };
}

export type Ending =
  | { readonly status: 'shown'; readonly kept: KeptPreview }
  | { readonly status: 'failed' | 'unknown'; readonly why: string; readonly kept?: KeptPreview };

/** An end that cannot be recorded leaves a row the next start ends: nothing that runs waits for it. */
export async function finishPreview(deps: Deps, begun: Begun, ending: Ending): Promise<void> {
  if (await recordEnd(deps, begun, ending)) return;
  // Erased meanwhile: what was read is kept by nobody.
  await recordEnd(deps, begun, { status: 'failed', why: 'the request was erased meanwhile' });
}

async function recordEnd(deps: Deps, begun: Begun, ending: Ending): Promise<boolean> {
  const now = deps.now();
  const kept: Payload | undefined =
    ending.kept === undefined
      ? undefined
      : { id: payloadId(now), kind: 'preview', salt: newSalt(), body: JSON.stringify(ending.kept) };
  const why = ending.status === 'shown' ? undefined : ending.why;
  const event = endEvent(deps, begun, { now, status: ending.status, why, kept });
  const outcome = await deps.store.commit({
    name: 'preview-end',
    steps: [
      endPreview({
        id: begun.id,
        status: ending.status,
        now,
        ended_event: event.entry.event_id,
        ...(why === undefined ? {} : { why }),
        ...(kept === undefined ? {} : { payload_id: kept.id }),
      }),
      ...(kept === undefined ? [] : keepIn(begun.request_id, kept, now)),
    ],
    entries: [event.entry],
  });
  if (outcome.ok) event.committed();
  // Recovery or another node ended it: that stays (I5).
  return outcome.ok || outcome.guard === 'end';
}

const keepIn = (request_id: string, kept: Payload, now: number): readonly Step[] => [
  {
    name: 'not-erased',
    sql: 'SELECT 1 FROM requests WHERE id = $1 AND erased_at IS NULL',
    params: [request_id],
    rows: 1,
  },
  storePayloadOf(request_id, kept, now),
];

type End = {
  readonly now: number;
  readonly status: Ending['status'];
  readonly why: string | undefined;
  readonly kept: Payload | undefined;
};

const endEvent = (deps: Deps, begun: Begun, { now, status, why, kept }: End) =>
  deps.events.recorded(
    {
      ...base(begun.about),
      kind: 'system',
      occurred_at: now,
      task_id: begun.request_id,
      answers: [begun.started_event],
      predicate: {
        change: 'preview',
        phase: 'result',
        preview_id: begun.id,
        request_id: begun.request_id,
        status,
        what: what(begun.about),
        ...(begun.by === undefined ? {} : { by: begun.by }),
        ...(begun.dry_run ? { dry_run: true } : {}),
        ...(why === undefined ? {} : { cause: why }),
        ...(kept === undefined ? {} : { shown: sealed(kept) }),
      },
      terms: {
        ...termsOf(begun.about),
        request_id: begun.request_id,
        ...(begun.by === undefined ? {} : { reviewer: begun.by }),
      },
    },
    'a preview ended',
  );

const BATCH_ROWS = 500;

/** At start: what an earlier process began and did not end may have reached its upstream (I9). */
export async function recoverPreviews(deps: Deps): Promise<void> {
  for (;;) {
    const rows = await deps.store.read({
      sql: `SELECT p.id AS id, p.request_id AS request_id, p.asked_by AS asked_by, p.tool AS tool, p.started_event AS started_event,
                   r.agent AS agent, r.upstream AS upstream, r.env AS env, r.evaluation_id AS evaluation_id, r.action_digest AS action_digest,
                   n.envelope AS envelope
              FROM previews p JOIN requests r ON r.id = p.request_id JOIN entries n ON n.event_id = p.started_event WHERE p.status = 'started' ORDER BY p.started_at LIMIT ${BATCH_ROWS}`,
      params: [],
    });
    if (rows.length === 0) return;
    const ended = await Promise.all(
      rows.map((row) =>
        recordEnd(deps, begunBy(row), {
          status: 'unknown',
          why: 'the gateway stopped before it was done',
        }),
      ),
    );
    if (!ended.every(Boolean)) return;
  }
}

function begunBy(row: Row): Begun {
  const agent = String(row['agent']);
  return {
    id: String(row['id']),
    request_id: String(row['request_id']),
    started_event: String(row['started_event']),
    by: row['asked_by'] === null ? undefined : String(row['asked_by']),
    // As its beginning says: what was told not to act may still have acted.
    dry_run: predicateOf(String(row['envelope']))?.['dry_run'] === true,
    about: {
      principal: { tenant: '', agent, owner: null, team: null, subject: { type: 'agent', id: agent } },
      upstream: String(row['upstream']),
      env: String(row['env']),
      action: 'tools/call',
      resource: String(row['tool']),
      action_digest: String(row['action_digest']),
      evaluation_id: String(row['evaluation_id']),
    },
  };
}
