/** Newline-delimited text from a process, with a limit on the length of a line (I15). */
import { StringDecoder } from 'node:string_decoder';

export class LineReader {
  readonly #utf8 = new StringDecoder('utf8');
  readonly #characters_max: number;
  readonly #take: (line: string) => void;
  readonly #overrun: () => void;
  #rest: string[] = [];
  #length = 0;

  constructor(characters_max: number, take: (line: string) => void, overrun: () => void) {
    this.#characters_max = characters_max;
    this.#take = take;
    this.#overrun = overrun;
  }

  push(chunk: Buffer): void {
    const text = this.#utf8.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      const line = this.#rest.join('') + text.slice(start, end);
      this.#rest = [];
      this.#length = 0;
      start = end + 1;
      if (line.length > this.#characters_max) this.#overrun();
      else this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    this.#rest.push(text.slice(start));
    this.#length += text.length - start;
    if (this.#length <= this.#characters_max) return;
    this.#rest = [];
    this.#length = 0;
    this.#overrun();
  }
}
