/**
 * Reads `with`: what the gateway must also do when the action runs. Each obligation has a type, and a binding says which
 * it can carry out; any other fails at load rather than at the first call (P9).
 */
import type { JsonObject, Obligation } from '@countersign/core';
import { likelySpelling } from '../../config/spelling.ts';
import { LIMITS } from '../limits.ts';
import type { BindingSchema } from '../policy.ts';
import { type Cursor, complain, readEntries, readTexts, readWhole } from '../yaml/cursor.ts';

type Reader = (at: Cursor, maskKinds: readonly string[]) => JsonObject | undefined;

/** Every obligation this version knows, and the shape of its value. */
const OBLIGATIONS: { readonly [type: string]: Reader } = {
  mask: (at, maskKinds) => {
    const kinds = readTexts(at, 'mask', { entries_max: 20, chars_max: 40 });
    const wrong = kinds?.find(([kind]) => !maskKinds.includes(kind));
    if (kinds === undefined) return undefined;
    if (wrong === undefined) return { kinds: [...new Set(kinds.map(([kind]) => kind))].sort() };
    const likely = likelySpelling(wrong[0], maskKinds);
    return complain(wrong[1], {
      message: `mask cannot find "${wrong[0]}"`,
      likely,
      fix: `it can find: ${maskKinds.join(', ')}`,
    });
  },
  limit_rows: (at) => {
    const rows = readWhole(at, 'limit_rows', { min: 1, max: 1_000_000 });
    return rows === undefined ? undefined : { rows };
  },
};

export type ObligationsOf = {
  readonly rule: string;
  readonly binding: BindingSchema;
  readonly maskKinds: readonly string[];
};

export function readObligations(
  at: Cursor,
  { rule, binding, maskKinds }: ObligationsOf,
): readonly Obligation[] | undefined {
  const entries = readEntries(at, 'with');
  if (entries === undefined) return undefined;
  const able = binding.obligations.filter((type) => type in OBLIGATIONS);
  const read = entries
    .slice(0, LIMITS.approve_entries_max)
    .map(([type, value, keySpan]): Obligation | undefined => {
      const reader = able.includes(type) ? OBLIGATIONS[type] : undefined;
      if (reader === undefined) {
        const likely = likelySpelling(type, able);
        const fix = `${binding.name} can carry out: ${able.join(', ') || 'nothing'}`;
        return complain(
          value,
          { message: `${binding.name} cannot carry out "${type}"`, likely, fix },
          keySpan,
        );
      }
      const properties = reader(value, maskKinds);
      return properties === undefined ? undefined : { id: `${rule}/${type}`, type, properties };
    });
  return read.every((each) => each !== undefined) ? read : undefined;
}
