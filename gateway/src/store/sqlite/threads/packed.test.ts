import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import type { Command, EntryTerms, Value } from '../../store.ts';
import { createPacker, createUnpacker, type Packed } from './packed.ts';

const value = fc.oneof<fc.Arbitrary<Value>[]>(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constant(null),
  fc.uint8Array({ maxLength: 8 }),
);
const step = fc.record({
  name: fc.string(),
  sql: fc.constantFrom('SELECT 1', 'SELECT 2', 'SELECT $1'),
  params: fc.array(value, { maxLength: 4 }),
  rows: fc.oneof(fc.nat(), fc.constant('any' as const)),
});
const text = fc.string();
const terms: fc.Arbitrary<EntryTerms> = fc.record(
  { request_id: text, agent: text, reviewer: text, upstream: text, rules: fc.array(text, { maxLength: 3 }) },
  { requiredKeys: [] },
);
const head = { event_id: text, kind: text, occurred_at: fc.nat(), terms };
const entry = fc.oneof(
  fc.record({ ...head, statement: text }),
  fc.record({ ...head, envelope: text, leaf: text }),
);
const command: fc.Arbitrary<Command> = fc.record(
  {
    name: text,
    steps: fc.array(step, { maxLength: 4 }),
    entries: fc.array(entry, { maxLength: 3 }),
    unhurried: fc.constant(true as const),
    erases: fc.constant(true as const),
  },
  { requiredKeys: ['name', 'steps', 'entries'] },
);

const plain = (commands: readonly Command[]): unknown => structuredClone(commands);

describe('packed commands', () => {
  it('come out of the other thread as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.array(command, { maxLength: 4 }), { maxLength: 5 }), (batches) => {
        const { port1, port2 } = new MessageChannel();
        const pack = createPacker((packed) => port1.postMessage(packed));
        const unpack = createUnpacker();
        for (const batch of batches) {
          pack(batch);
          const { message } = receiveMessageOnPort(port2) as { message: Packed };
          assert.deepEqual(plain(unpack(message)), plain(batch));
        }
        port1.close();
      }),
    );
  });

  const asking = (sql: string, params: readonly Value[] = []): Command => ({
    name: 'ask',
    steps: [{ name: 'ask', sql, params, rows: 'any' }],
    entries: [],
  });

  it('carry the text of a statement once', () => {
    const sent: Packed[] = [];
    const pack = createPacker((packed) => sent.push(packed));
    const sql = 'SELECT 1 AS one';
    pack([asking(sql)]);
    pack([asking(sql), asking('SELECT 2')]);
    assert.deepEqual(
      sent.map((packed) => packed.filter((part) => String(part).startsWith('SELECT'))),
      [[sql], ['SELECT 2']],
    );
  });

  it('of a batch that could not leave, nothing is taken to be known', () => {
    const sent: Packed[] = [];
    let fails = true;
    const pack = createPacker((packed) => {
      if (fails) throw new Error('could not be cloned');
      sent.push(packed);
    });
    assert.throws(() => pack([asking('SELECT 1')]), /cloned/);
    fails = false;
    pack([asking('SELECT 2')]);
    pack([asking('SELECT 1')]);
    const unpack = createUnpacker();
    assert.deepEqual(
      sent.flatMap((packed) => unpack(packed).map(({ steps }) => steps[0]?.sql)),
      ['SELECT 2', 'SELECT 1'],
    );
  });

  it('stay right when there are more texts than either side keeps', () => {
    const sent: Packed[] = [];
    const pack = createPacker((packed) => sent.push(packed));
    const texts = Array.from({ length: 1500 }, (_, n) => `SELECT ${n % 700}`);
    for (const sql of texts) pack([asking(sql)]);
    const unpack = createUnpacker();
    assert.deepEqual(
      sent.flatMap((packed) => unpack(packed).map(({ steps }) => steps[0]?.sql)),
      texts,
    );
  });
});
