/** The MCP codec: anything may come; a message, or an error that says what to mend. Events, however they are cut. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMessage, WireError, writeMessage } from '../../gateway/src/protocols/mcp/wire/message.ts';
import { SseDecoder, type SseEvent, writeEvent } from '../../gateway/src/protocols/mcp/wire/sse.ts';
import type { Target } from './target.ts';
import { nearly, soup } from './texts.ts';

const LIMITS = { bytes_max: 100_000, depth_max: 32 };

const message = fc
  .record(
    {
      jsonrpc: fc.constantFrom('2.0', '1.0'),
      id: fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double()),
      method: fc.constantFrom('tools/call', 'ping', 'notifications/cancelled', ''),
      params: fc.oneof(fc.object({ maxDepth: 2 }), fc.array(fc.integer()), fc.constant(null)),
      result: fc.object({ maxDepth: 1 }),
      error: fc.record({ code: fc.integer(), message: fc.string() }),
      extra: fc.integer(),
    },
    { requiredKeys: ['jsonrpc'] },
  )
  .map((value) => JSON.stringify(value));

function readsOrRefuses(text: string): void {
  try {
    const read = readMessage(text, LIMITS);
    assert.deepEqual(readMessage(writeMessage(read), LIMITS), read, 'what is written is not what was read');
  } catch (error) {
    assert.ok(error instanceof WireError, `threw ${String(error)}`);
    assert.ok(error.status >= 400 && error.status < 500 && error.message.length > 10);
  }
}

function decode(chunks: readonly Buffer[]): readonly SseEvent[] {
  const decoder = new SseDecoder(100_000);
  return chunks.flatMap((chunk) => decoder.push(chunk));
}

/** Line ends in every order: where a stream is cut between them, events are lost or glued. */
const events = fc
  .array(fc.constantFrom('data: x', 'id: 1', ': c', '\r', '\n', '\r\n', 'é'), { maxLength: 12 })
  .map((pieces) => pieces.join(''));

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, n) => bytes.subarray(at[n], end));
}

export const wireTargets: readonly Target[] = [
  {
    name: 'mcp-message',
    batch: 500,
    property: () => fc.property(fc.oneof(nearly(message), soup), readsOrRefuses),
  },
  {
    name: 'mcp-events-cut',
    batch: 500,
    property: () =>
      fc.property(fc.oneof(soup, events), fc.array(fc.nat(), { maxLength: 12 }), (text, places) => {
        const bytes = Buffer.from(text, 'utf8');
        assert.deepEqual(decode(cut(bytes, places)), decode([bytes]), 'how it was cut matters');
      }),
  },
  {
    name: 'mcp-events-written',
    batch: 300,
    property: () =>
      fc.property(fc.array(fc.string()), (data) => {
        const text = data.map((each) => writeEvent({ data: each })).join('');
        const wanted = data.map((each) => ({ data: each.replaceAll(/\r\n|\r/g, '\n').toWellFormed() }));
        assert.deepEqual(decode([Buffer.from(text)]), wanted);
      }),
  },
];
