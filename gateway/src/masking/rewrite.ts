// Carries verdicts out: a copy of the JSON value with marks in place of what must not leave. Untouched parts are shared
// with the original.
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  keyPointer,
  member,
  pointerTo,
} from '@countersign/core';
import type { Finding } from './detector.ts';
import { FINDINGS_MAX, type MarkOptions, markOf, putMarks } from './marks.ts';
import type { Verdict, Verdicts } from './verdicts.ts';

/** `pointer` names the place in the redacted value, so it holds no secret either. */
export type JsonFinding = Finding & { readonly pointer: string };

export type RedactedJson = {
  readonly value: Json;
  readonly changed: boolean;
  /** The first FINDINGS_MAX. */
  readonly findings: readonly JsonFinding[];
};

export function applyVerdicts(value: Json, verdicts: Verdicts, options: MarkOptions): RedactedJson {
  if (verdicts.size === 0) return { value, changed: false, findings: [] };
  const rewrite: Rewrite = { verdicts, options, findings: [] };
  return {
    value: rewritten(rewrite, value, { raw: '', shown: '' }),
    changed: true,
    findings: rewrite.findings,
  };
}

type Rewrite = {
  readonly verdicts: Verdicts;
  readonly options: MarkOptions;
  readonly findings: JsonFinding[];
};
/** The same place in the original and in the redacted value, whose keys may differ. */
type Place = { readonly raw: string; readonly shown: string };

function rewritten(rewrite: Rewrite, value: Json, place: Place): Json {
  const verdict = rewrite.verdicts.get(place.raw);
  if (verdict !== undefined)
    return carriedOut(rewrite, { verdict, text: textOf(value), pointer: place.shown });
  if (typeof value !== 'object' || value === null) return value;
  if (isJsonObject(value)) return rewrittenMembers(rewrite, value, place);
  if (!isJsonArray(value)) return value;
  let changed = false;
  const items = value.map((item, index) => {
    const next = rewritten(rewrite, item, {
      raw: pointerTo(place.raw, String(index)),
      shown: pointerTo(place.shown, String(index)),
    });
    changed ||= next !== item;
    return next;
  });
  return changed ? items : value;
}

function rewrittenMembers(rewrite: Rewrite, object: JsonObject, place: Place): Json {
  let changed = false;
  const entries = new Map<string, Json>();
  for (const key of Object.keys(object)) {
    const raw = pointerTo(place.raw, key);
    const shownKey = free(entries, rewrittenKey(rewrite, key, { raw, shown: place.shown }));
    const before = member(object, key) ?? null;
    const after = rewritten(rewrite, before, { raw, shown: pointerTo(place.shown, shownKey) });
    changed ||= after !== before || shownKey !== key;
    entries.set(shownKey, after);
  }
  return changed ? Object.fromEntries(entries) : object;
}

function rewrittenKey(rewrite: Rewrite, key: string, { raw, shown }: Place): string {
  const verdict = rewrite.verdicts.get(keyPointer(raw));
  return verdict === undefined ? key : carriedOut(rewrite, { verdict, text: key, pointer: shown });
}

/** Two masked keys must not fall together: the second would drop the first. */
function free(entries: ReadonlyMap<string, Json>, key: string): string {
  let candidate = key;
  for (let count = 2; entries.has(candidate); count += 1) candidate = `${key} ${count}`;
  return candidate;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function carriedOut(
  rewrite: Rewrite,
  { verdict, text, pointer }: { verdict: Verdict; text: string; pointer: string },
): string {
  const { options, findings } = rewrite;
  if (verdict.state === 'ranges') {
    const marked = putMarks(text, verdict.hits, options);
    for (const finding of marked.findings)
      if (findings.length < FINDINGS_MAX) findings.push({ ...finding, pointer });
    return marked.text;
  }
  const { kind, label } = verdict;
  const chars = options.lengths === true ? text.length : undefined;
  if (findings.length < FINDINGS_MAX)
    findings.push({ kind, label, offset: 0, pointer, ...(chars === undefined ? {} : { chars }) });
  return markOf(label, chars);
}
