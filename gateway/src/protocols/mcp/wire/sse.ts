/** Server-sent events, both ways (HTML Living Standard §9.2), incremental and bounded: an event over the limit ends the stream. */
import { StringDecoder } from 'node:string_decoder';

export type SseEvent = { readonly data: string; readonly id?: string; readonly retry?: number };

/** Where a message stood in the stream it came in. */
type Placed = { readonly event_id?: string | undefined; readonly retry?: number | undefined };

/** What is passed on, at the place it came from: a caller that comes back names it. */
export const eventOf = (data: string, { event_id, retry }: Placed): SseEvent => ({
  data,
  ...(event_id === undefined ? {} : { id: event_id }),
  ...(retry === undefined ? {} : { retry }),
});

/** One event longer than the limit; the stream cannot be trusted any further (I15). */
export class SseTooLong extends Error {
  override readonly name = 'SseTooLong';
}

export class SseDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  readonly #characters_max: number;
  /** What has come of a line not yet ended, in pieces: joined once, however small the chunks. */
  #rest: string[] = [];
  #rest_length = 0;
  #data: string[] = [];
  #data_length = 0;
  #id: string | undefined;
  #retry: number | undefined;
  #after_cr = false;
  #first = true;

  constructor(characters_max: number) {
    this.#characters_max = characters_max;
  }

  /** Whole events contained in what has come so far. @throws SseTooLong */
  push(chunk: Uint8Array): SseEvent[] {
    let text = this.#utf8.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (this.#first && text !== '') {
      if (text.startsWith('\uFEFF')) text = text.slice(1);
      this.#first = false;
    }
    // CR and LF of one line end may come in two chunks.
    if (this.#after_cr && text.startsWith('\n')) {
      text = text.slice(1);
      this.#after_cr = false; // the next LF is a line end of its own
    }
    if (text !== '') this.#after_cr = text.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n|\n|\r/);
    this.#keep(first);
    const events: SseEvent[] = [];
    for (const begun of others) {
      const event = this.#line(this.#rest.join(''));
      this.#rest = [];
      this.#rest_length = 0;
      this.#keep(begun);
      if (event !== undefined) events.push(event);
    }
    if (this.#rest_length + this.#data_length > this.#characters_max) throw new SseTooLong();
    return events;
  }

  #keep(piece: string): void {
    if (piece !== '') this.#rest.push(piece);
    this.#rest_length += piece.length;
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return undefined;
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data_length += value.length + 1;
      if (this.#data_length > this.#characters_max) throw new SseTooLong();
      this.#data.push(value);
    } else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.#retry = Number(value);
    return undefined;
  }

  #dispatch(): SseEvent | undefined {
    const [id, retry] = [this.#id, this.#retry];
    if (this.#data.length === 0 && id === undefined && retry === undefined) return undefined;
    const data = this.#data.join('\n');
    this.#data = [];
    this.#data_length = 0;
    this.#id = undefined;
    this.#retry = undefined;
    return { data, ...(id === undefined ? {} : { id }), ...(retry === undefined ? {} : { retry }) };
  }
}

/** The text of one event. Line ends inside `id` are impossible: the decoder split there. */
export function writeEvent({ data, id, retry }: SseEvent): string {
  const head = `${id === undefined ? '' : `id: ${id}\n`}${retry === undefined ? '' : `retry: ${retry}\n`}`;
  const body = data.includes('\n') || data.includes('\r') ? data.split(/\r\n|\n|\r/).join('\ndata: ') : data;
  return `${head}data: ${body}\n\n`;
}
