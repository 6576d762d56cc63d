/**
 * Live changes, as an async iterator that survives lost connections: it reconnects with growing pauses, resumes where
 * it stopped, and says `look_again` whenever something may have been missed. Ends when its signal aborts or the
 * gateway refuses.
 */
import type { Http } from './http.ts';
import { ProblemError } from './problem.ts';
import type { GlassNotice } from './shapes/glass/broken.ts';
import type { RequestChange } from './shapes/requests.ts';

export type LiveEvent =
  /** Connected, or something may have been missed: read the lists again. */
  | { readonly kind: 'look_again' }
  | { readonly kind: 'change'; readonly change: RequestChange }
  | { readonly kind: 'break_glass'; readonly notice: GlassNotice }
  | { readonly kind: 'lost'; readonly retry_ms: number }
  /** Connected again after `lost`. What was missed follows, or `look_again` does. */
  | { readonly kind: 'resumed' };

export type WatchOptions = { readonly signal?: AbortSignal; readonly retry_ms_max?: number };
const RETRY_MS = 500;
const RETRY_MS_MAX = 15_000;
/** The gateway writes every few seconds; longer silence means the connection is dead. */
const SILENCE_MS = 30_000;
const BUFFER_CHARS_MAX = 1_048_576;

export type ServerEvent = { readonly id?: string; readonly event: string; readonly data: string };

export async function* watch(
  http: Http,
  { signal, retry_ms_max = RETRY_MS_MAX }: WatchOptions = {},
): AsyncGenerator<LiveEvent, void> {
  let last: string | undefined;
  let lost = false;
  const soon = Math.min(RETRY_MS, retry_ms_max);
  let retry_ms = soon;
  const over = (): boolean => signal?.aborted === true;
  while (!over()) {
    const silence = new AbortController();
    const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(last === undefined ? {} : { 'last-event-id': last }),
      };
      const stream = await http.stream('/api/events', { headers, signal: either });
      for await (const message of parseEvents(alive(stream, silence, signal))) {
        retry_ms = soon;
        if (lost) yield { kind: 'resumed' };
        lost = false;
        const missed = message.event === 'reset' || (message.event === 'hello' && last === undefined);
        last = message.id ?? last;
        if (missed) yield { kind: 'look_again' };
        else if (message.event === 'request')
          yield { kind: 'change', change: JSON.parse(message.data) as RequestChange };
        else if (message.event === 'break_glass')
          yield { kind: 'break_glass', notice: JSON.parse(message.data) as GlassNotice };
      }
    } catch (error) {
      if (over()) return;
      if (error instanceof ProblemError && error.status < 500 && error.status !== 429) throw error;
    }
    if (over()) return;
    lost = true;
    yield { kind: 'lost', retry_ms };
    await pause(retry_ms, signal);
    retry_ms = Math.min(retry_ms * 2, retry_ms_max);
  }
}

/** Passes text on and aborts when none comes for too long. */
async function* alive(
  stream: ReadableStream<string>,
  silence: AbortController,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  // A caller that aborts and never asks again must not be kept alive by the timer.
  const stop = (): void => clearTimeout(timer);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const text of stream) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      yield text;
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', stop);
  }
}

/** `text/event-stream` (HTML Living Standard §9.2.6): comments skipped, multi-line data joined, any line ending. */
export async function* parseEvents(chunks: AsyncIterable<string>): AsyncGenerator<ServerEvent, void> {
  let rest = '';
  let fields: Fields = { data: [] };
  for await (const chunk of chunks) {
    rest += chunk;
    if (rest.length > BUFFER_CHARS_MAX) throw new RangeError('an event is too long');
    // A CR at the very end may be half of a CRLF: it waits for the next chunk.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') fields = withField(fields, line);
      else {
        const { id, event = 'message', data } = fields;
        if (data.length > 0) yield { ...(id === undefined ? {} : { id }), event, data: data.join('\n') };
        fields = { data: [] };
      }
    }
  }
}

type Fields = { readonly id?: string; readonly event?: string; readonly data: readonly string[] };

function withField(fields: Fields, line: string): Fields {
  const colon = line.indexOf(':');
  if (colon === 0) return fields;
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'data') return { ...fields, data: [...fields.data, value] };
  if (name === 'event') return { ...fields, event: value };
  if (name === 'id' && !value.includes('\0')) return { ...fields, id: value };
  return fields;
}

/** Resolves after the pause, or at once when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
  });
}
