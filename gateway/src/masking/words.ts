// A table of known words, asked about strangers' words: most are told apart from all of them by their first character and
// their length. A map would hash every word it is asked about, which costs more than all else done with it.

export class Words<T> {
  readonly #alike = new Map<number, (readonly [word: string, value: T])[]>();

  constructor(words: Iterable<readonly [word: string, value: T]> = []) {
    for (const [word, value] of words) this.set(word, value);
  }

  /** For a word that is not in it yet. */
  set(word: string, value: T): void {
    const outline = outlineOf(word);
    const alike = this.#alike.get(outline);
    if (alike === undefined) this.#alike.set(outline, [[word, value]]);
    else alike.push([word, value]);
  }

  get(word: string): T | undefined {
    const alike = this.#alike.get(outlineOf(word));
    if (alike !== undefined) for (const [known, value] of alike) if (known === word) return value;
    return undefined;
  }
}

function outlineOf(word: string): number {
  return word.charCodeAt(0) * 64 + word.length;
}
