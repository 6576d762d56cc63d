/**
 * Sealed, signed and fsynced entries a second at 64 in flight, with the sequencer writing tiles beside it (goal:
 * 15,000/s); and one durable commit against the same rows written by bare node:sqlite.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { commitEntries, openAuditBench, startedFact } from './audit-log.ts';

const GOAL_PER_S = 15_000;
const COUNT = 40_000;
const SINGLE = 400;

export type AuditResult = {
  readonly entries_per_s: number;
  readonly goal_per_s: number;
  readonly seal_us: number;
  readonly single_commit_ms: number;
  readonly bare_sqlite_ms: number;
  readonly single_ratio: number;
  readonly main_thread_us: number;
};

/** The bound: the same envelope and leaf, one row, one fsync, nobody in between. */
function bareSqlite(folder: string, seal: (n: number) => { envelope: string; leaf: string }): number {
  const db = new DatabaseSync(join(folder, 'bare.db'));
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE entries (n INTEGER PRIMARY KEY, envelope TEXT, leaf TEXT)',
  );
  const insert = db.prepare('INSERT INTO entries (envelope, leaf) VALUES (?1, ?2)');
  const began = performance.now();
  for (let n = 0; n < SINGLE; n += 1) {
    const { envelope, leaf } = seal(n);
    insert.run(envelope, leaf);
  }
  const took = performance.now() - began;
  db.close();
  return took / SINGLE;
}

export async function benchAudit(): Promise<AuditResult> {
  const bench = await openAuditBench();
  try {
    await commitEntries(bench, { count: 4000, in_flight: 64 }); // warm
    let began = performance.now();
    for (let n = 0; n < 4000; n += 1) bench.audit.sealer.seal(startedFact(n));
    const seal_us = ((performance.now() - began) * 1000) / 4000;

    began = performance.now();
    const cpu = process.threadCpuUsage();
    await commitEntries(bench, { count: COUNT, in_flight: 64 });
    const took_s = (performance.now() - began) / 1000;
    const used = process.threadCpuUsage(cpu);
    await bench.audit.flush();

    const seal = (n: number) => bench.audit.sealer.seal(startedFact(n));
    const bare_sqlite_ms = bareSqlite(bench.folder, seal);
    began = performance.now();
    for (let n = 0; n < SINGLE; n += 1)
      await bench.store.commit({ name: 'bench', steps: [], entries: [seal(n)] });
    const single_commit_ms = (performance.now() - began) / SINGLE;
    return {
      entries_per_s: Math.round(COUNT / took_s),
      goal_per_s: GOAL_PER_S,
      seal_us,
      single_commit_ms,
      bare_sqlite_ms,
      single_ratio: single_commit_ms / bare_sqlite_ms,
      main_thread_us: (used.user + used.system) / COUNT,
    };
  } finally {
    await bench.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const got = await benchAudit();
  const { entries_per_s, goal_per_s } = got;
  console.log(
    `sealed and fsynced, 64 in flight   ${entries_per_s}/s   goal ${goal_per_s}/s   ${(entries_per_s / goal_per_s).toFixed(2)}x`,
  );
  console.log(
    `main thread, an entry              ${got.main_thread_us.toFixed(0)} us, of which sealing ${got.seal_us.toFixed(0)} us`,
  );
  console.log(
    `one durable commit, alone          ${got.single_commit_ms.toFixed(3)} ms   bare node:sqlite ${got.bare_sqlite_ms.toFixed(3)} ms   ${got.single_ratio.toFixed(2)}x`,
  );
  process.exitCode = entries_per_s >= goal_per_s ? 0 : 1;
}
