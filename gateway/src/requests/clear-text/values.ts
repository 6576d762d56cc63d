/**
 * The values rules looked at come from the action. They are kept apart from the explanation, as a payload of the
 * request, so that erasing it leaves the rules that decided and nothing they read.
 */
import {
  type Explanation,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  type RuleHit,
} from '@countersign/core';

const LISTS = ['deciding', 'outranked', 'would_have'] as const;

/** In the order of the hits, list by list. */
export const valuesOf = (explanation: Explanation): Json =>
  LISTS.flatMap((list) => explanation[list].map((hit) => hit.values as JsonObject));

const map = (explanation: Explanation, change: (hit: RuleHit) => RuleHit): Explanation => ({
  policy: explanation.policy,
  deciding: explanation.deciding.map(change),
  outranked: explanation.outranked.map(change),
  would_have: explanation.would_have.map(change),
});

export const withoutValues = (explanation: Explanation): Explanation =>
  map(explanation, (hit) => ({ ...hit, values: {} }));

/** Undefined `kept`: erased, or of a request opened before values were kept apart, whose explanation still has them. */
export function withValues(explanation: Explanation, kept: string | undefined): Explanation {
  if (kept === undefined) return explanation;
  const values = parseJson(kept);
  let at = 0;
  return map(explanation, (hit) => {
    const found = Array.isArray(values) ? values[at] : undefined;
    at += 1;
    return isJsonObject(found) ? { ...hit, values: found } : hit;
  });
}
