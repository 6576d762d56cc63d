/**
 * Verifying a log from its files: hashes only, and with every signature and statement; against bare hashing of as many
 * leaves and bare signature checks in the same run. A core's rate counts the CPU time of all threads. Memory is looked
 * at in a pass of its own, collected each time, so that only what is really held counts.
 * Run: npm run bench verify
 */
import { hash, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { folderSource } from '../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../gateway/src/audit/verify/verify.ts';
import { type AuditBench, commitEntries, openAuditBench } from './audit/log.ts';
import { type Bench, runAlone, shown } from './goals.ts';

const SAMPLE_MS = 50;

type Depth = 'tree' | 'entries';

async function once({ folder, audit }: AuditBench, { depth, count }: { depth: Depth; count: number }) {
  const cpu = process.cpuUsage();
  const source = folderSource(join(folder, 'log'));
  const report = await verifyLog({ source, vkey: audit.keys.log.vkey, depth });
  if (!report.ok || report.size !== count)
    throw new Error(`it does not verify: ${report.findings[0]?.detail}`);
  const used = process.cpuUsage(cpu);
  return {
    per_s: (count / report.took_ms) * 1000,
    per_core_s: (count / (used.user + used.system)) * 1e6,
  };
}

/** Most live bytes above what there were before, over one verification. */
async function liveHeap(log: AuditBench, count: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = live();
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, live());
  }, SAMPLE_MS);
  await once(log, { depth: 'entries', count });
  clearInterval(sampler);
  return most - before;
}

/** As the tree does at least: a leaf's hash, and one node's for each leaf. */
function bareHashes(count: number): number {
  const leaf = Buffer.alloc(500);
  const began = performance.now();
  for (let n = 0; n < count; n += 1) {
    hash('sha256', leaf, 'buffer');
    hash('sha256', leaf.subarray(0, 65), 'buffer');
  }
  return (count / (performance.now() - began)) * 1000;
}

function bareSignatures({ audit }: AuditBench, count: number): number {
  const { private_key, public_key } = audit.keys.entry.current;
  const message = Buffer.alloc(1000);
  const signature = sign('sha256', message, private_key);
  const cpu = process.cpuUsage();
  for (let n = 0; n < count; n += 1) verify('sha256', message, public_key, signature);
  const used = process.cpuUsage(cpu);
  return (count / (used.user + used.system)) * 1e6;
}

export const bench: Bench = async ({ quick }) => {
  const count = quick ? 300 : 30_000;
  const log = await openAuditBench();
  try {
    await commitEntries(log, { count, in_flight: 64 });
    await log.audit.flush();
    await once(log, { depth: 'tree', count }); // warm
    const tree = await once(log, { depth: 'tree', count });
    const hashes = bareHashes(count);
    await once(log, { depth: 'entries', count });
    const entries = await once(log, { depth: 'entries', count });
    const signatures = bareSignatures(log, count / 5);
    const heap_mb = (await liveHeap(log, count)) / 1e6;
    const [row] = await log.store.read({
      sql: 'SELECT SUM(LENGTH(envelope) + LENGTH(leaf)) AS bytes FROM entries',
      params: [],
    });
    const log_mb = Number(row?.['bytes']) / 1e6;
    return {
      measured: [
        {
          goal: 'verify_tree',
          got: tree.per_s,
          baseline: { name: 'bare SHA-256, two a leaf', value: hashes, unit: '/s' },
          ratio: tree.per_s / hashes,
        },
        {
          goal: 'verify_signed',
          got: entries.per_core_s,
          baseline: { name: 'bare signature checks a core', value: signatures, unit: '/s' },
          ratio: entries.per_core_s / signatures,
        },
        {
          goal: 'verify_memory',
          got: heap_mb,
          baseline: { name: 'the log itself', value: log_mb, unit: ' MB' },
          ratio: heap_mb / log_mb,
        },
      ],
      also: [['with signatures, all cores', shown(entries.per_s, '/s')]],
    };
  } finally {
    await log.close();
  }
};

await runAlone(import.meta.url, bench);
