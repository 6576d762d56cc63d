import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type LiveEvent, parseEvents, type ServerEvent, watch } from './events.ts';
import { createHttp, type Http } from './http.ts';
import { ProblemError, UnreachableError } from './problem.ts';

async function* chunked(text: string, sizes: readonly number[]): AsyncGenerator<string, void> {
  let at = 0;
  for (let turn = 0; at < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield text.slice(at, at + size);
    at += size;
  }
}
async function parse(text: string, sizes: readonly number[] = [text.length]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of parseEvents(chunked(text, sizes))) events.push(event);
  return events;
}

describe('parseEvents', () => {
  const cases: readonly [name: string, text: string, want: readonly ServerEvent[]][] = [
    ['one event', 'data: a\n\n', [{ event: 'message', data: 'a' }]],
    ['id and name', 'id: 7\nevent: request\ndata: {}\n\n', [{ id: '7', event: 'request', data: '{}' }]],
    ['several lines of data', 'data: a\ndata: b\n\n', [{ event: 'message', data: 'a\nb' }]],
    ['no space after the colon', 'data:a\n\n', [{ event: 'message', data: 'a' }]],
    ['only one space is dropped', 'data:  a\n\n', [{ event: 'message', data: ' a' }]],
    ['comments', ': keepalive\n\ndata: a\n: x\n\n', [{ event: 'message', data: 'a' }]],
    [
      'CRLF and CR',
      'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
      ['a', 'b', 'c'].map((data) => ({ event: 'message', data })),
    ],
    ['unknown fields', 'retry: 5\nfoo: bar\ndata: a\n\n', [{ event: 'message', data: 'a' }]],
    ['no data, no event', 'event: x\n\n', []],
    ['an unfinished event is dropped', 'data: a\n\ndata: b\n', [{ event: 'message', data: 'a' }]],
  ];
  for (const [name, text, want] of cases) test(name, async () => assert.deepEqual(await parse(text), want));

  test('reads the same however the bytes arrive', async () => {
    const text = 'id: 1\r\nevent: request\r\ndata: {"a":1}\r\n\r\n: k\n\ndata: x\ndata: y\n\n';
    const whole = await parse(text);
    assert.equal(whole.length, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
        async (sizes) => assert.deepEqual(await parse(text, sizes), whole),
      ),
    );
  });

  test('an event that never ends is refused', async () => {
    await assert.rejects(parse(`data: ${'x'.repeat(2_000_000)}`, [65_536]), RangeError);
  });
});

/** A gateway that answers each connection with the next script; `undefined` is a refused connection. */
function scripted(scripts: readonly (string | undefined | Error)[]): {
  http: Http;
  asked: (string | undefined)[];
} {
  const asked: (string | undefined)[] = [];
  const http: Http = {
    json: () => Promise.reject(new Error('not asked for')),
    setCsrf: () => undefined,
    async stream(_path, exchange) {
      const script = scripts[asked.length];
      asked.push(exchange?.headers?.['last-event-id']);
      if (script instanceof Error) throw script;
      if (script === undefined) throw new UnreachableError('refused');
      return new ReadableStream<string>({
        start(controller) {
          controller.enqueue(script);
          controller.close();
        },
      });
    },
  };
  return { http, asked };
}

const hello = (id: string): string => `id: ${id}\nevent: hello\ndata: {}\n\n`;
const change = (id: string): string =>
  `id: ${id}\nevent: request\ndata: {"request_id":"req_1","status":"pending","at":1}\n\n`;

async function collect(http: Http, count: number): Promise<LiveEvent['kind'][]> {
  const kinds: LiveEvent['kind'][] = [];
  for await (const event of watch(http, { retry_ms_max: 1 })) {
    kinds.push(event.kind);
    if (kinds.length === count) break;
  }
  return kinds;
}

describe('watch', () => {
  test('resumes where it stopped, and looks again only when something may be missed', async () => {
    const { http, asked } = scripted([
      hello('r-0') + change('r-1'),
      undefined,
      change('r-2'),
      `${hello('s-0')}event: reset\ndata: {}\n\n`,
    ]);
    assert.deepEqual(await collect(http, 9), [
      'look_again',
      'change',
      'lost',
      'lost',
      'resumed',
      'change',
      'lost',
      'resumed',
      'look_again',
    ]);
    assert.deepEqual(asked, [undefined, 'r-1', 'r-1', 'r-2']);
  });

  test('says that it is connected again though nothing was missed', async () => {
    const { http } = scripted([hello('r-0'), 'event: hello\ndata: {}\n\n']);
    assert.deepEqual(await collect(http, 4), ['look_again', 'lost', 'resumed', 'lost']);
  });

  test('a refusal ends it; a broken or busy gateway does not', async () => {
    const problem = (status: number): ProblemError => new ProblemError(status, { title: 'x' });
    for (const status of [500, 503, 429]) {
      const { http } = scripted([problem(status), hello('r-0')]);
      assert.deepEqual(await collect(http, 3), ['lost', 'resumed', 'look_again'], String(status));
    }
    await assert.rejects(collect(scripted([problem(401)]).http, 1), ProblemError);
  });

  test('an aborted signal ends it without an error', async () => {
    const stop = new AbortController();
    stop.abort();
    const http = createHttp({
      url: 'http://127.0.0.1:9',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    assert.equal((await watch(http, { signal: stop.signal }).next()).done, true);
  });
});
