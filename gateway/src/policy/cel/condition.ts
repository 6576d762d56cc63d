/**
 * A rule's `when`: parsed, named, typed and bounded at load, then run as a pure function of the facts. Running it never
 * throws: it answers true, false, or what went wrong in words of the policy, never with a fact's value in them (I7).
 */

import type { Json, Values } from '@countersign/core';
import {
  type ASTNode,
  type TypeError as CelTypeError,
  type Environment,
  EvaluationError,
  ParseError,
} from '@marcbachmann/cel-js';
import { LIMITS } from '../limits.ts';
import { remember } from '../memo.ts';
import { costOf, LoopBudgetError, meterLoop, NotAListError, startMeter } from './budget.ts';
import { COMMON, checkingEnvironment, runningEnvironment } from './environment.ts';
import { type FactType, isObject } from './facts.ts';
import { type Fault, type Loop, type Read, readNames } from './reads.ts';

export type Context = { readonly [name: string]: unknown };
export type Condition = {
  readonly text: string;
  readonly reads: readonly Read[];
  /** It has a loop: whether it can be told then hangs on how much there is to go through. */
  readonly loops: boolean;
  /** True, false, or why it could not be told. */
  run(context: Context): boolean | string;
};

export type Compiled = {
  readonly condition?: Condition;
  readonly faults: readonly Fault[];
  readonly advice?: readonly Fault[];
};
type Input = { readonly text: string; readonly loosens: boolean; readonly facts: readonly FactType[] };

/** Compiles conditions over one binding's facts. Environments are costly to make and are kept per set of types. */
export class Compiler {
  readonly binding: string;
  readonly #running: Environment;
  readonly #checking = new Map<FactType, Environment>();

  constructor(binding: string) {
    this.binding = binding;
    this.#running = runningEnvironment(binding);
  }

  /** `facts` lists every type the facts may have: one for each tool a rule pins. The condition must hold up under all. */
  compile({ text, loosens, facts }: Input): Compiled {
    if (text.length > LIMITS.condition_chars_max) {
      const message = `the condition is longer than ${LIMITS.condition_chars_max} characters`;
      return { faults: [{ start: 0, end: text.length, message, fix: 'split the rule in several' }] };
    }
    try {
      const run = this.#running.parse(text);
      const loops: Loop[][] = [];
      const advice: Fault[] = [];
      for (const type of facts) {
        const roots = new Map([...COMMON, [this.binding, type]]);
        const reading = readNames(run.ast, { binding: this.binding, roots, loosens });
        if (reading.faults.length > 0) return { faults: reading.faults };
        const fault = this.#typeFault(text, type);
        if (fault !== undefined) return { faults: [fault] };
        if (loops.length === 0) advice.push(...reading.advice);
        loops.push([...reading.loops]);
      }
      return { faults: [], advice, condition: this.#condition(text, run, loops) };
    } catch (error) {
      if (error instanceof ParseError) return { faults: [parseFault(error, text)] };
      // The parser is recursive; its own depth limit comes before the stack's end, but only just.
      if (error instanceof RangeError)
        return {
          faults: [
            { start: 0, end: text.length, message: 'the condition is nested too deep', fix: 'split it' },
          ],
        };
      throw error;
    }
  }

  #typeFault(text: string, type: FactType): Fault | undefined {
    const environment = remember(this.#checking, type, () => checkingEnvironment(this.binding, type));
    const checked = environment.check(text);
    if (checked.valid && (checked.type === 'bool' || checked.type === 'dyn')) return undefined;
    if (checked.valid) {
      const fix = 'end in a comparison, or in a function that answers true or false';
      return {
        start: 0,
        end: text.length,
        message: `the condition is of type ${inWords(checked.type ?? '')}, not true or false`,
        fix,
      };
    }
    return checked.error === undefined ? undefined : typeFault(checked.error, text);
  }

  /** `typed`: the condition's loops as each type of the facts has them. */
  #condition(text: string, run: Runnable, typed: readonly (readonly Loop[])[]): Condition {
    // Types were checked under every schema; the reads are the same under each, so the loosest names them all.
    const roots = new Map<string, FactType>([
      ...COMMON,
      [this.binding, { kind: 'map', value: { kind: 'any' } }],
    ]);
    const { reads, loops } = readNames(run.ast, { binding: this.binding, roots, loosens: false });
    for (const [at, { node }] of loops.entries()) {
      meterLoop({ node, keyed: typed.every((each) => each[at]?.keyed === true) });
    }
    const looped = reads.filter((read) => read.looped);
    const begin = (context: Context): void => {
      startMeter(1 + turnCost(looped, context));
    };
    const ready = { text, run, begin: loops.length > 0 ? begin : undefined };
    return { text, reads, loops: loops.length > 0, run: (context) => attempt(ready, context) };
  }
}

const turnCost = (looped: readonly Read[], context: Context): number =>
  looped.reduce((cost, read) => cost + costOf(valueAt(context, read.steps), LIMITS.loop_turns_max), 0) >> 2;

type Runnable = ((context: Context) => unknown) & { readonly ast: ASTNode };

type Attempt = {
  readonly text: string;
  readonly begin: ((context: Context) => void) | undefined;
  readonly run: (context: Context) => unknown;
};

function attempt({ text, begin, run }: Attempt, context: Context): boolean | string {
  try {
    begin?.(context);
    const result = run(context);
    return typeof result === 'boolean' ? result : 'the condition is neither true nor false';
  } catch (error) {
    return why(error, text);
  }
}

const REASONS: { readonly [code: string]: string } = {
  no_such_key: 'there is no such fact',
  no_such_overload: 'the values have types that cannot be compared or combined',
  no_matching_overload: 'the function does not take values of these types',
  index_out_of_bounds: 'the list is shorter than that',
  invalid_logical_operand: 'a part is neither true nor false',
  optional_value_missing: 'there is no such fact',
  division_by_zero: 'division by zero',
  numeric_overflow: 'the number is too large',
};

/** Why a condition failed, quoting only the policy's own text. */
export function why(error: unknown, text: string): string {
  if (error instanceof LoopBudgetError || error instanceof NotAListError) return error.message;
  if (error instanceof RangeError) return 'a text is too long to search';
  if (!(error instanceof EvaluationError)) return 'the condition failed';
  const span = error.node ?? error.range;
  const reason = REASONS[error.code] ?? 'a value could not be used';
  return span === undefined ? reason : `${reason}: ${text.slice(span.start, span.end).slice(0, 200)}`;
}

export function parseFault(error: ParseError, text: string): Fault {
  const start = Math.min(error.range?.start ?? 0, Math.max(0, text.length - 1));
  const fix = parseFix(error.summary, text);
  return {
    start,
    end: Math.max(error.range?.end ?? start, start + 1),
    message: /EOF/.test(error.summary)
      ? 'the condition is cut off'
      : `not a CEL condition: ${lowerFirst(error.summary)}`,
    fix,
  };
}

function parseFix(summary: string, text: string): string {
  if (/exceed|limit|maximum/i.test(summary)) return 'split the rule in several';
  if (/EOF/.test(summary)) return 'finish it, or close what is open';
  if (/\b(and|or|not)\b/i.test(text)) return 'write && for and, || for or, ! for not';
  if (/[^=!<>]=[^=]/.test(text)) return 'write == to compare';
  return 'CEL knows && || ! == != < > in, lists in [ ], text in " "';
}

export function typeFault(error: ParseError | CelTypeError, text: string): Fault {
  const range = error.range ?? { start: 0, end: text.length };
  const start = error.node?.start ?? range.start;
  const at = { start, end: Math.max(range.end, start + 1) };
  const message = lowerFirst(inWords(error.summary));
  if (error.code === 'incompatible_argument_type' && /'double'.*'int'/.test(error.summary)) {
    return { ...at, message, fix: 'write the number with a fraction: 0.0' };
  }
  const fix = 'compare text with text and numbers with numbers: 5 is a number, "5" is text';
  return { ...at, message, fix };
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/no such overload: /g, 'no operator takes '],
  [/found no matching overload for /g, 'no function takes '],
  [/\bdouble\b/g, 'number'],
  [/\bint\b/g, 'whole number'],
  [/\bstring\b/g, 'text'],
  [/\bbool\b/g, 'true-or-false'],
  [/\bdyn\b/g, 'anything'],
  [/\$[\w$]+/g, 'object'],
];

/** CEL's type names as the policy reference calls them. */
const inWords = (text: string): string => WORDS.reduce((said, [from, to]) => said.replaceAll(from, to), text);

export function valueAt(context: Context, steps: readonly string[]): Json | undefined {
  let at: unknown = context;
  for (const step of steps) at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  return at as Json | undefined;
}

/** The facts a condition read, by path. What was absent is left out. */
export function valuesRead(reads: readonly Read[], context: Context): Values {
  const values: { [path: string]: Json } = {};
  for (const { path, steps } of reads) {
    const value = valueAt(context, steps);
    if (value !== undefined) values[path] = value;
  }
  return values;
}
