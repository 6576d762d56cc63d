/**
 * Verifying a log from its files: hashes only, and with every signature and statement; against the bare signature
 * checks in the same run. `per_core_s` counts the CPU time of all threads: what one core alone would do. Memory is what
 * the heap grew by while one log was read a second time.
 * Run: node --conditions=countersign-source bench/verify.ts [--json]
 */
import { sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { folderSource } from '../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../gateway/src/audit/verify/verify.ts';
import { type AuditBench, commitEntries, openAuditBench } from './audit-log.ts';

const COUNT = 30_000;

async function once({ folder, audit }: AuditBench, depth: 'tree' | 'entries') {
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  const source = folderSource(join(folder, 'log'));
  const report = await verifyLog({ source, vkey: audit.keys.log.vkey, depth });
  if (!report.ok || report.size !== COUNT)
    throw new Error(`it does not verify: ${report.findings[0]?.detail}`);
  const used = process.cpuUsage(cpu);
  return {
    per_s: Math.round((COUNT / report.took_ms) * 1000),
    per_core_s: Math.round((COUNT / (used.user + used.system)) * 1e6),
    heap_growth_mb: Math.round((process.memoryUsage().heapUsed - before) / 1e6),
  };
}

function bareSignatures({ audit }: AuditBench): number {
  const { private_key, public_key } = audit.keys.entry.current;
  const message = Buffer.alloc(1000);
  const signature = sign('sha256', message, private_key);
  const cpu = process.cpuUsage();
  for (let n = 0; n < 5000; n += 1) verify('sha256', message, public_key, signature);
  const used = process.cpuUsage(cpu);
  return Math.round((5000 / (used.user + used.system)) * 1e6);
}

const bench = await openAuditBench();
try {
  await commitEntries(bench, { count: COUNT, in_flight: 64 });
  await bench.audit.flush();
  await once(bench, 'tree'); // warm
  const tree = await once(bench, 'tree');
  await once(bench, 'entries');
  const entries = await once(bench, 'entries');
  const bare_per_core_s = bareSignatures(bench);
  const ratio = Number((entries.per_core_s / bare_per_core_s).toFixed(2));
  const results = [
    { what: 'tree only', ...tree, at_least: 100_000, ok: tree.per_s >= 100_000 },
    {
      what: 'with signatures, a core',
      ...entries,
      bare_per_core_s,
      ratio,
      at_least: 10_000,
      ok: entries.per_core_s >= 10_000,
    },
  ];
  if (process.argv.includes('--json')) console.log(JSON.stringify({ bench: 'verify', results }));
  else console.table(results);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
} finally {
  await bench.close();
}
