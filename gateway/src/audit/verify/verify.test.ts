import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { decodeEntryBundle, encodeEntryBundle } from '@countersign/core';
import fc from 'fast-check';
import { keyId } from '../keys/keys.ts';
import { createSealer } from '../sealer.ts';
import { openRig, plain, type Rig } from '../testing/rig.ts';
import type { Problem } from './report.ts';
import { folderSource, urlSource } from './source.ts';
import { verifyLog } from './verify.ts';

const verify = (
  rig: Rig,
  over: { readonly older?: string; readonly vkey?: string; readonly depth?: 'tree' } = {},
) => verifyLog({ source: folderSource(rig.log), vkey: rig.audit.keys.log.vkey, ...over });
const problems = async (rig: Rig, over: Parameters<typeof verify>[1] = {}): Promise<readonly Problem[]> => [
  ...new Set((await verify(rig, over)).findings.map(({ problem }) => problem)),
];
const checkpoint = (rig: Rig): Promise<string> => readFile(join(rig.log, 'checkpoint'), 'utf8');

/** A published log of 300 plain entries. */
async function logOf300(t: TestContext): Promise<Rig> {
  const rig = await openRig(t);
  const entries = Array.from({ length: 300 }, (_, n) => rig.audit.sealer.seal(plain(n)));
  await Promise.all(entries.map((entry) => rig.store.commit({ name: 'test', steps: [], entries: [entry] })));
  await rig.audit.flush();
  return rig;
}

const edit = async (rig: Rig, path: string, change: (bytes: Buffer) => Uint8Array | string): Promise<void> =>
  writeFile(join(rig.log, path), change(await readFile(join(rig.log, path))));
const editLeaves = (rig: Rig, change: (leaves: Uint8Array[]) => Uint8Array[]): Promise<void> =>
  edit(rig, 'tile/entries/000', (bytes) => encodeEntryBundle(change(decodeEntryBundle(bytes))));
const editLines = (rig: Rig, change: (lines: string[]) => string[]): Promise<void> =>
  edit(rig, 'envelopes/000', (bytes) => change(String(bytes).split('\n')).join('\n'));
const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);

describe('verifying a tampered copy of the files (A24)', () => {
  type Case = readonly [what: string, tamper: (rig: Rig) => Promise<void>, want: readonly Problem[]];
  const cases: readonly Case[] = [
    ['nothing', async () => undefined, []],
    [
      'an entry edited',
      (rig) => editLeaves(rig, (leaves) => leaves.with(7, flip(leaves[7] ?? new Uint8Array(), 40))),
      ['entry-edited', 'envelope-mismatch', 'root-mismatch'],
    ],
    [
      'two entries swapped',
      (rig) => editLeaves(rig, (l) => l.with(7, l[8] ?? new Uint8Array()).with(8, l[7] ?? new Uint8Array())),
      ['reordered', 'envelope-mismatch', 'root-mismatch'],
    ],
    [
      'an entry cut out of a bundle',
      (rig) => editLeaves(rig, (leaves) => leaves.toSpliced(7, 1)),
      ['missing'],
    ],
    ['a bundle missing', (rig) => rm(join(rig.log, 'tile/entries/000')), ['missing']],
    ['the last bundle missing', (rig) => rm(join(rig.log, 'tile/entries/001.p/44')), ['missing']],
    [
      'a hash in a tile edited',
      (rig) => edit(rig, 'tile/0/000', (bytes) => flip(bytes, 100)),
      ['entry-edited'],
    ],
    [
      'a hash above the tiles edited',
      (rig) => edit(rig, 'tile/1/000.p/1', (bytes) => flip(bytes, 3)),
      ['tile-edited'],
    ],
    ['a tile missing', (rig) => rm(join(rig.log, 'tile/1/000.p/1')), ['missing']],
    [
      'an envelope exchanged for another',
      (rig) => editLines(rig, (lines) => lines.with(3, lines[4] ?? '')),
      ['envelope-mismatch'],
    ],
    [
      'an envelope’s text edited',
      (rig) =>
        editLines(rig, (lines) => lines.with(3, (lines[3] ?? '').replace(/"payload":"(.)/, '"payload":"A'))),
      ['malformed'],
    ],
    [
      'an envelope’s signature edited',
      (rig) =>
        editLines(rig, (lines) => lines.with(3, (lines[3] ?? '').replace(/"sig":"M(.)/, '"sig":"N$1'))),
      ['envelope-mismatch'],
    ],
    [
      'an envelope that is no JSON',
      (rig) => editLines(rig, (lines) => lines.with(3, '{"payload":1,"payload":2}')),
      ['malformed'],
    ],
    ['envelopes missing', (rig) => rm(join(rig.log, 'envelopes/000')), ['missing']],
    [
      'the checkpoint edited',
      (rig) => edit(rig, 'checkpoint', (bytes) => String(bytes).replace('\n300\n', '\n299\n')),
      ['checkpoint-bad-signature'],
    ],
    [
      'the checkpoint no note',
      (rig) => writeFile(join(rig.log, 'checkpoint'), 'hello'),
      ['checkpoint-bad-signature'],
    ],
    ['no checkpoint', (rig) => rm(join(rig.log, 'checkpoint')), ['no-checkpoint']],
    [
      'no list of entry keys',
      (rig) => rm(join(rig.log, 'entry-keys')),
      ['entry-keys-not-signed', 'unknown-key'],
    ],
    [
      'the list of entry keys edited',
      (rig) => edit(rig, 'entry-keys', (bytes) => String(bytes).replace('MFkw', 'MFkx')),
      ['entry-keys-not-signed', 'unknown-key'],
    ],
  ];
  for (const [what, tamper, want] of cases) {
    it(`reports ${what}`, async (t) => {
      const rig = await logOf300(t);
      await tamper(rig);
      const report = await verify(rig);
      assert.deepEqual([...new Set(report.findings.map(({ problem }) => problem))].sort(), [...want].sort());
      assert.equal(report.ok, want.length === 0);
      assert.equal(report.established.length === 4, want.length === 0);
    });
  }

  it('names the entry, and where a moved one belongs', async (t) => {
    const rig = await logOf300(t);
    await editLeaves(rig, (leaves) =>
      leaves.with(7, leaves[8] ?? new Uint8Array()).with(8, flip(leaves[8] ?? new Uint8Array(), 9)),
    );
    const { findings } = await verify(rig, { depth: 'tree' });
    assert.deepEqual(
      findings.slice(0, 2).map(({ problem, index }) => [problem, index]),
      [
        ['reordered', 7],
        ['entry-edited', 8],
      ],
    );
    assert.match(findings[0]?.detail ?? '', /entry 7 belongs at 8/);
  });
});

describe('verifying a copy with any one byte changed (A24)', () => {
  it('never accepts it, and never fails in any other way', async (t) => {
    const rig = await logOf300(t);
    const vkey = rig.audit.keys.log.vkey;
    const files = new Map<string, Buffer>();
    const reading = async (path: string): Promise<Uint8Array | undefined> => {
      const bytes = await folderSource(rig.log).read(path);
      if (bytes !== undefined) files.set(path, Buffer.from(bytes));
      return bytes;
    };
    assert.ok((await verifyLog({ source: { name: 'whole', read: reading }, vkey })).ok);
    assert.equal(files.size, 9);
    const change = fc.record({
      path: fc.constantFrom(...files.keys()),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      how: fc.constantFrom('flip', 'cut', 'add', 'zero'),
      bit: fc.nat(7),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ path, place, how, bit }) => {
        const whole = files.get(path) ?? Buffer.alloc(0);
        const at = Math.floor(place * whole.length);
        const flipped = Buffer.from(whole);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        const bytes = {
          flip: flipped,
          cut: whole.subarray(0, at),
          add: Buffer.concat([whole.subarray(0, at), Buffer.from('x'), whole.subarray(at)]),
          zero: Buffer.concat([whole.subarray(0, at), Buffer.alloc(whole.length - at)]),
        }[how];
        if (bytes.equals(whole)) return;
        const read = async (wanted: string) => (wanted === path ? bytes : files.get(wanted));
        const report = await verifyLog({ source: { name: 'changed', read }, vkey });
        assert.ok(!report.ok, `${how} at ${at} of ${path} was not noticed`);
      }),
      { numRuns: 120 },
    );
  });
});

describe('verifying a log whose key holder rewrote it (A24)', () => {
  /** A second history under the same keys, of `count` entries. */
  async function rewritten(
    t: TestContext,
    count: number,
  ): Promise<{ readonly rig: Rig; readonly kept: string }> {
    let rig = await openRig(t);
    await rig.record(...[1, 2, 3, 4, 5].map((n) => plain(n)));
    await rig.audit.flush();
    const kept = await checkpoint(rig);
    rig = await rig.restart(() =>
      Promise.all(
        ['store.db', 'store.db.lock', 'log'].map((name) =>
          rm(join(rig.folder, name), { recursive: true, force: true }),
        ),
      ).then(() => undefined),
    );
    await rig.record(...Array.from({ length: count }, (_, n) => plain(100 + n)));
    await rig.audit.flush();
    return { rig, kept };
  }

  for (const [what, count, want] of [
    ['forked', 8, 'forked'],
    ['forked to the same size', 5, 'forked'],
    ['cut', 3, 'cut'],
  ] as const) {
    it(`is found ${what} by a checkpoint kept from before, and only by that`, async (t) => {
      const { rig, kept } = await rewritten(t, count);
      assert.deepEqual(await problems(rig), []);
      assert.match((await verify(rig)).not_established.join(), /the key holder could have rewritten it/);
      assert.deepEqual(await problems(rig, { older: kept }), [want]);
    });
  }

  it('is established to continue a checkpoint that it does continue', async (t) => {
    const rig = await openRig(t);
    await rig.record(plain(1));
    await rig.audit.flush();
    const older = await checkpoint(rig);
    await rig.record(...Array.from({ length: 300 }, (_, n) => plain(2 + n)));
    await rig.audit.flush();
    const report = await verify(rig, { older });
    assert.ok(report.ok);
    assert.match(report.established.join(), /continues the checkpoint you kept/);
    assert.doesNotMatch(report.not_established.join(), /could have rewritten/);
    const other = await openRig(t);
    await other.record(plain(1));
    await other.audit.flush();
    for (const unusable of ['hello', older.replace('\n1\n', '\n2\n'), await checkpoint(other)]) {
      const { findings, established, not_established } = await verify(rig, { older: unusable });
      assert.deepEqual(
        findings.map(({ problem }) => problem),
        ['older-unusable'],
      );
      assert.doesNotMatch(established.join(), /continues the checkpoint/);
      assert.match(not_established.join(), /could have rewritten/, 'A24: as if none had been given');
    }
  });
});

describe('verifying signatures', () => {
  it('reports a log signed by another key (A24)', async (t) => {
    const [rig, other] = [await logOf300(t), await openRig(t)];
    assert.deepEqual(await problems(rig, { vkey: other.audit.keys.log.vkey }), ['checkpoint-not-signed']);
  });

  it('reports entries signed by a key the log never named (A24)', async (t) => {
    const rig = await openRig(t);
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { kid: keyId(pair.publicKey), private_key: pair.privateKey, public_key: pair.publicKey };
    await rig.record(plain(1));
    const [good, stranger] = [rig.audit.sealer, createSealer({ key })];
    const forged = stranger.seal(plain(2));
    await rig.store.commit({ name: 'forge', steps: [], entries: [good.seal(plain(3)), forged] });
    await rig.audit.flush();
    const { findings } = await verify(rig);
    assert.deepEqual(
      findings.map(({ problem, index }) => [problem, index]),
      [['unknown-key', 2]],
    );
  });

  it('reports a leaf and envelope that agree on a signature which does not hold', async (t) => {
    const rig = await openRig(t);
    const sealer = createSealer({ key: rig.audit.keys.entry.current });
    const entry = sealer.seal(plain(1));
    const other = sealer.seal(plain(2));
    const sigOf = (text: string): string => /"sig":"([^"]+)"/.exec(text)?.[1] ?? '';
    const [mine, theirs] = [sigOf(entry.envelope), sigOf(other.envelope)];
    const swapped = {
      ...entry,
      envelope: entry.envelope.replace(mine, theirs),
      leaf: entry.leaf.replace(mine, theirs),
    };
    await rig.store.commit({ name: 'forge', steps: [], entries: [swapped] });
    await rig.audit.flush();
    assert.deepEqual(await problems(rig), ['bad-signature']);
  });

  it('reports an entry dated well before those in front of it, though its signature holds (A24)', async (t) => {
    const rig = await openRig(t);
    const at = rig.time.now;
    await rig.record(
      plain(1, { occurred_at: at }),
      plain(2, { occurred_at: at - 30_000 }),
      plain(3, { occurred_at: at - 3_600_000 }),
    );
    await rig.audit.flush();
    assert.deepEqual(
      (await verify(rig)).findings.map(({ problem, index }) => [problem, index]),
      [['back-dated', 2]],
    );
  });
});

describe('verifying over HTTP', () => {
  it('reads what the gateway publishes, and is told when something cannot be read', async (t) => {
    const rig = await logOf300(t);
    const kept = join(rig.folder, 'served');
    await cp(rig.log, kept, { recursive: true });
    const server = createServer((request, response) => {
      void rig.audit.publicFile(request.url ?? '').then((file) => {
        response.writeHead(file === undefined ? 404 : 200).end(file?.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const report = await verifyLog({
      source: urlSource(`http://127.0.0.1:${port}/log`),
      vkey: rig.audit.keys.log.vkey,
    });
    assert.deepEqual(report.findings, []);
    assert.equal(report.size, 300);
    await assert.rejects(
      verifyLog({ source: urlSource('http://127.0.0.1:1/log'), vkey: rig.audit.keys.log.vkey }),
    );
  });

  it('serves nothing but the log’s own paths', async (t) => {
    const rig = await logOf300(t);
    for (const path of [
      '/log/../keys/entry.pem',
      '/log/tile/0/../../../store.db',
      '/log/tile/0/000/',
      '/log/tile/00/000',
      '/log/',
      '/log',
      '/log/envelopes/../checkpoint',
      '/log/%2e%2e/store.db',
      '/log/tile/0/000.p/256',
      '/keys/entry.pem',
      'checkpoint',
    ]) {
      assert.equal(await rig.audit.publicFile(path), undefined, path);
    }
    const kinds = [
      ['/log/tile/0/000', true],
      ['/log/tile/entries/001.p/44', true],
      ['/log/envelopes/000', true],
      ['/log/envelopes/001', false],
      ['/log/checkpoint', false],
      ['/log/entry-keys', false],
      ['/log/vkey', false],
      ['/jwks.json', false],
    ] as const;
    for (const [path, immutable] of kinds)
      assert.equal((await rig.audit.publicFile(path))?.immutable, immutable, path);
  });
});
