import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SseDecoder, type SseEvent, SseTooLong, writeEvent } from './sse.ts';

const decode = (chunks: readonly Uint8Array[], characters_max = 10_000): SseEvent[] => {
  const decoder = new SseDecoder(characters_max);
  return chunks.flatMap((chunk) => decoder.push(chunk));
};
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('reading events', () => {
  const cases: readonly [string, string, SseEvent[]][] = [
    ['one line', 'data: {"a":1}\n\n', [{ data: '{"a":1}' }]],
    ['no space after the colon', 'data:x\n\n', [{ data: 'x' }]],
    ['several lines', 'data: a\ndata: b\n\n', [{ data: 'a\nb' }]],
    ['CRLF', 'data: a\r\n\r\n', [{ data: 'a' }]],
    ['CR', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    ['a CRLF and a LF', 'data: a\r\n\ndata: b\n\n', [{ data: 'a' }, { data: 'b' }]],
    ['comments', ': waiting\n\ndata: a\n\n', [{ data: 'a' }]],
    ['id and retry', 'id: 5\nretry: 100\ndata: a\n\n', [{ data: 'a', id: '5', retry: 100 }]],
    ['a mark without data', 'id: 5\ndata:\n\n', [{ data: '', id: '5' }]],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['an event name', 'event: message\ndata: a\n\n', [{ data: 'a' }]],
    ['an unfinished event', 'data: a\n', []],
  ];
  for (const [name, text, want] of cases) {
    it(name, () => assert.deepEqual(decode([bytes(text)]), want));
    it(`${name}, byte by byte`, () =>
      assert.deepEqual(decode([...bytes(text)].map((byte) => Uint8Array.of(byte))), want));
  }

  it('ends the stream at an event over the limit, in one line or many', () => {
    assert.throws(() => decode([bytes(`data: ${'x'.repeat(200)}`)], 100), SseTooLong);
    assert.throws(() => decode([bytes('data: xxxxxxxxxx\n'.repeat(20))], 100), SseTooLong);
  });
});

it('I15: a long line in small pieces is looked through once, not once a piece', () => {
  const decoder = new SseDecoder(64 * 1024 * 1024);
  const piece = bytes('x'.repeat(4096));
  const from = process.cpuUsage();
  decoder.push(bytes('data: '));
  for (let at = 0; at < 4096; at += 1) decoder.push(piece);
  const [event] = decoder.push(bytes('\n\n'));
  assert.equal(event?.data.length, 4096 * 4096);
  // A tenth of a second; a minute and more where each piece looks through all before it.
  const { user, system } = process.cpuUsage(from);
  assert.ok(user + system < 20_000_000, `${user + system} µs`);
});

it('what is written is read back, however it is cut', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((each) => each.replaceAll('\r', '\n'));
  fc.assert(
    fc.property(
      fc.array(
        text.filter((each) => each !== ''),
        { maxLength: 5 },
      ),
      fc.integer({ min: 1, max: 9 }),
      (texts, size) => {
        const whole = bytes(texts.map((data) => writeEvent({ data })).join(''));
        const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
          whole.subarray(at * size, (at + 1) * size),
        );
        assert.deepEqual(
          decode(chunks),
          texts.map((data) => ({ data })),
        );
      },
    ),
  );
});
