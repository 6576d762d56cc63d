/**
 * Signed entries a second, sealed and fsynced at 64 in flight with the sequencer writing tiles beside them, and one
 * durable commit alone; each against bare node:sqlite in the same run: the same envelope and leaf, one row, one fsync
 * for the same number of rows, nothing signed, nobody in between.
 * Run: npm run bench audit
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSealer } from '../gateway/src/audit/sealer.ts';
import type { SignedEntry } from '../gateway/src/store/store.ts';
import { type AuditBench, commitEntries, openAuditBench, startedFact } from './audit/log.ts';
import { type Bench, runAlone, shown } from './goals.ts';

const IN_FLIGHT = 64;

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

function sealMany({ audit }: AuditBench, count: number): readonly SignedEntry[] {
  const sealer = createSealer({ key: audit.keys.entry.current });
  return Array.from({ length: count }, (_, n) => sealer.seal(startedFact(n)));
}

type Size = { readonly count: number; readonly single: number };

async function grouped(audit_bench: AuditBench, { count }: Size) {
  await commitEntries(audit_bench, { count: count / 10, in_flight: IN_FLIGHT }); // warm
  const cpu = process.threadCpuUsage();
  const began = performance.now();
  await commitEntries(audit_bench, { count, in_flight: IN_FLIGHT });
  const per_s = (count / (performance.now() - began)) * 1000;
  const used = process.threadCpuUsage(cpu);
  await audit_bench.audit.flush();
  const bare_ms = bareSqlite(audit_bench.folder, sealMany(audit_bench, count / 5), IN_FLIGHT);
  return { per_s, bare_per_s: 1000 / bare_ms, main_thread_us: (used.user + used.system) / count };
}

async function alone(audit_bench: AuditBench, { single }: Size) {
  const { folder, store, audit } = audit_bench;
  const facts = Array.from({ length: single }, (_, n) => startedFact(n));
  const bare_ms = bareSqlite(folder, sealMany(audit_bench, single), 1);
  const began = performance.now();
  for (const fact of facts)
    await store.commit({ name: 'bench', steps: [], entries: [audit.sealer.seal(fact)] });
  return { ms: (performance.now() - began) / single, bare_ms };
}

export const bench: Bench = async ({ quick }) => {
  const size = quick ? { count: 200, single: 10 } : { count: 40_000, single: 500 };
  const audit_bench = await openAuditBench();
  try {
    const { per_s, bare_per_s, main_thread_us } = await grouped(audit_bench, size);
    const { ms, bare_ms } = await alone(audit_bench, size);
    const baseline = { name: 'bare node:sqlite, unsigned', value: bare_per_s, unit: '/s' };
    return {
      measured: [{ goal: 'audit_rate', got: per_s, baseline, ratio: per_s / bare_per_s }],
      also: [
        ['main thread, an entry', shown(main_thread_us, ' µs')],
        ['one durable commit, alone', `${shown(ms, ' ms')}, bare node:sqlite ${shown(bare_ms, ' ms')}`],
      ],
    };
  } finally {
    await audit_bench.close();
  }
};

await runAlone(import.meta.url, bench);
