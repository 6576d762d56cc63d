// Commits and publishes for as long as it is asked to, and says what was acknowledged: `acked N` after a commit,
// `published N` once a checkpoint of N entries can be fetched. Its system calls are recorded by its parent.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openAudit, openAuditKeys } from '../../../gateway/src/audit/open.ts';
import { openSqliteStore } from '../../../gateway/src/store/sqlite/sqlite.ts';

const [folder = '', rounds = '0'] = process.argv.slice(2);
const origin = 'faults.example/log';
const keys = openAuditKeys(folder, origin);
const entry_key = keys.entry.current.private_key;
const store = await openSqliteStore({ path: join(folder, 'store.db'), entry_key });
const log = { error: (fields: object, message: string) => console.error(message, fields) };
const audit = await openAudit({ store, keys, data_dir: folder, origin, now: Date.now, log });

const commit = async (n: number): Promise<void> => {
  const at = Date.now();
  const fact = {
    kind: 'system',
    occurred_at: at,
    task_id: `task-${n}`,
    predicate: { n },
    terms: { agent: `a${n % 3}` },
  } as const;
  const put = 'INSERT INTO meta (name, value) VALUES ($1, $2)';
  // Large, so that the write-ahead log is moved into the file now and then.
  const steps = [{ name: 'put', sql: put, params: [`n${n}`, 'x'.repeat(40_000)], rows: 1 }];
  // And cut to nothing, as after an erasure: what is acknowledged then must stand in the file.
  const erases = n % 24 === 23 ? ({ erases: true } as const) : {};
  const outcome = await store.commit({ name: 'fault', steps, entries: [audit.sealer.seal(fact)], ...erases });
  if (!outcome.ok) throw new Error(outcome.guard);
};

let n = await store.logSize();
for (let round = 0; round < Number(rounds); round += 1) {
  const group = Array.from({ length: 1 + (round % 4) }, (_, k) => commit(n + k));
  await Promise.all(group);
  n += group.length;
  writeSync(1, `acked ${n}\n`);
  if (round % 8 === 7) {
    await audit.flush();
    writeSync(1, `published ${n}\n`);
  }
}
await audit.close();
await store.close();
