/**
 * Signed entries a second, sealed and fsynced at 64 in flight with the sequencer writing tiles beside them, and one
 * durable commit alone; each against bare node:sqlite in the same run: the same envelope and leaf, one row, one fsync
 * for the same number of rows, nothing signed, nobody in between.
 * Run: node --conditions=countersign-source bench/audit.ts [--json]
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSealer } from '../gateway/src/audit/sealer.ts';
import type { SignedEntry } from '../gateway/src/store/store.ts';
import { type AuditBench, commitEntries, openAuditBench, startedFact } from './audit-log.ts';

const IN_FLIGHT = 64;
const COUNT = 40_000;
const SINGLE = 500;

/** Milliseconds a row, committed `group` at a time. */
function bareSqlite(folder: string, entries: readonly SignedEntry[], group: number): number {
  const db = new DatabaseSync(join(folder, `bare-${group}.db`));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE entries (n INTEGER PRIMARY KEY, envelope TEXT, leaf TEXT)');
  const insert = db.prepare('INSERT INTO entries (envelope, leaf) VALUES (?1, ?2)');
  const began = performance.now();
  for (let at = 0; at < entries.length; at += group) {
    db.exec('BEGIN');
    for (const { envelope, leaf } of entries.slice(at, at + group)) insert.run(envelope, leaf);
    db.exec('COMMIT');
  }
  const took_ms = performance.now() - began;
  db.close();
  return took_ms / entries.length;
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
function sealMany({ audit }: AuditBench, count: number): readonly SignedEntry[] {
  const sealer = createSealer({ key: audit.keys.entry.current });
  return Array.from({ length: count }, (_, n) => sealer.seal(startedFact(n)));
}

async function grouped(bench: AuditBench) {
  await commitEntries(bench, { count: 4000, in_flight: IN_FLIGHT }); // warm
  const cpu = process.threadCpuUsage();
  const began = performance.now();
  await commitEntries(bench, { count: COUNT, in_flight: IN_FLIGHT });
  const per_s = (COUNT / (performance.now() - began)) * 1000;
  const used = process.threadCpuUsage(cpu);
  await bench.audit.flush();
  const bare_per_s = 1000 / bareSqlite(bench.folder, sealMany(bench, 8000), IN_FLIGHT);
  return {
    what: `entries sealed and fsynced, ${IN_FLIGHT} in flight`,
    per_s: Math.round(per_s),
    bare_sqlite_per_s: Math.round(bare_per_s),
    ratio: round(per_s / bare_per_s),
    main_thread_us: Math.round((used.user + used.system) / COUNT),
    at_least: 15_000,
    ok: per_s >= 15_000,
  };
}

async function alone(bench: AuditBench) {
  const facts = Array.from({ length: SINGLE }, (_, n) => startedFact(n));
  const bare_ms = bareSqlite(bench.folder, sealMany(bench, SINGLE), 1);
  const began = performance.now();
  for (const fact of facts) {
    await bench.store.commit({ name: 'bench', steps: [], entries: [bench.audit.sealer.seal(fact)] });
  }
  const ms = (performance.now() - began) / SINGLE;
  return {
    what: 'one durable commit, alone',
    per_s: Math.round(1000 / ms),
    bare_sqlite_per_s: Math.round(1000 / bare_ms),
    ratio: round(bare_ms / ms),
    ms: round(ms, 3),
  };
}

const bench = await openAuditBench();
try {
  const results = [await grouped(bench), await alone(bench)];
  if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'audit', results }));
  else console.table(results);
  if (results.some((result) => 'ok' in result && !result.ok)) process.exitCode = 1;
} finally {
  await bench.close();
}
