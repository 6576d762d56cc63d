/**
 * Which rules could match, from the scope alone, before any condition runs. Each scope key maps a value to a set of
 * rules as bits; the candidates are the sets' intersection. Values come from callers, so what is remembered is bounded.
 */
import { SCOPE_KEYS, type Scope, type ScopeKey } from '@countersign/core';
import { patternFits, type Rule } from './rules/rule.ts';

const REMEMBERED_MAX = 2_048;

type KeyIndex = { readonly key: ScopeKey; readonly remembered: Map<string, Uint32Array> };

export class ScopeIndex {
  readonly rules: readonly Rule[];
  readonly #words: number;
  readonly #keys: readonly KeyIndex[];
  readonly #candidates: Uint32Array;

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.#words = Math.ceil(rules.length / 32);
    this.#candidates = new Uint32Array(this.#words);
    // A key no rule uses cannot tell rules apart.
    const used = SCOPE_KEYS.filter((key) => rules.some((rule) => rule.where[key] !== undefined));
    this.#keys = used.map((key) => ({ key, remembered: new Map() }));
  }

  /** Calls `each` with the position of every rule whose `where` fits. */
  candidates(scope: Scope, each: (at: number) => void): void {
    const bits = this.#candidates.fill(0xffffffff);
    for (const index of this.#keys) {
      const fitting = this.#fitting(index, scope[index.key]);
      for (let word = 0; word < bits.length; word++) bits[word] = (bits[word] ?? 0) & (fitting[word] ?? 0);
    }
    for (let word = 0; word < bits.length; word++) {
      for (let left = bits[word] ?? 0; left !== 0; left &= left - 1) {
        const at = word * 32 + (31 - Math.clz32(left & -left));
        if (at < this.rules.length) each(at);
      }
    }
  }

  #fitting({ key, remembered }: KeyIndex, value: string): Uint32Array {
    const known = remembered.get(value);
    if (known !== undefined) return known;
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    const bits = new Uint32Array(this.#words);
    for (const [at, rule] of this.rules.entries()) {
      const patterns = rule.where[key];
      const fits = patterns === undefined || patterns.some((pattern) => patternFits(pattern, value));
      if (fits) bits[at >> 5] = (bits[at >> 5] ?? 0) | (1 << (at & 31));
    }
    remembered.set(value, bits);
    return bits;
  }
}
