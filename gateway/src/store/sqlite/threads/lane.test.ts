import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreRefused, StoreUnavailable } from '../../store.ts';
import { bytesOf, type LaneOptions, lane } from './lane.ts';

function laneOf(over: Partial<LaneOptions<string>> = {}) {
  const sent: string[][] = [];
  const options: LaneOptions<string> = {
    name: 'words',
    items_max: 100,
    bytes_max: 1000,
    bytesOf: (word) => word.length,
    send: (batch) => {
      if (batch.includes('bad')) throw new Error('a word could not be cloned');
      sent.push([...batch]);
    },
    ...over,
  };
  return { sent, lane: lane<string, string>(options) };
}

const settled = async (all: readonly Promise<string>[]): Promise<readonly string[]> =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled'
      ? one.value
      : `${(one.reason as Error).name} ${(one.reason as StoreUnavailable).stored ?? ''}`.trim(),
  );

describe('lane', () => {
  it('sends what one turn made in one message, answers first in, first out', async () => {
    const { sent, lane: words } = laneOf();
    const all = ['a', 'b', 'c'].map(words.push);
    await new Promise(setImmediate);
    assert.deepEqual(sent, [['a', 'b', 'c']]);
    for (const answer of ['A', 'B', 'C']) words.resolve(answer);
    assert.deepEqual(await settled(all), ['A', 'B', 'C']);
    assert.throws(() => words.resolve('D'), /answered more words than it was asked/);
  });

  it('sends early what is many, so that the other side can begin', () => {
    const { sent, lane: words } = laneOf();
    for (let n = 0; n < 40; n += 1) void words.push(String(n));
    assert.deepEqual(
      sent.map((batch) => batch.length),
      [16, 16],
    );
  });

  it('keeps what is in no hurry for what is, in order, and not for ever', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { sent, lane: words } = laneOf({ unhurried: (word) => word.startsWith('slow') });
    void words.push('slow 0');
    await new Promise(setImmediate);
    assert.deepEqual(sent.splice(0), [['slow 0']], 'the thread has nothing else to do');
    void words.push('slow 1');
    void words.push('slow 2');
    await new Promise(setImmediate);
    assert.deepEqual(sent, []);
    void words.push('now');
    void words.push('slow 3');
    await new Promise(setImmediate);
    assert.deepEqual(sent, [['slow 1', 'slow 2', 'now', 'slow 3']]);
    void words.push('slow 4');
    t.mock.timers.tick(10);
    assert.deepEqual(sent.at(-1), ['slow 4']);
    void words.push('slow 5');
    words.flush();
    t.mock.timers.tick(10);
    assert.deepEqual(sent.slice(2), [['slow 5']]);
  });

  it('refuses over either bound, and takes more once something is answered (I15)', async () => {
    for (const [over, word] of [
      [{ items_max: 2 }, 'x'],
      [{ bytes_max: 10 }, 'xxxxx'],
    ] as const) {
      const { lane: words } = laneOf(over);
      const all = [words.push(word), words.push(word)];
      await assert.rejects(
        words.push(word),
        (error) => error instanceof StoreUnavailable && error.stored === 'no',
      );
      words.resolve('1');
      all.push(words.push(word));
      words.resolve('2');
      words.resolve('3');
      assert.deepEqual(await settled(all), ['1', '2', '3']);
    }
  });

  it('knows what was sent from what was not when the thread dies', async () => {
    const { lane: words } = laneOf();
    const sent = words.push('sent');
    words.flush();
    const unsent = words.push('unsent');
    words.failAll('gone', 'unknown');
    const late = words.push('late');
    assert.deepEqual(await settled([sent, unsent, late]), [
      'StoreUnavailable unknown',
      'StoreUnavailable no',
      'StoreUnavailable no',
    ]);
  });

  it('refuses what cannot travel, and only that', async () => {
    const { lane: words } = laneOf();
    const before = words.push('good');
    words.flush();
    const bad = words.push('bad');
    words.flush();
    const after = words.push('good');
    words.flush();
    words.resolve('1');
    words.resolve('2');
    assert.deepEqual(await settled([before, bad, after]), ['1', new StoreRefused('').name, '2']);
  });

  it('weighs a command by its text', () => {
    const step = {
      name: 's',
      sql: '',
      params: ['x'.repeat(1000), 5, null, new Uint8Array(500)],
      rows: 1,
    } as const;
    const entry = { event_id: '', kind: '', occurred_at: 0, envelope: 'y'.repeat(2000), leaf: '', terms: {} };
    const weight = bytesOf({ name: 'c', steps: [step], entries: [entry] });
    assert.ok(weight > 3500 && weight < 5000, String(weight));
  });
});
