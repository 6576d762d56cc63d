/** The narrowest thing conditions can say of arguments that were always approved. Pure; what it cannot say it leaves open, and says so. */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import type { SuggestedArgument } from '@countersign/sdk';
import { isPlainPath } from '../../policy/cel/functions.ts';

/** More different values than this are no list anybody would have written. */
const VALUES_MAX = 5;
const TEXT_CHARS_MAX = 120;
/** Of a folder that paths have in common: `/srv` says nothing. */
const FOLDER_STEPS_MIN = 2;

export type Narrowed = {
  readonly arguments: readonly SuggestedArgument[];
  readonly open: readonly string[];
  /** What must hold of the arguments, as CEL; joined with `&&`. */
  readonly conditions: readonly string[];
};

/** Undefined: nothing at all can be said of them. `schema`: of the tool, whose other arguments must not appear. */
export function narrow(each: readonly JsonObject[], schema: Json | undefined): Narrowed | undefined {
  const seen = [...new Set(each.flatMap((args) => Object.keys(args)))].sort();
  const said = seen.map((name) => argumentOf(name, each));
  const closed = said.filter((one) => one !== undefined);
  if (seen.length > 0 && closed.length === 0) return undefined;
  const open = seen.filter((_, at) => said[at] === undefined);
  const declared = propertiesOf(schema);
  const unseen = declared.filter((name) => !seen.includes(name)).map((name) => `!has(${fieldOf(name)})`);
  const others = mayHaveOthers(schema) ? ['any argument the tool’s schema does not name'] : [];
  return {
    arguments: closed,
    open: [...open, ...others],
    conditions: [...closed.map(conditionOf), ...unseen, ...(seen.length === 0 ? ['mcp.arg_bytes <= 2'] : [])],
  };
}

function propertiesOf(schema: Json | undefined): readonly string[] {
  const properties = schema !== undefined && isJsonObject(schema) ? schema['properties'] : undefined;
  // `has` takes fields by their plain name only.
  return properties !== undefined && isJsonObject(properties)
    ? Object.keys(properties).filter(isPlain).sort()
    : [];
}

const mayHaveOthers = (schema: Json | undefined): boolean =>
  schema === undefined || !isJsonObject(schema) || schema['additionalProperties'] !== false;

const isPlain = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name);
/** Words of CEL, which no field can be called without quotes. */
const RESERVED = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);
const fieldOf = (name: string): string =>
  isPlain(name) ? `mcp.args.${name}` : `mcp.args[${JSON.stringify(name)}]`;

/** Undefined where it is there in some and not in others, or has no form a rule could give. */
function argumentOf(name: string, each: readonly JsonObject[]): SuggestedArgument | undefined {
  const values = each.map((args) => args[name]);
  if (!values.every((value) => value !== undefined && isSayable(value))) return undefined;
  const distinct = [...new Map(values.map((value) => [JSON.stringify(value), value as Json])).values()];
  const path = fieldOf(name);
  if (distinct.length === 1) return { path, how: 'is', values: distinct };
  const texts = distinct.filter((value) => typeof value === 'string');
  if (
    distinct.length <= VALUES_MAX &&
    (texts.length === distinct.length || texts.length === 0) &&
    !distinct.some((value) => typeof value === 'boolean')
  )
    return { path, how: 'one_of', values: distinct };
  const folder = texts.length === distinct.length ? commonFolder(texts) : undefined;
  return folder === undefined ? undefined : { path, how: 'inside', values: [folder] };
}

const isSayable = (value: Json): boolean =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isSafeInteger(value)) ||
  (typeof value === 'string' && value.length <= TEXT_CHARS_MAX && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value));

/** The folder all of these are in, two steps down or more. */
function commonFolder(paths: readonly string[]): string | undefined {
  if (!paths.every(isPlainPath)) return undefined;
  const [first = [], ...others] = paths.map((path) => path.slice(1).split('/').slice(0, -1));
  const common = first.findIndex((step, at) => others.some((steps) => steps[at] !== step));
  const steps = common === -1 ? first : first.slice(0, common);
  return steps.length < FOLDER_STEPS_MIN ? undefined : `/${steps.join('/')}`;
}

function conditionOf({ path, how, values }: SuggestedArgument): string {
  const written = values.map((value) => JSON.stringify(value));
  if (how === 'inside') return `path_inside(${path}, ${written[0]})`;
  return how === 'is' ? `${path} == ${written[0]}` : `${path} in [${written.join(', ')}]`;
}
