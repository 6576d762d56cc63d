/** Which arguments of two calls of one shape differ, as text to be shown. Pure. What is hidden of either is not compared. */
import { canonicalize, isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { CallAction, TrailStep } from '@countersign/sdk';

export type Difference =
  | { readonly kind: 'other'; readonly name: string; readonly left: string; readonly right: string }
  | { readonly kind: 'hidden'; readonly name: string };

const ARGUMENTS = '/context/arguments';
const CHARS_MAX = 200;

/** Undefined where it cannot be told: of one of them the arguments are not kept. */
export function differencesOf(
  left: Pick<TrailStep, 'asked'>,
  right: Pick<TrailStep, 'asked'>,
): readonly Difference[] | undefined {
  const [a, b] = [argumentsOf(left.asked), argumentsOf(right.asked)];
  if (a === undefined || b === undefined) return undefined;
  const hidden = new Set([...hiddenIn(left.asked), ...hiddenIn(right.asked)]);
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.flatMap((name): readonly Difference[] => {
    if (hidden.has(name)) return [{ kind: 'hidden', name }];
    const [one, other] = [textOf(a, name), textOf(b, name)];
    return one === other ? [] : [{ kind: 'other', name, left: shortened(one), right: shortened(other) }];
  });
}

function argumentsOf(asked: CallAction): JsonObject | undefined {
  if (asked.kind !== 'kept') return undefined;
  const { context } = asked.shown_action;
  const given = isJsonObject(context) ? context['arguments'] : undefined;
  return isJsonObject(given) ? given : undefined;
}

/** The arguments something is hidden in, by the first part of the pointer below them (RFC 6901). */
function hiddenIn(asked: CallAction): readonly string[] {
  if (asked.kind !== 'kept') return [];
  return asked.redactions.flatMap(({ pointer }) => {
    if (!pointer.startsWith(`${ARGUMENTS}/`)) return [];
    const [first = ''] = pointer.slice(ARGUMENTS.length + 1).split('/');
    return [first.replaceAll('~1', '/').replaceAll('~0', '~')];
  });
}

const textOf = (given: JsonObject, name: string): string => {
  const value: Json | undefined = Object.hasOwn(given, name) ? given[name] : undefined;
  return value === undefined ? 'not given' : canonicalize(value);
};
const shortened = (text: string): string =>
  text.length <= CHARS_MAX
    ? text
    : `${text.slice(0, CHARS_MAX)} … ${text.length - CHARS_MAX} more characters`;
