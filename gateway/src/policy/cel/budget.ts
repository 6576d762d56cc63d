/**
 * Bounds what loops may cost, and what they may run over. CEL always ends, but a loop in a loop over a caller's own lists
 * can take minutes; the library has no meter, so one is put on each loop's continue-condition, which it calls before
 * every turn.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { LIMITS } from '../limits.ts';
import type { Loop } from './reads.ts';

export class LoopBudgetError extends Error {
  override readonly name = 'LoopBudgetError';
}

export class NotAListError extends Error {
  override readonly name = 'NotAListError';
  constructor() {
    super('a loop needs a list');
  }
}

/** One condition runs at a time (evaluation is synchronous), so one meter serves all. */
const meter = { left: 0, turn: 1 };

export function startMeter(turn: number): void {
  meter.left = LIMITS.loop_turns_max;
  meter.turn = turn;
}

function spend(): void {
  meter.left -= meter.turn;
  if (meter.left < 0) throw new LoopBudgetError('the loops of this condition take too long on these facts');
}

type Range = {
  readonly maybeAsync?: boolean;
  check(checker: Checker, node: unknown, context: unknown): unknown;
  evaluate(evaluator: unknown, node: unknown, context: unknown): unknown;
};
type Checker = { check(node: unknown, context: unknown): unknown };
type Comprehension = { condition?: (accumulated: unknown) => boolean; iterable: Range; step: unknown };

/** @throws TypeError when the library no longer builds loops the way this relies on; then nothing may load */
export function meterLoop({ node, keyed }: Loop): void {
  const args = comprehensionOf(node);
  const original = args.condition;
  args.condition = (accumulated) => {
    spend();
    return original === undefined || original(accumulated);
  };
  if (!keyed) args.iterable = listsOnly(args.iterable);
}

/** A loop over an object where a list was meant would look at its keys, and miss what it holds. */
function listsOnly(range: Range): Range {
  return {
    maybeAsync: range.maybeAsync === true,
    check: (checker, _node, context) => checker.check(range, context),
    evaluate: (evaluator, _node, context) => {
      const value = range.evaluate(evaluator, range, context);
      if (!Array.isArray(value)) throw new NotAListError();
      return value;
    },
  };
}

function comprehensionOf(loop: ASTNode): Comprehension {
  const { meta } = loop as unknown as { meta?: { alternate?: { op?: string; args?: Comprehension } } };
  const { op, args } = meta?.alternate ?? {};
  if (op !== 'comprehension' || typeof args?.iterable?.evaluate !== 'function' || args.step === undefined) {
    throw new TypeError('the CEL library builds loops in a way this version does not know');
  }
  return args;
}

/** A rough cost of going through a value once: a unit for every element and every sixteen characters, up to `most`. */
export function costOf(value: unknown, most: number): number {
  if (typeof value === 'string') return Math.min(most, 1 + (value.length >> 4));
  if (typeof value !== 'object' || value === null) return 1;
  let cost = 1;
  for (const each of Array.isArray(value) ? value : Object.values(value)) {
    cost += costOf(each, most - cost);
    if (cost >= most) return most;
  }
  return cost;
}
