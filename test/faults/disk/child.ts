/**
 * A gateway on a disk that fails: full, or no fsync succeeds. Arguments: the folder, `full` or `fsync`, and a path: the
 * ballast that fills the disk, or the flag at whose sight fsync fails. Prints what is wrong, as JSON.
 */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { aftermath, BEGINNING } from '../aftermath.ts';
import { watch } from '../faulty-store.ts';
import { readOutside } from '../outside.ts';
import { tell } from '../story/story.ts';
import { openWorld, type World } from '../world.ts';

const [dir = '', how = '', file = ''] = process.argv.slice(2);
const wrong: string[] = [];
const claim = (holds: boolean, what: string): void => {
  if (!holds) wrong.push(what);
};

const LEFT_BLOCKS = 64;

/** The write-ahead log keeps the size it once had, and would go on in that for longer than anybody waits here. */
function giveBackSpareRoom(): void {
  const db = new DatabaseSync(path.join(dir, 'store.db'), { timeout: 10_000 });
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

const fail = (): void => {
  giveBackSpareRoom();
  const { bavail, bsize } = statfsSync(dir);
  // All there is but a little: what is told outside meanwhile stands on the same disk.
  writeFileSync(file, how === 'full' ? Buffer.alloc(Math.max(0, bavail - LEFT_BLOCKS) * bsize) : 'fail');
};
const mend = (): void => rmSync(file, { force: true });

/** Of every call here: one that needs less room than one that was refused may still find it, and is then rightly permitted. */
const padding = 'x'.repeat(2000);

/** Asks until it is refused for want of a store; how often that took. */
async function untilRefused(world: World): Promise<boolean> {
  for (let call = 0; call < 500; call += 1) {
    const verdict = await world.act('read_file', { path: `/${call}`, padding });
    if (verdict.kind === 'refused' && verdict.refusal.reason === 'unavailable') return true;
  }
  return false;
}

const world = await openWorld({ dir, start: BEGINNING, watched: watch() });
claim((await tell(world)) === 0, 'the story was cut short before anything failed');
fail();
claim(await untilRefused(world), 'calls went on being permitted');
const before = readOutside(dir).hits.length;
for (const tool of ['read_file', 'write_file', 'drop_table']) {
  const verdict = await world.act(tool, { path: '/while-it-fails', padding });
  claim(verdict.kind === 'refused', `${tool} was ${verdict.kind} while the disk fails`);
}
claim(readOutside(dir).hits.length === before, 'something ran while nothing could be recorded');
mend();
const after = await world.act('read_file', { path: '/when-mended' });
if (how === 'full') claim(after.kind === 'permitted', 'with room again, the gateway does not go on');
// A second fsync that succeeds proves nothing: the kernel may have dropped the pages.
else claim(after.kind === 'refused', 'the store went on after a failed fsync');
await world.close().catch(() => undefined); // a store that stopped has nothing left to close
console.log(JSON.stringify([...wrong, ...(await aftermath(dir))]));
