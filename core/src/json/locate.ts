import { JsonError, type JsonErrorCode, placeIn } from './error.ts';
import { isExactNumber } from './number.ts';

/**
 * Reads a text that is about to be refused, character by character, and throws what is wrong with it first.
 * Returns only if nothing is wrong. Slow and exact where `scan` is fast: the two are tested against each other.
 */
export function locate(text: string, depth_max: number): void {
  new Locator(text, depth_max).document();
}

// Sticky, so that they read on from `lastIndex`; the longest runs go in one step.
const PLAIN = /[^"\\\0-\x1f]+/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Locator {
  readonly #text: string;
  readonly #depth_max: number;
  #at = 0;

  constructor(text: string, depth_max: number) {
    this.#text = text;
    this.#depth_max = depth_max;
  }

  document(): void {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#refuse('byte-order-mark', 'Remove the byte order mark');
    this.#space();
    this.#value(0);
    this.#space();
    if (this.#at < this.#text.length)
      this.#refuse('trailing-text', 'Text follows the value: send one JSON value');
  }

  #value(depth: number): void {
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') {
      if (depth >= this.#depth_max) {
        this.#refuse('too-deep', `Nested deeper than ${this.#depth_max} levels: flatten the value`);
      }
      this.#at += 1;
      if (first === '{') this.#object(depth + 1);
      else this.#array(depth + 1);
    } else if (first === '"') this.#string();
    else if (first === 't') this.#word('true');
    else if (first === 'f') this.#word('false');
    else if (first === 'n') this.#word('null');
    else this.#number();
  }

  #object(depth: number): void {
    const keys = new Set<string>();
    this.#space();
    if (this.#take('}')) return;
    do {
      this.#space();
      const start = this.#at;
      if (this.#text[start] !== '"') this.#unexpected('a key in double quotes');
      const key = this.#string();
      if (keys.has(key))
        this.#refuse('duplicate-key', 'The same key is written twice in one object: keep one', start);
      keys.add(key);
      this.#space();
      if (!this.#take(':')) this.#unexpected('":"');
      this.#space();
      this.#value(depth);
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#unexpected('"," or "}"');
  }

  #array(depth: number): void {
    this.#space();
    if (this.#take(']')) return;
    do {
      this.#space();
      this.#value(depth);
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#unexpected('"," or "]"');
  }

  #string(): string {
    const start = this.#at;
    let value = '';
    this.#at += 1;
    for (;;) {
      value += this.#match(PLAIN);
      const from = this.#at;
      const character = this.#text[from];
      if (character === undefined) this.#truncated();
      if (character < ' ')
        this.#refuse('control-character', 'A control character in a string: escape it as \\u00XX');
      this.#at += 1;
      if (character === '"') break;
      value += this.#escape(from);
    }
    if (!value.isWellFormed()) {
      this.#refuse(
        'lone-surrogate',
        'This string has half of a surrogate pair: it is not Unicode text',
        start,
      );
    }
    return value;
  }

  #escape(from: number): string {
    const letter = this.#text[this.#at];
    if (letter === undefined) this.#truncated();
    this.#at += 1;
    if (letter !== 'u') {
      return (
        ESCAPES[letter] ??
        this.#refuse(
          'bad-escape',
          'JSON has no such escape: use \\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX',
          from,
        )
      );
    }
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) {
      if (/^[0-9a-fA-F]*$/.test(hex) && hex.length < 4) this.#truncated();
      this.#refuse('bad-escape', 'An escape \\u takes four hexadecimal digits', from);
    }
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): void {
    const start = this.#at;
    const token = this.#match(NUMBER);
    if (token === '') this.#unexpected('a value');
    if (!isExactNumber(token)) {
      this.#refuse(
        'inexact-number',
        'This number would change when read as a double (or is -0): write its exact shortest form, or send it as a string',
        start,
      );
    }
  }

  #match(pattern: RegExp): string {
    const start = this.#at;
    pattern.lastIndex = start;
    if (!pattern.test(this.#text)) return '';
    this.#at = pattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  #word(word: string): void {
    if (!this.#text.startsWith(word, this.#at)) {
      if (word.startsWith(this.#text.slice(this.#at))) this.#truncated();
      this.#unexpected('a value');
    }
    this.#at += word.length;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
      this.#at += 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #unexpected(wanted: string): never {
    if (this.#at >= this.#text.length) this.#truncated();
    this.#refuse('syntax', `Expected ${wanted}`);
  }

  #truncated(): never {
    this.#refuse('truncated', 'The text ends too early', this.#text.length);
  }

  #refuse(code: JsonErrorCode, what: string, offset = this.#at): never {
    throw new JsonError(code, what, placeIn(this.#text, offset));
  }
}
