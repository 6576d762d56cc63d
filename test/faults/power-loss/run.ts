/**
 * Power loss, for real files: a gateway's store and log run under `strace`; what they wrote and synced is played onto a
 * disk that forgets; the power is cut at many moments; then store and log are opened on what is left. Everything
 * acknowledged must be there, everything published must still be continued, and the log must verify (A20, I10).
 * To show that it can fail, the same is done with a disk that ignores every fsync of the write-ahead log.
 *
 *   node --conditions=countersign-source test/faults/power-loss/run.ts [seed]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAudit } from '../../../gateway/src/audit/open.ts';
import { folderSource } from '../../../gateway/src/audit/verify/source.ts';
import { verifyLog } from '../../../gateway/src/audit/verify/verify.ts';
import { openSqliteStore } from '../../../gateway/src/store/sqlite/sqlite.ts';
import { Disk, type Luck } from './disk.ts';
import { CALLS, play } from './recording.ts';

const ROUNDS = 160;
const CUTS = 60;
const CUTS_WITHOUT_SYNC = 12;
const child = fileURLToPath(new URL('./child.ts', import.meta.url));

/** mulberry32: the same seed cuts at the same moments. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Known = { acked: number; published: string | undefined };

/** What is wrong with the state in this folder, given what was promised. Undefined: nothing. */
async function wrongWith(folder: string, { acked, published }: Known): Promise<string | undefined> {
  const store = await openSqliteStore({ path: join(folder, 'store.db') });
  const troubles: string[] = [];
  const log = { error: (fields: object) => troubles.push(JSON.stringify(fields)) };
  try {
    const size = await store.logSize();
    if (size < acked) return `${acked} were acknowledged, ${size} are there`;
    const [row] = await store.read({
      sql: "SELECT COUNT(*) AS n, (SELECT COUNT(*) FROM meta WHERE name LIKE 'n%') AS states FROM entries",
      params: [],
    });
    if (row?.['n'] !== size || row?.['states'] !== size)
      return `entries and state differ: ${JSON.stringify(row)}, size ${size}`;
    const audit = await openAudit({
      store,
      data_dir: folder,
      origin: 'faults.example/log',
      now: Date.now,
      log,
    });
    await audit.flush();
    const { vkey } = audit.keys.log;
    await audit.close();
    // Cut before the first commit: there is nothing to publish yet, and nobody was promised anything.
    if (size === 0 && published === undefined) return undefined;
    const report = await verifyLog({
      source: folderSource(join(folder, 'log')),
      vkey,
      ...(published !== undefined && { older: published }),
    });
    if (!report.ok) return `the log does not verify: ${JSON.stringify(report.findings.slice(0, 2))}`;
    if (report.size !== size || troubles.length > 0)
      return `the log was not published whole: ${report.size} of ${size} ${troubles.join()}`;
    return undefined;
  } finally {
    await store.close();
  }
}

const LUCKS: readonly [(roll: () => number) => Luck, ...((roll: () => number) => Luck)[]] = [
  () => () => false, // only what was synced
  (roll) => () => roll() < 0.5,
  (roll) => () => roll() < 0.95,
];

type Tried = { readonly moments: number; readonly wrong: readonly string[] };
/** What a trial works on: the recording, the folder it was made in, a copy of that folder from before. */
type Recorded = { readonly file: string; readonly folder: string; readonly before: string };

async function countSteps({ file, folder, before }: Recorded): Promise<number> {
  let steps = 0;
  await play(file, new Disk(folder, before), {
    said: () => undefined,
    step: async () => {
      steps += 1;
    },
  });
  return steps;
}

async function tryAll(
  recorded: Recorded,
  { cuts, roll, disk }: { cuts: number; roll: () => number; disk: Disk },
): Promise<Tried> {
  const total = await countSteps(recorded);
  const moments = new Set(Array.from({ length: cuts }, () => 1 + Math.floor(roll() * total)));
  const known: Known = { acked: 0, published: undefined };
  const wrong: string[] = [];
  let at = 0;
  await play(recorded.file, disk, {
    said: (line) => {
      const [, what, n] = /^(acked|published) (\d+)\n$/.exec(line) ?? [];
      if (what === 'acked') known.acked = Number(n);
      if (what === 'published')
        known.published = disk.read(join(recorded.folder, 'log/checkpoint'))?.toString();
    },
    step: async () => {
      at += 1;
      if (!moments.has(at)) return;
      const left = `${recorded.folder}-cut-${at}`;
      disk.cut(left, (LUCKS[at % LUCKS.length] ?? LUCKS[0])(roll));
      const found = await wrongWith(left, { ...known }).catch(
        (error: unknown) => `it does not open: ${error}`,
      );
      if (found !== undefined) wrong.push(`cut at ${at} of ${total}: ${found}`);
      rmSync(left, { recursive: true });
    },
  });
  if (known.acked === 0) throw new Error('the recording holds no acknowledgement: was it made?');
  return { moments: moments.size, wrong };
}

function record(folder: string, file: string): void {
  const run = [...process.execArgv, child, folder];
  execFileSync(process.execPath, [...run, '0']); // keys and schema are there before the power can fail
  const options = [
    '-f',
    '-y',
    '--strings-in-hex=all',
    '-s',
    '100000000',
    '--seccomp-bpf',
    '-e',
    `trace=${CALLS}`,
    '-o',
    file,
  ];
  execFileSync('strace', [...options, process.execPath, ...run, String(ROUNDS)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A disk that loses what the database thought was synced. */
class Forgetful extends Disk {
  override sync(path: string): () => void {
    return path.endsWith('-wal') ? () => undefined : super.sync(path);
  }
}

async function main(seed: number): Promise<boolean> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    console.error('power-loss needs strace: apt-get install strace');
    return false;
  }
  const work = mkdtempSync(join(tmpdir(), 'countersign-power-'));
  try {
    const recorded = {
      file: join(work, 'recording'),
      folder: join(work, 'data'),
      before: join(work, 'before'),
    };
    execFileSync(process.execPath, [...process.execArgv, child, recorded.before, '0']);
    cpSync(recorded.before, recorded.folder, { recursive: true });
    record(recorded.folder, recorded.file);
    const roll = dice(seed);
    const kept = await tryAll(recorded, {
      cuts: CUTS,
      roll,
      disk: new Disk(recorded.folder, recorded.before),
    });
    for (const wrong of kept.wrong) console.log(`  ${wrong}`);
    console.log(
      `power cut at ${kept.moments} moments, seed ${seed}: ${kept.wrong.length === 0 ? 'nothing acknowledged was lost' : `${kept.wrong.length} went wrong`}`,
    );
    const forgetful = new Forgetful(recorded.folder, recorded.before);
    const lost = await tryAll(recorded, { cuts: CUTS_WITHOUT_SYNC, roll, disk: forgetful });
    console.log(
      `on a disk that ignores fsync: ${lost.wrong.length} of ${lost.moments} lost something, as they must`,
    );
    return kept.wrong.length === 0 && lost.wrong.length > 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = (await main(Number(process.argv[2] ?? 20_261_121))) ? 0 : 1;
