/** Reads one rule. Every key is checked even after the first fault, so that one load shows everything there is to mend. */
import type { Effect, JsonObject } from '@countersign/core';
import { RISKS } from '@countersign/core';
import { isMap } from 'yaml';
import { likelySpelling } from '../../config/spelling.ts';
import type { Condition } from '../cel/condition.ts';
import { LIMITS } from '../limits.ts';
import type { BindingSchema } from '../policy.ts';
import type { PolicyProblem } from '../problems/problem.ts';
import { spanInside } from '../yaml/alignment.ts';
import {
  type Cursor,
  complain,
  type Fields,
  readChoice,
  readMap,
  readText,
  readTrue,
} from '../yaml/cursor.ts';
import { advise, advised } from './advice.ts';
import type { Bindings } from './bindings.ts';
import { readObligations } from './obligations.ts';
import type { LoadOptions } from './options.ts';
import { REVIEW_KEYS, readRequirement } from './review.ts';
import type { Rule, Where } from './rule.ts';
import { readWhere } from './where.ts';

export const RULE_KEYS = [
  'id',
  'about',
  'on',
  'where',
  'when',
  'then',
  ...REVIEW_KEYS,
  'with',
  'risk',
  'enforce',
  'opaque',
  'ask_reason',
];
export const EFFECTS: readonly Effect[] = ['allow', 'require', 'deny'];
const ID = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;

export type Reader = { readonly options: LoadOptions; readonly bindings: Bindings };

export function readRule(item: Cursor, { options, bindings }: Reader): Rule | undefined {
  const id = peekId(item);
  const at: Cursor = { ...item, rule: id === '' ? undefined : id, key: undefined };
  const fields = readMap(at, 'a rule', RULE_KEYS);
  if (fields === undefined) return undefined;
  const before = at.source.problems.length;
  checkId(fields['id'], at);
  const effect = required(fields, at, 'then');
  const then = effect && readChoice(effect, 'then', EFFECTS);
  const on = required(fields, at, 'on');
  const binding = on && readBinding(on, bindings);
  const where = fields['where'] === undefined ? {} : (readWhere(fields['where'], options.known ?? {}) ?? {});
  const about =
    fields['about'] === undefined ? undefined : readText(fields['about'], 'about', LIMITS.about_chars_max);
  const risk = fields['risk'] === undefined ? undefined : readChoice(fields['risk'], 'risk', RISKS);
  const dry_run =
    fields['enforce'] === undefined ? undefined : readChoice(fields['enforce'], 'enforce', ['dry-run']);
  const opaque = fields['opaque'] === undefined ? undefined : readTrue(fields['opaque'], 'opaque');
  const ask_reason =
    fields['ask_reason'] === undefined ? undefined : readTrue(fields['ask_reason'], 'ask_reason');
  if (then === undefined || binding === undefined) return undefined;
  checkFits(fields, then);
  const advice: PolicyProblem[] = [];
  const condition = readWhen(fields['when'], { binding, then, where, bindings, advice });
  const requirement = then === 'require' ? readRequirement(fields, at, options) : undefined;
  const obligations = readWith(fields['with'], {
    rule: id,
    binding,
    maskKinds: options.maskKinds ?? ['pii'],
  });
  if (fields['grant'] !== undefined && binding.name !== 'mcp')
    complain(fields['grant'], {
      message: `a grant covers calls of an accepted tool, and on: ${binding.name} has none`,
      fix: 'leave grant out, or raise uses',
    });
  if (fields['break_glass'] !== undefined && binding.name === 'countersign')
    complain(fields['break_glass'], {
      message: 'what decides is not changed in an emergency: no glass is broken for it',
      fix: 'leave break_glass out',
    });
  if (at.source.problems.length > before) return undefined;
  advise(advised(at, advice), { then, fields, requirement, known: options.known ?? {} });
  return {
    id,
    about: about ?? '',
    file: at.source.file,
    line: at.source.lines.linePos(at.span.start).line,
    on: binding.name,
    where,
    ...(condition === undefined ? {} : { condition }),
    then,
    ...(risk === undefined ? {} : { risk }),
    opaque: opaque === true,
    dry_run: dry_run !== undefined,
    ask_reason: ask_reason === true,
    ...(requirement === undefined ? {} : { requirement }),
    obligations,
    advice,
    written: isMap(at.node) ? (at.node.toJSON() as JsonObject) : {},
  };
}

function peekId(item: Cursor): string {
  const id = isMap(item.node) ? item.node.get('id') : undefined;
  return typeof id === 'string' ? id : '';
}

function checkId(field: Cursor | undefined, at: Cursor): void {
  if (field === undefined) {
    complain(at, { message: 'id is missing', fix: 'give every rule an id, as in id: no-prod-deletes' });
    return;
  }
  const id = readText(field, 'id', LIMITS.id_chars_max);
  if (id !== undefined && !ID.test(id)) {
    complain(field, {
      message: 'an id is letters, digits, dots, dashes and underscores',
      fix: 'write it like no-prod-deletes',
    });
  }
}

function required(fields: Fields, at: Cursor, key: 'then' | 'on'): Cursor | undefined {
  const fix = key === 'on' ? 'name the binding, as in on: mcp' : 'write then: allow, require or deny';
  return fields[key] ?? complain({ ...at, key }, { message: `${key} is missing`, fix });
}

function readBinding(at: Cursor, bindings: Bindings): BindingSchema | undefined {
  const name = readText(at, 'on', LIMITS.id_chars_max);
  if (name === undefined) return undefined;
  const found = bindings.schema(name);
  if (found !== undefined) return found;
  const fix = `this version has: ${bindings.names.join(', ')}`;
  return complain(at, {
    message: `there is no binding "${name}"`,
    likely: likelySpelling(name, bindings.names),
    fix,
  });
}

/** Keys that mean something only under some effects. Elsewhere they would be read and do nothing. */
export const ONLY_WITH: readonly (readonly [key: string, effects: readonly Effect[], why: string])[] = [
  ...REVIEW_KEYS.map((key) => [key, ['require'], 'only a require rule asks people'] as const),
  ['ask_reason', ['require'], 'only a require rule asks people'],
  ['opaque', ['allow'], 'only an allow rule is held back by facts that are not exact'],
  ['with', ['allow', 'require'], 'a denied action runs nothing, so there is nothing to do with it'],
];

function checkFits(fields: Fields, then: Effect): void {
  for (const [key, effects, why] of ONLY_WITH) {
    const field = fields[key];
    if (field === undefined || effects.includes(then)) continue;
    complain(field, {
      message: `${key} does not go with then: ${then}: ${why}`,
      fix: `remove ${key}, or write then: ${effects.join(' or ')}`,
    });
  }
}

type When = {
  readonly binding: BindingSchema;
  readonly then: Effect;
  readonly where: Where;
  readonly bindings: Bindings;
  readonly advice: PolicyProblem[];
};

function readWhen(
  at: Cursor | undefined,
  { binding, then, where, bindings, advice }: When,
): Condition | undefined {
  const text = at === undefined ? undefined : readText(at, 'when', Number.POSITIVE_INFINITY);
  if (at === undefined || text === undefined) return undefined;
  const {
    condition,
    faults,
    advice: lures,
  } = bindings.compile(binding.name, { text, loosens: then === 'allow', where });
  for (const fault of faults) complain(at, fault, spanInside(at, text, fault));
  for (const each of lures ?? []) complain(advised(at, advice), each, spanInside(at, text, each));
  return condition;
}

function readWith(at: Cursor | undefined, of: Parameters<typeof readObligations>[1]): Rule['obligations'] {
  return at === undefined ? [] : (readObligations(at, of) ?? []);
}
