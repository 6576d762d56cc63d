/** A real store, real keys and a real log in a folder of its own, and a clock the test sets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openSqliteStore } from '../../store/sqlite/sqlite.ts';
import type { Store } from '../../store/store.ts';
import type { AuditFact } from '../audit.ts';
import { type Audit, openAudit } from '../open.ts';

export const ORIGIN = 'test.example/log';
export const BEGAN = 1_760_000_000_000;

export type Rig = {
  readonly folder: string;
  /** The log's public files. */
  readonly log: string;
  readonly store: Store;
  readonly audit: Audit;
  readonly time: { now: number };
  /** What the operator was told about the log. */
  readonly troubles: string[];
  /** Seals and commits facts, one command each; resolves with their event ids. */
  record(...facts: readonly AuditFact[]): Promise<readonly string[]>;
  /** Closes and opens everything again, as a restart does. `between` runs while nothing is open. */
  restart(between?: () => Promise<void>): Promise<Rig>;
};

export async function openRig(t: TestContext): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-audit-'));
  const closers: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const close of closers) await close();
    await rm(folder, { recursive: true, force: true });
  });
  return await openAt(folder, closers, BEGAN);
}

async function openAt(place: string, closers: (() => Promise<void>)[], began: number): Promise<Rig> {
  const time = { now: began };
  const troubles: string[] = [];
  const store = await openSqliteStore({ path: join(place, 'store.db') });
  const log = { error: (fields: object) => troubles.push(JSON.stringify(fields)) };
  const audit = await openAudit({ store, data_dir: place, origin: ORIGIN, now: () => time.now, log });
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await audit.close();
    await store.close();
  };
  closers.push(close);
  return {
    folder: place,
    log: join(place, 'log'),
    store,
    audit,
    time,
    troubles,
    record: async (...facts) => {
      const ids: string[] = [];
      for (const fact of facts) {
        const entry = audit.sealer.seal(fact);
        const outcome = await store.commit({ name: 'test', steps: [], entries: [entry] });
        if (!outcome.ok) throw new Error(`guard ${outcome.guard}`);
        ids.push(entry.event_id);
      }
      return ids;
    },
    restart: async (between) => {
      await close();
      await between?.();
      return await openAt(place, closers, time.now);
    },
  };
}

const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** A fact of this kind, with what the kind needs and nothing else. */
export function fact(kind: AuditFact['kind'], over: Partial<AuditFact> = {}): AuditFact {
  return { kind, occurred_at: BEGAN, task_id: 'gateway', predicate: {}, terms: {}, ...over };
}

export const plain = (n: number, over: Partial<AuditFact> = {}): AuditFact =>
  fact('system', { task_id: `task-${n}`, predicate: { n }, ...over });

/** The life of one held action, as `enforce` tells it. Takes the event ids so far, since later facts answer earlier ones. */
export const held = {
  opened: (task_id: string, needed = 1): AuditFact =>
    fact('access-request', {
      task_id,
      action_digest: DIGEST,
      predicate: {
        status: 'pending',
        seats: [{ by: 'anyone', count: needed, proof: 'session' }],
        choices: [],
      },
    }),
  reviewed: (task_id: string, reviewer: string): AuditFact =>
    fact('review', {
      task_id,
      action_digest: DIGEST,
      predicate: { decision: 'approved', reviewer, counted: true },
    }),
  resolved: (task_id: string, status = 'approved', uses = 1): AuditFact =>
    fact('resolution', {
      task_id,
      action_digest: DIGEST,
      predicate: {
        status,
        ...(status === 'approved' && {
          approval: { id: `apr-${task_id}`, approved_until: BEGAN + 600_000, uses },
        }),
      },
    }),
  started: (task_id: string, execution_id: string, resolution: string): AuditFact =>
    fact('execution', {
      task_id,
      action_digest: DIGEST,
      answers: [resolution],
      predicate: { phase: 'started', execution_id, enforced_by: 'gateway', approval_id: `apr-${task_id}` },
    }),
  ended: (task_id: string, execution_id: string): AuditFact =>
    fact('execution', {
      task_id,
      action_digest: DIGEST,
      predicate: { phase: 'result', execution_id, status: 'succeeded' },
    }),
  erased: (task_id: string, by = 'dan'): AuditFact =>
    fact('redaction', { task_id, action_digest: DIGEST, predicate: { erased: { action: 1 }, by } }),
  revealed: (task_id: string): AuditFact =>
    fact('redaction', { task_id, action_digest: DIGEST, predicate: { revealed_to: 'bob' } }),
};
