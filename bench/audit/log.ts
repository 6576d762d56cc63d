/**
 * A log to measure with: sealed, committed and published by the gateway's own parts, in a folder of its own. The facts
 * are those of an allowed call, the commonest entry there is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditFact } from '../../gateway/src/audit/audit.ts';
import { executionStartedFact } from '../../gateway/src/audit/facts/ran.ts';
import { type Audit, openAudit, openAuditKeys } from '../../gateway/src/audit/open.ts';
import { openSqliteStore } from '../../gateway/src/store/sqlite/sqlite.ts';
import type { Store } from '../../gateway/src/store/store.ts';

export type AuditBench = {
  readonly folder: string;
  readonly store: Store;
  readonly audit: Audit;
  close(): Promise<void>;
};

export async function openAuditBench(): Promise<AuditBench> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const origin = 'bench.example/log';
  const keys = openAuditKeys(folder, origin);
  const entry_key = keys.entry.current.private_key;
  const store = await openSqliteStore({ path: join(folder, 'store.db'), entry_key });
  const log = { error: (fields: object, message: string) => console.error(message, fields) };
  const audit = await openAudit({ store, keys, data_dir: folder, origin, now: Date.now, log });
  return {
    folder,
    store,
    audit,
    close: async () => {
      await audit.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const HEX = '0123456789abcdef'.repeat(4);

export function startedFact(n: number): AuditFact {
  const hit = {
    rule: 'read-safe',
    about: 'reads run freely',
    file: 'policy/main.yaml',
    line: 12,
    then: 'allow',
  } as const;
  const rule = { ...hit, opaque: false, dry_run: false, values: {}, obligations: [] };
  const explanation = {
    policy: { id: 'main', version: '1', digest: `sha256:${HEX}` },
    deciding: [rule],
    outranked: [],
    would_have: [],
  };
  return executionStartedFact(
    {
      principal: {
        tenant: 'default',
        agent: `agent-${n % 7}`,
        owner: 'alice',
        team: 'platform',
        subject: { type: 'agent', id: `agent-${n % 7}` },
      },
      upstream: 'files',
      env: 'dev',
      action: 'tools/call',
      resource: `tool-${n % 20}`,
      action_digest: `sha256:${HEX}`,
      evaluation_id: `evl_${n}`,
    },
    {
      at: Date.now(),
      execution_id: `exe_${n}`,
      decision: { effect: 'allow', risk: 'low', obligations: [], explanation },
      enforced_by: 'gateway',
    },
  );
}

/** Commits `count` entries, `in_flight` at a time; resolves when the last is durable. */
export async function commitEntries(
  { store, audit }: AuditBench,
  { count, in_flight }: { count: number; in_flight: number },
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const outcome = await store.commit({
        name: 'bench',
        steps: [],
        entries: [audit.sealer.seal(startedFact(next))],
      });
      if (!outcome.ok) throw new Error(`guard ${outcome.guard}`);
    }
  };
  await Promise.all(Array.from({ length: in_flight }, worker));
}
