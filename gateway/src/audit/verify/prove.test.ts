import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  encodeUtf8,
  type Json,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  verifyInclusion,
  verifyReceipt,
} from '@countersign/core';
import { spkiOf } from '../keys/keys.ts';
import { ORIGIN, openRig, plain } from '../testing/rig.ts';
import { proveEvent } from './prove.ts';
import { folderSource } from './source.ts';

describe('proving one entry', () => {
  it('gives a proof and a bundle that verify without the gateway', async (t) => {
    const rig = await openRig(t);
    const ids = await rig.record(...Array.from({ length: 270 }, (_, n) => plain(n)));
    await rig.audit.flush();
    const { vkey, verifier } = rig.audit.keys.log;
    for (const index of [0, 1, 255, 256, 269]) {
      const proof = await proveEvent({ source: folderSource(rig.log), vkey, event_id: ids[index] ?? '' });
      assert.equal(proof.status, 'proven');
      assert.equal(proof.index, index);
      const { proof: hashes, checkpoint } = parseTlogProof(proof.tlog_proof);
      const { size, root } = parseCheckpoint(parseNote(checkpoint).text);
      assert.ok(
        verifyInclusion({ index, size, leaf: leafHash(encodeUtf8(proof.leaf)), proof: hashes }, root),
      );
      const entryKeys = [new Uint8Array(spkiOf(rig.audit.keys.entry.current.public_key))];
      const verified = await verifyReceipt(proof.bundle as unknown as Json, {
        entryKeys,
        log: verifier,
        origin: ORIGIN,
      });
      assert.equal(verified.status, 'verified');
      assert.equal(verified.statement.predicate.event_id, ids[index]);
    }
  });

  it('says when there is no such entry, no checkpoint, another key, or a tile is missing', async (t) => {
    const [rig, other] = [await openRig(t), await openRig(t)];
    const [event_id = ''] = await rig.record(plain(1), plain(2));
    await rig.audit.flush();
    const { vkey } = rig.audit.keys.log;
    const source = folderSource(rig.log);
    assert.deepEqual(await proveEvent({ source, vkey, event_id: '01JAAAAAAAAAAAAAAAAAAAAAAA' }), {
      status: 'unknown-event',
      size: 2,
    });
    const failure = async (options: Parameters<typeof proveEvent>[0]) => {
      const proof = await proveEvent(options);
      return proof.status === 'failed' ? proof.finding.problem : proof.status;
    };
    assert.equal(
      await failure({ source, vkey: other.audit.keys.log.vkey, event_id }),
      'checkpoint-not-signed',
    );
    assert.equal(await failure({ source: folderSource(other.log), vkey, event_id }), 'no-checkpoint');
    await rm(join(rig.log, 'tile/0'), { recursive: true });
    assert.equal(await failure({ source, vkey, event_id }), 'missing');
  });
});
