import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ATTESTATION_KINDS,
  encodeUtf8,
  isJsonObject,
  type Json,
  opens,
  parseCheckpoint,
  parseJson,
  parseNote,
  verifyNote,
  verifyReceipt,
} from '@countersign/core';
import type { LogEntry, LogFilter } from '@countersign/sdk';
import fc from 'fast-check';
import { erasePayloads, newSalt, readPayload, sealed, storePayloadOf } from '../../payloads.ts';
import type { NewEntry } from '../../store/store.ts';
import type { AuditFact } from '../audit.ts';
import { spkiOf } from '../keys/keys.ts';
import { BEGAN, fact, held, ORIGIN, openRig, plain, type Rig } from '../testing/rig.ts';
import { folderSource } from '../verify/source.ts';
import { verifyLog } from '../verify/verify.ts';
import type { LogReader } from './reader.ts';

const readerOf = (rig: Rig): LogReader =>
  rig.audit.readerFor({
    events: {
      recorded: (said: AuditFact): { entry: NewEntry; committed(): void } => ({
        entry: rig.audit.sealer.seal(said),
        committed: () => undefined,
      }),
    },
  });

async function everything(reader: LogReader, filter: LogFilter, limit: number): Promise<readonly LogEntry[]> {
  const found: LogEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await reader.lookUp(filter, { limit, ...(cursor !== undefined && { cursor }) });
    assert.ok(page.items.length <= limit);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return found;
}

const pick = (from: readonly string[], n: number): string => from[n % from.length] ?? '';
const varied = (n: number): AuditFact =>
  fact(
    pick(
      ATTESTATION_KINDS.filter((kind) => kind !== 'execution'),
      n * 7,
    ) as AuditFact['kind'],
    {
      task_id: `req_${n % 5}`,
      // Not quite in order, and some at the same moment.
      occurred_at: BEGAN + Math.floor(n / 3) * 10_000 - (n % 2) * 15_000,
      terms: {
        ...(n % 4 !== 0 && { agent: pick(['coder', 'Coder', 'ops'], n) }),
        ...(n % 6 === 0 && { reviewer: pick(['bob', 'carol'], n / 6) }),
        action: pick(['tools/call', 'resources/read'], n),
        ...(n % 3 !== 0 && { resource: pick(['write_file', 'read_file', 'x'], n) }),
        upstream: 'files',
        request_id: `req_${n % 5}`,
        rules: [['read'], ['read', 'Read'], ['a"b'], []][n % 4] ?? [],
      },
    },
  );

const matches = (entry: LogEntry, filter: LogFilter): boolean =>
  Object.entries(filter).every(([name, want]) => {
    if (name === 'since') return entry.occurred_at >= Number(want);
    if (name === 'until') return entry.occurred_at < Number(want);
    if (name === 'rule') return entry.rules.includes(String(want));
    return entry[(name === 'request' ? 'request_id' : name) as keyof LogEntry] === want;
  });

const filters = fc.record(
  {
    agent: fc.constantFrom('coder', 'Coder', 'ops', 'nobody'),
    reviewer: fc.constantFrom('bob', 'carol'),
    action: fc.constantFrom('tools/call', 'resources/read'),
    resource: fc.constantFrom('write_file', 'read_file', 'x'),
    upstream: fc.constantFrom('files', 'other'),
    rule: fc.constantFrom('read', 'Read', 'a"b', 'rea', '%'),
    request: fc.constantFrom('req_1', 'req_4'),
    kind: fc.constantFrom('system', 'review', 'export'),
    since: fc.integer({ min: BEGAN - 20_000, max: BEGAN + 800_000 }),
    until: fc.integer({ min: BEGAN - 20_000, max: BEGAN + 800_000 }),
  },
  { requiredKeys: [] },
);

describe('looking the log up', () => {
  it('finds exactly what a look at every entry finds, newest first, whatever is indexed and however it is paged', async (t) => {
    const rig = await openRig(t);
    const reader = readerOf(rig);
    await rig.record(...Array.from({ length: 150 }, (_, n) => varied(n)));
    await rig.audit.flush(); // indexes these
    await rig.record(...Array.from({ length: 30 }, (_, n) => varied(150 + n)));
    const all = await everything(reader, {}, 1000);
    assert.equal(all.length, 180);
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 40 }), async (filter, limit) => {
        const found = await everything(reader, filter as LogFilter, limit);
        const want = all
          .filter((entry) => matches(entry, filter as LogFilter))
          .map(({ leaf_index }) => leaf_index);
        assert.deepEqual(found.map(({ leaf_index }) => leaf_index).sort(), [...want].sort());
        const order = found.map(({ leaf_index, occurred_at }) => [occurred_at, leaf_index] as const);
        const named = Object.keys(filter).some((name) => name !== 'since' && name !== 'until');
        for (const [at, [time, index]] of order.entries()) {
          const [before, above] = order[at - 1] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
          assert.ok(named ? index < above : time < before || (time === before && index < above));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('shows an entry as signed, and nothing for an id, and no page for a cursor, that nobody gave', async (t) => {
    const rig = await openRig(t);
    const reader = readerOf(rig);
    const [id = ''] = await rig.record(plain(1, { terms: { agent: 'coder', rules: ['b', 'a'] } }));
    const shown = await reader.entry(id);
    assert.deepEqual([shown?.agent, shown?.rules, shown?.leaf_index], ['coder', ['a', 'b'], 0]);
    assert.ok(isJsonObject(shown?.statement['predicate']));
    await rig.record(held.reviewed('req_1', 'bob'));
    const { items } = await reader.lookUp({}, { limit: 5 });
    assert.deepEqual(
      items.map(({ kind, outcome }) => [kind, outcome]),
      [
        ['review', 'approved'],
        ['system', undefined],
      ],
    );
    const [review] = items;
    assert.deepEqual((await reader.entry(review?.event_id ?? ''))?.outcome, 'approved');
    assert.equal(shown.statement['predicate']['n'], 1);
    assert.equal(await reader.entry('01JAAAAAAAAAAAAAAAAAAAAAAA'), undefined);
    await assert.rejects(reader.lookUp({}, { limit: 5, cursor: "1'; DROP TABLE entries" }), {
      name: 'BadCursor',
    });
  });
});

describe('receipts', () => {
  it('are pending until a checkpoint covers the entry, then verify', async (t) => {
    const rig = await openRig(t);
    const reader = readerOf(rig);
    const [id = ''] = await rig.record(plain(1), plain(2), plain(3));
    assert.equal(await reader.receipt('01JAAAAAAAAAAAAAAAAAAAAAAA'), undefined);
    rig.time.now -= 10_000; // nothing is signed meanwhile
    await rig.audit.flush();
    const [late = ''] = await rig.record(plain(4));
    await rig.audit.flush();
    rig.time.now -= 1;
    const [later = ''] = await rig.record(plain(5));
    await rig.audit.flush();
    assert.equal(await reader.receipt(later), 'pending');
    for (const event_id of [id, late]) {
      const receipt = (await reader.receipt(event_id)) as Json;
      const trust = {
        entryKeys: [new Uint8Array(spkiOf(rig.audit.keys.entry.current.public_key))],
        log: rig.audit.keys.log.verifier,
        origin: ORIGIN,
      };
      const verified = await verifyReceipt(receipt, trust);
      assert.equal(verified.status, 'verified');
      assert.equal(verified.statement.predicate.event_id, event_id);
      assert.equal(verified.checkpoint.size, 4);
    }
  });
});

describe('checkpoints', () => {
  it('are told newest first, page by page, each as it was signed', async (t) => {
    const rig = await openRig(t);
    const reader = readerOf(rig);
    assert.deepEqual((await reader.checkpoints({ limit: 2 })).items, []);
    for (let n = 1; n <= 3; n += 1) {
      rig.time.now += 1000;
      await rig.record(plain(n));
      await rig.audit.flush();
    }
    const first = await reader.checkpoints({ limit: 2 });
    assert.deepEqual(
      first.items.map(({ size, signed_at }) => [size, signed_at - BEGAN]),
      [
        [3, 3000],
        [2, 2000],
      ],
    );
    const rest = await reader.checkpoints({ limit: 2, cursor: first.next_cursor ?? '' });
    assert.deepEqual([rest.items.map(({ size }) => size), rest.next_cursor], [[1], undefined]);
    for (const { note, size } of [...first.items, ...rest.items]) {
      const signed = parseNote(note);
      assert.equal((await verifyNote(signed, [rig.audit.keys.log.verifier])).status, 'verified');
      assert.equal(parseCheckpoint(signed.text).size, size);
    }
  });
});

describe('what an entry says of itself', () => {
  it('includes what changed, in the gateway’s own phrase', async (t) => {
    const rig = await openRig(t);
    await rig.record(fact('tool-change', { predicate: { change: 'tool accepted' } }), plain(1));
    const found = await everything(readerOf(rig), {}, 10);
    assert.deepEqual(
      found.map(({ kind, change }) => [kind, change]).sort(),
      [
        ['tool-change', 'tool accepted'],
        [found.find(({ kind }) => kind !== 'tool-change')?.kind, undefined],
      ].sort(),
    );
  });
});

describe('exporting', () => {
  it('gives every matching entry oldest first as JSON Lines, and is itself on the record', async (t) => {
    const rig = await openRig(t);
    const reader = readerOf(rig);
    await rig.record(...Array.from({ length: 20 }, (_, n) => varied(n)));
    let text = '';
    for await (const part of reader.export({ agent: 'coder' }, 'alice')) text += part;
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LogEntry);
    const all = (await everything(reader, {}, 100)).filter((entry) => entry.agent === 'coder');
    assert.deepEqual(
      lines.map(({ leaf_index }) => leaf_index),
      all.map(({ leaf_index }) => leaf_index).sort((a, b) => a - b),
    );
    const [recorded] = await everything(reader, { kind: 'export', reviewer: 'alice' }, 10);
    assert.equal(recorded?.leaf_index, 20);
  });
});

describe('erasing', () => {
  it('takes clear text and salt away and leaves the log as it was, its commitment opening to nothing', async (t) => {
    const rig = await openRig(t);
    const payload = {
      id: 'pay_1',
      kind: 'reason',
      salt: newSalt(),
      body: 'because Ada asked me to',
    } as const;
    const entry = rig.audit.sealer.seal(
      fact('review', { task_id: 'req_1', predicate: { reason: sealed(payload) } }),
    );
    await rig.store.commit({
      name: 'test',
      steps: [storePayloadOf('req_1', payload, BEGAN)],
      entries: [entry],
    });
    await rig.audit.flush();
    const verify = () => verifyLog({ source: folderSource(rig.log), vkey: rig.audit.keys.log.vkey });
    const before = await verify();
    assert.ok(opens(sealed(payload), payload.salt, encodeUtf8(payload.body)));
    assert.deepEqual(await readPayload(rig.store, 'pay_1'), payload);

    const outcome = await rig.store.commit({
      name: 'erase',
      steps: [erasePayloads('req_1', { rows: 1, now: BEGAN + 1 })],
      entries: [],
    });
    assert.ok(outcome.ok);
    assert.equal(await readPayload(rig.store, 'pay_1'), undefined);
    const [row] = await rig.store.read({
      sql: 'SELECT salt, body, erased_at FROM payloads WHERE id = $1',
      params: ['pay_1'],
    });
    assert.deepEqual({ ...row }, { salt: null, body: null, erased_at: BEGAN + 1 });
    const after = await verify();
    assert.ok(after.ok);
    assert.equal(after.root, before.root);
    const [stored] = await rig.store.read({
      sql: 'SELECT envelope FROM entries WHERE event_id = $1',
      params: [entry.event_id],
    });
    const envelope = parseJson(String(stored?.['envelope']));
    const text = isJsonObject(envelope) ? Buffer.from(String(envelope['payload']), 'base64').toString() : '';
    assert.ok(text.includes('$sealed') && !text.includes('Ada'));
    assert.equal(
      (
        await rig.store.commit({
          name: 'erase',
          steps: [erasePayloads('req_1', { rows: 1, now: BEGAN + 2 })],
          entries: [],
        })
      ).ok,
      false,
    );
  });
});
