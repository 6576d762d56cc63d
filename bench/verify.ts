/**
 * Verifying a log from its files: the tree only (goal: 100,000 entries/s), with every signature and statement (goal:
 * 10,000 entries/s a core), and whether memory stays flat. Baseline: the bare signature checks, nothing else.
 */
import { sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderSource } from '../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../gateway/src/audit/verify/verify.ts';
import { type AuditBench, commitEntries, openAuditBench } from './audit-log.ts';

const COUNT = 30_000;
const GOALS = { tree_per_s: 100_000, entries_per_core_s: 10_000 } as const;

export type VerifyResult = {
  readonly tree_per_s: number;
  readonly entries_per_s: number;
  /** CPU time of all threads counted: what one core alone would do. */
  readonly entries_per_core_s: number;
  readonly bare_signatures_per_core_s: number;
  readonly heap_growth_mb: number;
};

export async function benchVerify(): Promise<VerifyResult> {
  const bench = await openAuditBench();
  try {
    await commitEntries(bench, { count: COUNT, in_flight: 64 });
    await bench.audit.flush();
    const source = folderSource(join(bench.folder, 'log'));
    const { vkey } = bench.audit.keys.log;
    const once = async (depth: 'tree' | 'entries') => {
      const cpu = process.cpuUsage();
      const report = await verifyLog({ source, vkey, depth });
      if (!report.ok || report.size !== COUNT)
        throw new Error(`the log does not verify: ${JSON.stringify(report.findings[0])}`);
      const used = process.cpuUsage(cpu);
      return {
        per_s: (COUNT / report.took_ms) * 1000,
        per_core_s: (COUNT / (used.user + used.system)) * 1e6,
      };
    };
    await once('tree'); // warm
    const tree = await once('tree');
    await once('entries');
    const before = process.memoryUsage().heapUsed;
    const entries = await once('entries');
    return {
      tree_per_s: Math.round(tree.per_s),
      entries_per_s: Math.round(entries.per_s),
      entries_per_core_s: Math.round(entries.per_core_s),
      bare_signatures_per_core_s: Math.round(bareSignatures(bench)),
      heap_growth_mb: (process.memoryUsage().heapUsed - before) / 1e6,
    };
  } finally {
    await bench.close();
  }
}

function bareSignatures({ audit }: AuditBench): number {
  const { private_key, public_key } = audit.keys.entry.current;
  const message = Buffer.alloc(1000);
  const signature = sign('sha256', message, private_key);
  const cpu = process.cpuUsage();
  for (let n = 0; n < 5000; n += 1) verify('sha256', message, public_key, signature);
  const used = process.cpuUsage(cpu);
  return (5000 / (used.user + used.system)) * 1e6;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const got = await benchVerify();
  console.log(`tree only               ${got.tree_per_s}/s   goal ${GOALS.tree_per_s}/s`);
  console.log(
    `with signatures         ${got.entries_per_s}/s   a core ${got.entries_per_core_s}/s   goal ${GOALS.entries_per_core_s}/s a core`,
  );
  console.log(`bare signature checks   a core ${got.bare_signatures_per_core_s}/s`);
  console.log(`heap growth             ${got.heap_growth_mb.toFixed(1)} MB over ${COUNT} entries`);
  process.exitCode =
    got.tree_per_s >= GOALS.tree_per_s && got.entries_per_core_s >= GOALS.entries_per_core_s ? 0 : 1;
}
