/**
 * Which trail a call belongs to: what one agent did in one go. Calls of one session of the protocol are one; else those of
 * one trace; else those with no long pause between. The id is made of the first call's, so that following the log again
 * makes the same trails.
 */
import { createHash } from 'node:crypto';
import type { Trail } from '@countersign/sdk';
import type { Step, Store } from '../../store/store.ts';
import type { CallRow } from '../row.ts';
import { inList } from '../shown.ts';
import type { Question } from '../told.ts';

/** A pause longer than this begins another. Sessions have an end of their own. */
const PAUSE_MS = 30 * 60_000;

type Open = Omit<Trail, 'calls' | 'held' | 'denied' | 'failed'> & {
  readonly lookup: string;
  readonly first_seq: number;
  readonly last_seq: number;
};

export type Joined = {
  /** Trails by the `seq` of their new calls. */
  readonly of: ReadonlyMap<number, string>;
  /** Makes the new ones, and moves the ends of the others. Counts nothing. */
  readonly steps: readonly Step[];
};

export async function trailsFor(
  store: Store,
  fresh: readonly CallRow[],
  questions: ReadonlyMap<number, Question>,
): Promise<Joined> {
  const keys = new Map(fresh.map((call) => [call.seq, keyOf(call, questions.get(call.seq))]));
  const open = await openTrails(store, new Set([...keys.values()].map(({ lookup }) => lookup)));
  const of = new Map<number, string>();
  const touched = new Map<string, Open>();
  for (const call of [...fresh].sort((a, b) => a.seq - b.seq)) {
    const key = keys.get(call.seq);
    if (key === undefined) continue;
    const last = open.get(key.lookup);
    const joins = last !== undefined && (key.bound_by === 'session' || call.at - last.last_at <= PAUSE_MS);
    const trail = joins ? moved(last, call) : begun(call, key);
    open.set(key.lookup, trail);
    touched.set(trail.id, trail);
    of.set(call.seq, trail.id);
  }
  return { of, steps: [...touched.values()].map(putTrail) };
}

type Key = { readonly bound_by: Trail['bound_by']; readonly lookup: string };

function keyOf({ agent, subject }: CallRow, question: Question | undefined): Key {
  const { session, trace } = question ?? { session: null, trace: null };
  const bound_by = session !== null ? 'session' : trace !== null ? 'trace' : 'time';
  const text = JSON.stringify([bound_by, agent, subject, session ?? trace]);
  return { bound_by, lookup: createHash('sha256').update(text).digest('hex').slice(0, 32) };
}

const begun = (call: CallRow, { bound_by, lookup }: Key): Open => ({
  id: call.id.replace(/^evl_/, 'trl_'),
  bound_by,
  lookup,
  agent: call.agent,
  subject: call.subject,
  owner: call.owner,
  first_seq: call.seq,
  last_seq: call.seq,
  started_at: call.at,
  last_at: call.at,
});

const moved = (trail: Open, { seq, at }: CallRow): Open => ({
  ...trail,
  last_seq: seq,
  last_at: Math.max(trail.last_at, at),
});

async function openTrails(store: Store, lookups: ReadonlySet<string>): Promise<Map<string, Open>> {
  if (lookups.size === 0) return new Map();
  const list = inList([...lookups]);
  const rows = await store.read({
    sql: `SELECT t.id AS id, t.bound_by AS bound_by, t.lookup AS lookup, t.agent AS agent, t.subject AS subject, t.owner AS owner,
                 t.first_seq AS first_seq, t.last_seq AS last_seq, t.started_at AS started_at, t.last_at AS last_at
            FROM trails t WHERE t.lookup ${list.sql}
             AND t.last_at = (SELECT MAX(l.last_at) FROM trails l WHERE l.lookup = t.lookup) ORDER BY t.last_seq`,
    params: list.params,
  });
  return new Map(
    rows.map((row) => [
      String(row['lookup']),
      {
        id: String(row['id']),
        bound_by: String(row['bound_by']) as Trail['bound_by'],
        lookup: String(row['lookup']),
        agent: String(row['agent']),
        subject: String(row['subject']),
        owner: row['owner'] === null ? null : String(row['owner']),
        first_seq: Number(row['first_seq']),
        last_seq: Number(row['last_seq']),
        started_at: Number(row['started_at']),
        last_at: Number(row['last_at']),
      },
    ]),
  );
}

const putTrail = (trail: Open): Step => ({
  name: 'put-trail',
  sql: `INSERT INTO trails (id, bound_by, lookup, agent, subject, owner, first_seq, last_seq, started_at, last_at, calls, held, denied, failed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0)
        ON CONFLICT (id) DO UPDATE SET last_seq = excluded.last_seq, last_at = excluded.last_at`,
  params: [
    trail.id,
    trail.bound_by,
    trail.lookup,
    trail.agent,
    trail.subject,
    trail.owner,
    trail.first_seq,
    trail.last_seq,
    trail.started_at,
    trail.last_at,
  ],
  rows: 1,
});

type Count = { calls: number; held: number; denied: number; failed: number };

const countOf = (call: CallRow | undefined): Count => ({
  calls: call === undefined ? 0 : 1,
  held: call?.decision === 'held' ? 1 : 0,
  denied: call?.outcome === 'refused' || call?.outcome === 'denied' ? 1 : 0,
  failed: call?.outcome === 'failed' || call?.outcome === 'unknown' ? 1 : 0,
});

type Changed = { readonly call: CallRow; readonly before: CallRow | undefined };

export function countTrails(changed: readonly Changed[], of: ReadonlyMap<number, string>): readonly Step[] {
  const counts = new Map<string, Count>();
  for (const { call, before } of changed) {
    const id = of.get(call.seq) ?? call.trail;
    const count = counts.get(id) ?? countOf(undefined);
    const [now, then] = [countOf(call), countOf(before)];
    counts.set(id, {
      calls: count.calls + now.calls - then.calls,
      held: count.held + now.held - then.held,
      denied: count.denied + now.denied - then.denied,
      failed: count.failed + now.failed - then.failed,
    });
  }
  return [...counts].flatMap(([id, { calls, held, denied, failed }]) =>
    calls === 0 && held === 0 && denied === 0 && failed === 0
      ? []
      : [
          {
            name: 'count-trail',
            sql: 'UPDATE trails SET calls = calls + $2, held = held + $3, denied = denied + $4, failed = failed + $5 WHERE id = $1',
            params: [id, calls, held, denied, failed],
            rows: 'any' as const,
          },
        ],
  );
}
