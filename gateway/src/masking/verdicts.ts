// Judges a JSON value: which strings, numbers and keys must not leave, whole or in part. It changes nothing; redacting
// for a caller and redacting for a reviewer's view both start from the same verdicts, so they cannot disagree.
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  keyPointer,
  member,
  pointerTo,
} from '@countersign/core';
import type { Hit, MaskKind } from './detector.ts';
import { isVersion, type Label, labelOf } from './labels.ts';
import { FAILED_LABEL, isMark, TOO_DEEP_LABEL } from './marks.ts';

/**
 * `whole`: nothing of the value may be shown. `content` says that only its name gave it away while it reads like text of
 * some length: hiding all of it from a reviewer could hide what the action does (I6).
 */
export type Verdict =
  | {
      readonly state: 'whole';
      readonly kind: MaskKind | 'failure';
      readonly label: string;
      readonly chars: number;
      readonly content: boolean;
    }
  | { readonly state: 'ranges'; readonly hits: readonly Hit[] };

/** By JSON Pointer; for keys by `keyPointer`. Raw: never show the pointers themselves. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/** Merged hits, or undefined when a detector failed. */
export type FindText = (text: string, kinds: readonly MaskKind[]) => readonly Hit[] | undefined;

export type JudgeOptions = { readonly find: FindText; readonly kinds: readonly MaskKind[] };

export const JSON_DEPTH_MAX = 128;
/** What a password or a token looks like; anything else under such a name is content. */
const VALUE_LIKE = /^\S{1,512}$/;
/** No secret is shorter. */
const KEY_CHARS_MIN = 4;
/** Shorter numbers are counts, prices, years. */
const NUMBER_CHARS_MIN = 7;

/** Pairs such as {"name": "DB_PASSWORD", "value": "…"}: the text under the first names what is under the second. */
const PAIR_NAMES = ['name', 'key', 'header', 'field', 'variable', 'Name', 'Key'];
const PAIR_VALUES = ['value', 'Value', 'val', 'stringValue', 'string_value'];
const SCHEMA_TYPES = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
/** In a description of a value (JSON Schema, Terraform output), only these hold values. */
const SCHEMA_VALUES = new Set(['value', 'default', 'example', 'examples', 'const', 'enum']);

export function judgeJson(value: Json, options: JudgeOptions): Verdicts {
  const walk: Walk = { ...options, path: [], verdicts: new Map(), keys: new Map() };
  judge(walk, value, undefined);
  return walk.verdicts;
}

type Walk = JudgeOptions & {
  readonly path: string[];
  readonly verdicts: Map<string, Verdict>;
  /** Keys repeat from object to object: what each gives away, told once. */
  readonly keys: Map<string, Verdict | undefined>;
};

function judge(walk: Walk, value: Json, named: Label | undefined): void {
  if (typeof value === 'string') judgeText(walk, value, named);
  else if (typeof value === 'number') judgeNumber(walk, value, named);
  else if (typeof value === 'boolean' || value === null) return;
  else if (walk.path.length >= JSON_DEPTH_MAX) record(walk, failure(TOO_DEEP_LABEL, 0));
  else if (isJsonArray(value)) judgeItems(walk, value, named);
  else if (isJsonObject(value)) judgeMembers(walk, value, named);
}

function failure(label: string, chars: number): Verdict {
  return { state: 'whole', kind: 'failure', label, chars, content: false };
}

function record(walk: Walk, verdict: Verdict): void {
  walk.verdicts.set(walk.path.reduce(pointerTo, ''), verdict);
}

function judgeText(walk: Walk, text: string, named: Label | undefined): void {
  if (text === '') return;
  const verdict = judged(walk, text);
  if (verdict?.state === 'whole' || named === undefined || isMark(text) || isVersion(text)) {
    if (verdict !== undefined) record(walk, verdict);
    return;
  }
  const { kind, label } = named;
  record(walk, { state: 'whole', kind, label, chars: text.length, content: !VALUE_LIKE.test(text) });
}

/** What the text itself gives away. A hit that covers all of it makes it whole. */
function judged(walk: Walk, text: string): Verdict | undefined {
  const hits = walk.find(text, walk.kinds);
  if (hits === undefined) return failure(FAILED_LABEL, text.length);
  const [first] = hits;
  if (first === undefined) return undefined;
  if (first.start > 0 || first.end < text.length) return { state: 'ranges', hits };
  return { state: 'whole', kind: first.kind, label: first.label, chars: text.length, content: false };
}

function judgeNumber(walk: Walk, value: number, named: Label | undefined): void {
  const text = String(value);
  const chars = text.length;
  if (named !== undefined && named.text_only !== true) {
    record(walk, { state: 'whole', kind: named.kind, label: named.label, chars, content: false });
  } else if (chars >= NUMBER_CHARS_MIN) {
    const verdict = judged(walk, text);
    const [hit] = verdict?.state === 'ranges' ? verdict.hits : [];
    // A number cannot be masked in part.
    if (hit !== undefined)
      record(walk, { state: 'whole', kind: hit.kind, label: hit.label, chars, content: false });
    else if (verdict !== undefined) record(walk, verdict);
  }
}

function judgeItems(walk: Walk, items: JsonArray, named: Label | undefined): void {
  for (const [index, item] of items.entries()) {
    walk.path.push(String(index));
    judge(walk, item, named);
    walk.path.pop();
  }
}

function judgeMembers(walk: Walk, object: JsonObject, inherited: Label | undefined): void {
  const keys = Object.keys(object);
  const paired = pairedLabel(object);
  const described = inherited !== undefined && describesValue(object);
  const person = walk.kinds.includes('pii') && keys.some((key) => isStrongPersonal(labelOf(key)));
  for (const key of keys) {
    walk.path.push(key);
    judgeKey(walk, key);
    const own = labelOf(key);
    const pair = PAIR_VALUES.includes(key) ? paired : undefined;
    const passed = described && !SCHEMA_VALUES.has(key) ? undefined : inherited;
    judge(
      walk,
      member(object, key) ?? null,
      [own, pair, passed].find((label) => counts(walk, label, person)),
    );
    walk.path.pop();
  }
}

function counts(walk: Walk, label: Label | undefined, person: boolean): boolean {
  return label !== undefined && walk.kinds.includes(label.kind) && (label.weak !== true || person);
}

function isStrongPersonal(label: Label | undefined): boolean {
  return label?.kind === 'pii' && label.weak !== true;
}

function pairedLabel(object: JsonObject): Label | undefined {
  for (const key of PAIR_NAMES) {
    const name = member(object, key);
    const label = typeof name === 'string' ? labelOf(name) : undefined;
    if (label !== undefined) return label;
  }
  return undefined;
}

function describesValue(object: JsonObject): boolean {
  return SCHEMA_TYPES.has(member(object, 'type')) || typeof member(object, '$ref') === 'string';
}

function judgeKey(walk: Walk, key: string): void {
  if (key.length < KEY_CHARS_MIN) return;
  if (!walk.keys.has(key)) walk.keys.set(key, judged(walk, key));
  const verdict = walk.keys.get(key);
  if (verdict !== undefined) walk.verdicts.set(keyPointer(walk.path.reduce(pointerTo, '')), verdict);
}
