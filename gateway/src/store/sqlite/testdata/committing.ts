// Commits for ever, a few at a time, and prints how many were acknowledged. Its parent kills it.
import { writeSync } from 'node:fs';
import { command, entry, put } from '../../contract.ts';
import { openSqliteStore } from '../sqlite.ts';

const [path = ''] = process.argv.slice(2);
try {
  const store = await openSqliteStore({ path });
  let acked = await store.logSize();
  for (let n = acked; ; n += 5) {
    const commits = Array.from({ length: 5 }, (_, k) => store.commit(command([put(`n${n + k}`, 'x')], [entry(`e${n + k}`)])));
    await Promise.all(commits);
    acked = n + 5;
    writeSync(1, `${acked}\n`);
  }
} catch (error) {
  writeSync(2, `${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
