/**
 * Bytes that were answered and not read yet, over all connections: they stay in memory until they are (I15). An answer is
 * counted from when it is written faster than it is read; what is read at once costs nothing here. Over the bound the
 * connections with most to read are cut, until it holds. The only one is let be: what one answer may be is bounded apart.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';

export class Unread {
  readonly #bytes_max: number;
  readonly #bytes = new Map<ServerResponse, number>();
  #total = 0;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  /** As counted last: what has been read since is found out when it is too much. */
  get total(): number {
    return this.#total;
  }

  note(response: ServerResponse): void {
    if (!this.#bytes.has(response)) response.once('close', () => this.#forget(response));
    this.#count(response);
    if (this.#total > this.#bytes_max) this.#cut();
  }

  #count(response: ServerResponse): void {
    const bytes = response.writableLength;
    this.#total += bytes - (this.#bytes.get(response) ?? 0);
    this.#bytes.set(response, bytes);
  }

  #forget(response: ServerResponse): void {
    this.#total -= this.#bytes.get(response) ?? 0;
    this.#bytes.delete(response);
  }

  #cut(): void {
    for (const response of this.#bytes.keys()) this.#count(response);
    const most = [...this.#bytes].sort(([, a], [, b]) => b - a);
    for (const [response] of most) {
      if (this.#total <= this.#bytes_max || this.#bytes.size === 1) return;
      this.#forget(response);
      // Not the answer's: one that stands behind another on its connection has none yet.
      response.req.socket.destroy();
    }
  }
}

/** Answers that are counted among the unread while they are. */
export function countedAnswers(unread: Unread): typeof ServerResponse {
  return class<R extends IncomingMessage> extends ServerResponse<R> {
    override write(...given: readonly unknown[]): boolean {
      const read = super.write.apply(this, given as Parameters<ServerResponse['write']>);
      if (!read) unread.note(this);
      return read;
    }

    override end(...given: readonly unknown[]): this {
      super.end.apply(this, given as Parameters<ServerResponse['end']>);
      if (this.writableLength > 0) unread.note(this);
      return this;
    }
  };
}
