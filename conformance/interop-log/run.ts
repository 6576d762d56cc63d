/**
 * A log made by the gateway, verified by software not written here: tree, tiles and checkpoint by Go's x/mod/sumdb,
 * entries by @sigstore/verify. Also that both refuse a log that was touched: a verifier that accepts everything would
 * pass the first half. A missing `go` fails; nothing is skipped.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeUtf8, parseCheckpoint, parseNote, parseVerifierKey, TILE_WIDTH } from '@countersign/core';
import { commitEntries, openAuditBench } from '../../bench/audit/log.ts';
import { envelopesPath } from '../../gateway/src/audit/log/files.ts';
import { proveInclusion, readLeaf, receiptOf } from '../../gateway/src/audit/read/receipt.ts';
import { folderSource } from '../../gateway/src/audit/verify/source.ts';
import { verifyBundle } from './sigstore.mjs';

export type InteropLine = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type LogPlace = {
  readonly folder: string;
  readonly vkey: string /** An older checkpoint of it. */;
  readonly older?: string;
};

const run = promisify(execFile);
const program = fileURLToPath(new URL('./main.go', import.meta.url));
/** Entries checked by Sigstore, spread over the log: each takes a millisecond. */
const SIGSTORE_MAX = 300;

async function go({ folder, vkey, older }: LogPlace): Promise<InteropLine> {
  const name = 'Go x/mod/sumdb: checkpoint, tiles, every entry';
  const path = join(folder, '..', 'older-checkpoint');
  if (older !== undefined) await writeFile(path, older);
  try {
    // Debian's golang-golang-x-mod-dev puts the library here; no network.
    const env = {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: process.env['GOPATH'] ?? '/usr/share/gocode',
      GOFLAGS: '',
    };
    const { stdout } = await run(
      'go',
      ['run', program, folder, vkey, ...(older === undefined ? [] : [path])],
      { env },
    );
    return { name, ok: true, detail: stdout.trim().replaceAll('\n', '; ') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { name, ok: false, detail: 'no `go` here: apt-get install golang-go golang-golang-x-mod-dev' };
    }
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    return { name, ok: false, detail: said.trim() };
  }
}

async function sigstore({ folder, vkey }: LogPlace): Promise<InteropLine> {
  const name = '@sigstore/verify: entries';
  const source = folderSource(folder);
  const read = (path: string) => source.read(path);
  const note = await readFile(join(folder, 'checkpoint'), 'utf8');
  const { size } = parseCheckpoint(parseNote(note).text);
  const [, entryKey = ''] = (await readFile(join(folder, 'entry-keys'), 'utf8')).split('\n');
  const step = Math.max(1, Math.floor(size / SIGSTORE_MAX));
  let verified = 0;
  try {
    for (let index = 0; index < size; index += step) {
      const lines = decodeUtf8(
        (await read(envelopesPath(Math.floor(index / TILE_WIDTH)))) ?? new Uint8Array(),
      ).split('\n');
      const proven = await proveInclusion(read, index, note);
      const leaf = await readLeaf(read, index, size);
      if (proven === undefined || leaf === undefined) throw new Error(`entry ${index}: files are missing`);
      const entry = { envelope: lines[index % TILE_WIDTH] ?? '', leaf: decodeUtf8(leaf) };
      verifyBundle(
        JSON.parse(JSON.stringify(receiptOf(proven, entry, parseVerifierKey(vkey)))),
        vkey,
        entryKey,
      );
      verified += 1;
    }
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
  return { name, ok: verified > 0, detail: `${verified} of ${size} entries verified` };
}

/** Verifies a log folder with software not written here. */
export const runLogInterop = async (place: LogPlace): Promise<readonly InteropLine[]> => [
  await go(place),
  await sigstore(place),
];

/** Both must refuse a copy with one entry changed. */
async function refuseTouched({ folder, vkey }: LogPlace): Promise<readonly InteropLine[]> {
  const copy = await mkdtemp(join(tmpdir(), 'countersign-touched-'));
  try {
    const touched = join(copy, 'log');
    await cp(folder, touched, { recursive: true });
    const bundle = join(touched, 'tile/entries/000');
    const bytes = await readFile(bundle);
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    await writeFile(bundle, bytes);
    const lines = await runLogInterop({ folder: touched, vkey });
    return lines.map(({ name, ok, detail }) => ({
      name: `refuses a touched copy — ${name}`,
      ok: !ok,
      detail,
    }));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Makes a log, checks that both accept it and both refuse it touched. */
export async function interopOfOurOwn(): Promise<readonly InteropLine[]> {
  const bench = await openAuditBench();
  try {
    await commitEntries(bench, { count: 300, in_flight: 16 });
    await bench.audit.flush();
    const folder = join(bench.folder, 'log');
    const older = await readFile(join(folder, 'checkpoint'), 'utf8');
    await commitEntries(bench, { count: 700, in_flight: 16 });
    await bench.audit.flush();
    const place = { folder, vkey: bench.audit.keys.log.vkey, older };
    return [...(await runLogInterop(place)), ...(await refuseTouched(place))];
  } finally {
    await bench.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, vkey] = process.argv.slice(2);
  const given = folder === undefined || vkey === undefined ? undefined : { folder, vkey };
  const lines = given === undefined ? await interopOfOurOwn() : await runLogInterop(given);
  for (const { name, ok, detail } of lines) console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`);
  process.exitCode = lines.every(({ ok }) => ok) ? 0 : 1;
}
