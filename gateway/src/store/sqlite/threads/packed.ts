/**
 * Commands on their way to the writer, as one flat list. Cloned as they are, half of what travels would be the names of
 * their members and the texts of their statements, which are the same few every time: a text the writer has is its number.
 */
import {
  type Command,
  type EntryTerms,
  type NewEntry,
  type Step,
  TERM_COLUMNS,
  type Value,
} from '../../store.ts';

type Part = Value | readonly string[];
export type Packed = readonly Part[];

/** The program has a few dozen; the bound is only against a mistake (I15). */
const TEXTS_MAX = 512;

const UNHURRIED = 1;
const ERASES = 2;

/** Texts both sides know. Each side keeps its own, by the same rule, of the texts that travelled in full. */
class Texts {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }
  textOf(number: number): string {
    const text = this.#texts[number];
    if (text === undefined) throw new Error(`there is no text ${number}`);
    return text;
  }
  learn(text: string): void {
    if (this.#numbers.has(text) || this.#texts.length >= TEXTS_MAX) return;
    this.#numbers.set(text, this.#texts.length);
    this.#texts.push(text);
  }
}

/** Hands each batch, packed, to `send`; what that throws is thrown, and the other side is then taken to know nothing of it. */
export function createPacker(send: (packed: Packed) => void): (batch: readonly Command[]) => void {
  const texts = new Texts();
  return (batch) => {
    const parts: Part[] = [];
    const full: string[] = [];
    for (const command of batch)
      packCommand(parts, command, (text) => texts.numberOf(text) ?? inFull(full, text));
    send(parts);
    for (const text of full) texts.learn(text);
  };
}

const inFull = (full: string[], text: string): string => {
  full.push(text);
  return text;
};

function packCommand(parts: Part[], command: Command, known: (text: string) => Value): void {
  const { name, steps, entries, unhurried, erases } = command;
  const flags = (unhurried === true ? UNHURRIED : 0) + (erases === true ? ERASES : 0);
  parts.push(name, flags, steps.length, entries.length);
  for (const { name: step, sql, rows, params } of steps) {
    parts.push(step, known(sql), rows, params.length);
    for (let at = 0; at < params.length; at += 1) parts.push(params[at] as Value);
  }
  for (const entry of entries) packEntry(parts, entry);
}

function packEntry(parts: Part[], entry: NewEntry): void {
  const { event_id, kind, occurred_at, terms } = entry;
  parts.push(event_id, kind, occurred_at);
  if ('statement' in entry) parts.push(entry.statement, null);
  else parts.push(entry.envelope, entry.leaf);
  for (const term of TERM_COLUMNS) parts.push(terms[term] ?? null);
  parts.push(terms.rules ?? null);
}

/** The other end: of batches in the order they were sent. */
export function createUnpacker(): (packed: Packed) => Command[] {
  const texts = new Texts();
  return (packed) => {
    const read = new Reading(packed, texts);
    const commands: Command[] = [];
    while (!read.done) commands.push(read.command());
    return commands;
  };
}

class Reading {
  readonly #packed: Packed;
  readonly #texts: Texts;
  #at = 0;

  constructor(packed: Packed, texts: Texts) {
    this.#packed = packed;
    this.#texts = texts;
  }

  get done(): boolean {
    return this.#at === this.#packed.length;
  }

  #next<T extends Part>(): T {
    const part = this.#packed[this.#at];
    this.#at += 1;
    return part as T;
  }

  command(): Command {
    const name = this.#next<string>();
    const flags = this.#next<number>();
    const steps = this.#next<number>();
    const entries = this.#next<number>();
    return {
      name,
      steps: this.#times(steps, () => this.#step()),
      entries: this.#times(entries, () => this.#entry()),
      ...((flags & UNHURRIED) === 0 ? {} : { unhurried: true }),
      ...((flags & ERASES) === 0 ? {} : { erases: true }),
    };
  }

  #times<T>(count: number, one: () => T): T[] {
    const all: T[] = [];
    while (all.length < count) all.push(one());
    return all;
  }

  #step(): Step {
    const name = this.#next<string>();
    const sql = this.#text();
    const rows = this.#next<number | 'any'>();
    const count = this.#next<number>();
    const params = this.#packed.slice(this.#at, this.#at + count) as Value[];
    this.#at += count;
    return { name, sql, rows, params };
  }

  #text(): string {
    const known = this.#next<number | string>();
    if (typeof known === 'number') return this.#texts.textOf(known);
    this.#texts.learn(known);
    return known;
  }

  #entry(): NewEntry {
    const head = {
      event_id: this.#next<string>(),
      kind: this.#next<string>(),
      occurred_at: this.#next<number>(),
    };
    const text = this.#next<string>();
    const leaf = this.#next<string | null>();
    const terms = this.#terms();
    return leaf === null ? { ...head, terms, statement: text } : { ...head, terms, envelope: text, leaf };
  }

  #terms(): EntryTerms {
    const terms: { -readonly [K in keyof EntryTerms]: EntryTerms[K] } = {};
    for (const name of TERM_COLUMNS) {
      const term = this.#next<string | null>();
      if (term !== null) terms[name] = term;
    }
    const rules = this.#next<readonly string[] | null>();
    if (rules !== null) terms.rules = rules;
    return terms;
  }
}
