/** The answer a test wants, and how an answer falls short of it. Only what the test names is compared. */
import {
  type BreakGlass,
  type By,
  type Decision,
  type DenyReason,
  type Effect,
  type GrantTerms,
  type JsonObject,
  RISKS,
  type Risk,
  type Seat,
  type Stage,
} from '@countersign/core';
import { isScalar, isSeq, type Node } from 'yaml';
import { formatDuration } from '../../config/duration.ts';
import { LIMITS } from '../limits.ts';
import { readGlassTerms } from '../rules/break-glass.ts';
import { readDecidedBy } from '../rules/by.ts';
import { readApprove } from '../rules/review.ts';
import { type Cursor, complain, readChoice, readMap, readTexts, readWhole } from '../yaml/cursor.ts';
import { readDuration } from '../yaml/duration.ts';

export type Want = {
  readonly effect: Effect;
  readonly reason?: DenyReason | undefined;
  readonly rules?: readonly string[] | undefined;
  readonly outranked?: readonly string[] | undefined;
  readonly would_have?: readonly string[] | undefined;
  readonly risk?: Risk | undefined;
  readonly seats?: readonly Seat[] | undefined;
  readonly choices?: readonly (readonly (readonly Seat[])[])[] | undefined;
  readonly next?: Later | undefined;
  readonly exclude?: readonly By[] | undefined;
  readonly within_ms?: number | undefined;
  readonly valid_ms?: number | undefined;
  readonly uses?: number | undefined;
  readonly grant?: JsonObject | undefined;
  readonly break_glass?: BreakGlass | 'none' | undefined;
  readonly obligations?: JsonObject | undefined;
};

const EFFECTS: readonly Effect[] = ['allow', 'require', 'deny'];
const REASONS: readonly DenyReason[] = ['rule', 'nothing_matched', 'not_exact'];
export const WANT_KEYS = [
  'effect',
  'reason',
  'rules',
  'outranked',
  'would_have',
  'risk',
  'approve',
  'exclude',
  'within',
  'valid',
  'uses',
  'grant',
  'break_glass',
  'with',
];

export function readWant(at: Cursor): Want | undefined {
  const fields = readMap(at, 'want', WANT_KEYS);
  if (fields === undefined) return undefined;
  if (fields['effect'] === undefined)
    return complain(at, { message: 'effect is missing', fix: 'write effect: allow, require or deny' });
  const effect = readChoice(fields['effect'], 'effect', EFFECTS);
  if (effect === undefined) return undefined;
  const given = <T>(key: string, read: (field: Cursor) => T): T | undefined => {
    const field = fields[key];
    return field === undefined ? undefined : read(field);
  };
  const asked = given('approve', (field) =>
    readApprove(field, {
      rule: 'want',
      options: { bindings: [], proofs: ['session', 'recent', 'passkey'] },
      readBy: readDecidedBy,
    }),
  );
  return {
    effect,
    reason: given('reason', (field) => readChoice(field, 'reason', REASONS)),
    rules: given('rules', readIds),
    outranked: given('outranked', readIds),
    would_have: given('would_have', readIds),
    risk: given('risk', (field) => readChoice(field, 'risk', RISKS)),
    seats: asked?.seats,
    choices: asked?.choices.map((choice) => choice.anyOf),
    next: asked === undefined ? undefined : laterOf(asked.next),
    exclude: given('exclude', readExclude),
    within_ms: given('within', (field) => readDuration(field, 'within', LIMITS.within_ms)),
    valid_ms: given('valid', (field) => readDuration(field, 'valid', LIMITS.valid_ms)),
    uses: given('uses', (field) => readWhole(field, 'uses', { min: 1, max: LIMITS.uses_max })),
    grant: given('grant', (field) => (field.node as Node).toJSON() as JsonObject),
    break_glass: given('break_glass', readGlass),
    obligations: given('with', (field) => (field.node as Node).toJSON() as JsonObject),
  };
}

/** `none`: that it is not offered is worth a test of its own. */
const readGlass = (at: Cursor): Want['break_glass'] =>
  isScalar(at.node) && at.node.value === 'none' ? 'none' : readGlassTerms(at, readDecidedBy);

const TEXTS = { entries_max: 100, chars_max: LIMITS.id_chars_max };
/** Rule ids; none is an answer too. */
function readIds(at: Cursor): readonly string[] | undefined {
  if (isSeq(at.node) && at.node.items.length === 0) return [];
  return readTexts(at, at.key ?? 'rules', TEXTS)
    ?.map(([id]) => id)
    .sort();
}

function readExclude(at: Cursor): readonly By[] | undefined {
  const read = readTexts(at, 'exclude', TEXTS)?.map(([text, place]) => readDecidedBy(text, place));
  return read?.filter((by) => by !== undefined).sort();
}

/** Each way a decision differs from what was wanted, in words. */
export function shortfalls(want: Want, got: Decision): readonly string[] {
  const { deciding, outranked, would_have } = got.explanation;
  const ids = (hits: typeof deciding): readonly string[] => hits.map((hit) => hit.rule).sort();
  const requirement = got.effect === 'require' ? got.requirement : undefined;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['effect', want.effect, got.effect],
    ['reason', want.reason, got.effect === 'deny' ? got.reason : undefined],
    ['rules', want.rules, ids(deciding)],
    ['outranked', want.outranked, ids(outranked)],
    ['would_have', want.would_have, ids(would_have)],
    ['risk', want.risk, got.risk],
    ['approve', want.seats, requirement?.seats],
    ['approve anyOf', want.choices, requirement?.choices.map((choice) => choice.anyOf)],
    ['approve, later stages', want.next, requirement === undefined ? undefined : laterOf(requirement.next)],
    ['exclude', want.exclude, requirement?.exclude],
    ['within', duration(want.within_ms), duration(requirement?.within_ms)],
    ['valid', duration(want.valid_ms), duration(requirement?.valid_ms)],
    ['uses', want.uses, requirement?.uses],
    ['grant', want.grant, grantOf(requirement?.grant)],
    ['break_glass', want.break_glass, requirement?.break_glass ?? 'none'],
    ['with', want.obligations, obligationsOf(got)],
  ];
  return pairs.flatMap(([name, wanted, found]) => {
    if (wanted === undefined || same(wanted, found)) return [];
    return [`wanted ${name} ${shown(wanted)}, got ${shown(found)}`];
  });
}

const grantOf = (grant: GrantTerms | undefined): JsonObject | undefined =>
  grant === undefined ? undefined : { for: formatDuration(grant.lasts_ms), uses: grant.uses };

type Later = readonly {
  readonly seats: readonly Seat[];
  readonly anyOf: readonly (readonly (readonly Seat[])[])[];
}[];

/** Stages after the first, without the names of the rules that asked for them. */
const laterOf = (next: readonly Stage[] = []): Later =>
  next.map(({ seats, choices }) => ({ seats, anyOf: choices.map((choice) => choice.anyOf) }));

const duration = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : formatDuration(ms);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const shown = (value: unknown): string =>
  value === undefined ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** Obligations in the shape rules write them, those of one type together. */
function obligationsOf(got: Decision): JsonObject {
  const found: { [type: string]: JsonObject[string] } = {};
  for (const { type, properties } of got.obligations) {
    const [value] = Object.values(properties);
    const before = found[type];
    if (Array.isArray(value))
      found[type] = [...new Set([...(Array.isArray(before) ? before : []), ...value])].sort();
    else if (typeof value === 'number')
      found[type] = typeof before === 'number' ? Math.min(before, value) : value;
  }
  return found;
}
