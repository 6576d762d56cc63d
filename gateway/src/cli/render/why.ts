/** Why policy asks: each rule that decided, where it is written, and the values it saw. Pure. */
import { type Explanation, type Json, type RuleHit, renderJson } from '@countersign/core';
import { type Drawing, GUTTER, inline, withEscapes } from './frame.ts';
import { fit, wrapWords } from './text.ts';

export function whyRows({ deciding, outranked, would_have }: Explanation, drawing: Drawing): string[] {
  return [
    ...deciding.flatMap((hit) => hitRows(hit, drawing)),
    ...alsoRows('Outranked', outranked, drawing),
    ...alsoRows('Dry run', would_have, drawing),
  ];
}

function hitRows({ rule, about, file, line, values, error }: RuleHit, drawing: Drawing): string[] {
  const { paint, width } = drawing;
  const saw = Object.entries(values).flatMap(([name, value]) => valueRows(name, value, drawing));
  return [
    `${paint('bold', inline(rule))}  ${paint('dim', `${inline(file)}:${line}`)}`,
    ...wrapWords(inline(about), width - 2).map((row) => `  ${row}`),
    ...saw,
    ...(error === undefined
      ? []
      : wrapWords(`This rule failed, so it counts as asking: ${inline(error)}`, width - 2).map(
          (row) => `  ${paint('alarm', row)}`,
        )),
  ];
}

const VALUE_LINES_MAX = 6;
const VALUE_CHARS_MAX = 2000;

/** An explanation, not the action: long values are cut, and say so. */
function valueRows(name: string, value: Json, { width, paint }: Drawing): string[] {
  const limits = { lines_max: VALUE_LINES_MAX, chars_max: VALUE_CHARS_MAX };
  const { lines } = renderJson(value, limits);
  const room = width - GUTTER.length;
  return lines.map(({ indent, key, value: text }, at) => {
    const head = at === 0 ? `${inline(name)} = ` : '';
    const row = fit(`${' '.repeat(indent * 2)}${head}${key === undefined ? '' : `${key}: `}${text}`, room);
    return `${paint('dim', GUTTER)}${withEscapes(paint, row)}`;
  });
}

function alsoRows(what: string, hits: readonly RuleHit[], { paint, width }: Drawing): string[] {
  if (hits.length === 0) return [];
  const names = hits.map(({ rule, then }) => `${inline(rule)} (${then})`).join(', ');
  return wrapWords(`${what}: ${names}`, width).map((row) => paint('dim', row));
}
