/**
 * A CEL expression that makes a value, out of the arguments of a call: parsed, named and typed when it is loaded, as a
 * rule's condition is, with the same functions and the same bounds. It decides nothing, and running it never throws.
 */
import type { Json, JsonObject } from '@countersign/core';
import { type ASTNode, Optional, ParseError } from '@marcbachmann/cel-js';
import { LIMITS } from '../limits.ts';
import { costOf, meterLoop, startMeter } from './budget.ts';
import { parseFault, typeFault, why } from './condition.ts';
import { checkingEnvironment, runningEnvironment } from './environment.ts';
import { ARGUMENTS, type FactType, factTypeOf } from './facts.ts';
import { type Fault, readNames } from './reads.ts';

/** `absent`: an optional that holds nothing, as `args.?head` where there is no `head`. */
export type Valued =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

export type Expression = {
  readonly text: string;
  /** CEL's name of what it makes, where that can be told: `string`, `double`, `dyn`. */
  readonly makes: string;
  run(args: JsonObject): Valued;
};

export type CompiledExpression =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly fault: Fault };

/** `schema`: the input schema the arguments fit; undefined when it is not known. @throws what is no fault of the text */
export function compileExpression(text: string, schema: Json | undefined): CompiledExpression {
  if (text.length > LIMITS.condition_chars_max)
    return no({ message: `it is longer than ${LIMITS.condition_chars_max} characters`, fix: 'shorten it' });
  try {
    const run = runningEnvironment(ARGUMENTS).parse(text);
    const type: FactType =
      schema === undefined ? { kind: 'map', value: { kind: 'any' } } : factTypeOf(schema);
    const roots = new Map([[ARGUMENTS, type]]);
    const { faults, loops } = readNames(run.ast, { binding: ARGUMENTS, roots, loosens: false });
    const [first] = faults;
    if (first !== undefined) return { ok: false, fault: first };
    const checked = checkingEnvironment(ARGUMENTS, type).check(text);
    if (!checked.valid)
      return checked.error === undefined
        ? no({ message: 'it does not hold together', fix: 'write it more simply' })
        : { ok: false, fault: typeFault(checked.error, text) };
    for (const { node, keyed } of loops) meterLoop({ node, keyed });
    const looped = loops.length > 0;
    return { ok: true, expression: expressionOf({ text, makes: checked.type ?? 'dyn', run, looped }) };
  } catch (error) {
    if (error instanceof ParseError) return { ok: false, fault: parseFault(error, text) };
    if (error instanceof RangeError)
      return no({ message: 'it is nested too deep', fix: 'write it more simply' });
    throw error;
  }
}

const no = (said: { readonly message: string; readonly fix: string }): CompiledExpression => ({
  ok: false,
  fault: { start: 0, end: 1, ...said },
});

type Parts = {
  readonly text: string;
  readonly makes: string;
  readonly run: ((context: Record<string, unknown>) => unknown) & { readonly ast: ASTNode };
  readonly looped: boolean;
};

const expressionOf = ({ text, makes, run, looped }: Parts): Expression => ({
  text,
  makes,
  run(args) {
    try {
      if (looped) startMeter(1 + (costOf(args, LIMITS.loop_turns_max) >> 2));
      return valuedOf(run({ [ARGUMENTS]: args }));
    } catch (error) {
      return { kind: 'failed', why: why(error, text) };
    }
  },
});

function valuedOf(made: unknown): Valued {
  if (made instanceof Optional) return made.hasValue() ? valuedOf(made.value()) : { kind: 'absent' };
  const value = jsonOf(made);
  return value === undefined
    ? { kind: 'failed', why: 'it makes something that is no argument' }
    : { kind: 'value', value };
}

/** Undefined for what JSON does not have. Whole numbers past 2^53 would be other numbers: refused. */
function jsonOf(made: unknown): Json | undefined {
  if (made === null || typeof made === 'string' || typeof made === 'boolean') return made;
  if (typeof made === 'number') return Number.isFinite(made) ? made : undefined;
  if (typeof made === 'bigint') return Number.isSafeInteger(Number(made)) ? Number(made) : undefined;
  if (Array.isArray(made)) {
    const items = made.map(jsonOf);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (typeof made !== 'object' || made === undefined) return undefined;
  if (Object.getPrototypeOf(made) !== Object.prototype && Object.getPrototypeOf(made) !== null)
    return undefined;
  const entries = Object.entries(made).map(([key, each]) => [key, jsonOf(each)] as const);
  return entries.every(([, each]) => each !== undefined)
    ? (Object.fromEntries(entries) as JsonObject)
    : undefined;
}
