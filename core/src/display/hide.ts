// The value as it may leave for a reviewer's screen: hidden parts are gone from it, not merely marked, and the
// redactions say where they were. Pointers are those of the value returned, so no pointer holds a hidden key (I7).
import { isJsonArray, isJsonObject, type Json, type JsonObject, member } from '../json/value.ts';
import type { Redactions } from './lines.ts';
import { keyPointer, pointerTo } from './pointer.ts';
import type { Redaction } from './redaction.ts';

/** Stands for each hidden UTF-16 unit, so that ranges stay true. */
const BLANK = '█';

export type Hidden = { readonly value: Json; readonly redactions: Redactions };

/** Whole values become null, ranges blocks of the same length. Rendering the result shows what rendering `value` would. */
export function hideRedacted(value: Json, redactions: Redactions): Hidden {
  if (redactions.size === 0) return { value, redactions };
  const shown = new Map<string, readonly Redaction[]>();
  const hiding: Hiding = { redactions, shown };
  return { value: hidden(hiding, value, { raw: '', shown: '' }), redactions: shown };
}

type Hiding = { readonly redactions: Redactions; readonly shown: Map<string, readonly Redaction[]> };
/** The same place in the value given and in the one returned. */
type Place = { readonly raw: string; readonly shown: string };

function hidden(hiding: Hiding, value: Json, place: Place): Json {
  const here = moved(hiding, place.raw, place.shown);
  if (here.some(({ range }) => range === undefined)) return null;
  if (typeof value === 'string') return blanked(value, here);
  if (isJsonArray(value))
    return value.map((item, index) => hidden(hiding, item, below(place, String(index))));
  return isJsonObject(value) ? hiddenMembers(hiding, value, place) : value;
}

function hiddenMembers(hiding: Hiding, object: JsonObject, place: Place): Json {
  const entries = new Map<string, Json>();
  for (const key of Object.keys(object)) {
    const raw = pointerTo(place.raw, key);
    const name = free(entries, blanked(key, hiding.redactions.get(keyPointer(raw)) ?? []));
    const shown = pointerTo(place.shown, name);
    moved(hiding, keyPointer(raw), keyPointer(shown));
    entries.set(name, hidden(hiding, member(object, key) ?? null, { raw, shown }));
  }
  return Object.fromEntries(entries);
}

function below(place: Place, key: string): Place {
  return { raw: pointerTo(place.raw, key), shown: pointerTo(place.shown, key) };
}

function moved(hiding: Hiding, raw: string, shown: string): readonly Redaction[] {
  const here = hiding.redactions.get(raw) ?? [];
  if (here.length > 0) hiding.shown.set(shown, here);
  return here;
}

/** In one pass: a long text may have as many hidden parts as it has words. */
function blanked(text: string, redactions: readonly Redaction[]): string {
  if (redactions.length === 0) return text;
  const whole = { start: 0, end: text.length };
  const ranges = redactions.map(({ range }) => range ?? whole).sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    const from = Math.max(at, start);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    parts.push(text.slice(at, from), BLANK.repeat(to - from));
    at = to;
  }
  return parts.join('') + text.slice(at);
}

/** Two hidden keys must not fall together, or an entry would vanish from the view. */
function free(entries: ReadonlyMap<string, Json>, key: string): string {
  let candidate = key;
  for (let count = 2; entries.has(candidate); count += 1) candidate = `${key} ${count}`;
  return candidate;
}
