/**
 * What an operator wrote about previews, made ready and held against the accepted tools. Pure. What no definition could
 * make right is a fault of the file; what does not fit the tools as accepted now is said too, and makes no preview.
 */
import { isJsonObject, type Json, type JsonObject } from '@countersign/core';
import { likelySpelling } from '../../../config/spelling.ts';
import {
  type CompiledExpression,
  compileExpression,
  type Expression,
} from '../../../policy/cel/expression.ts';
import type { PreviewConfig } from '../config.ts';
import type { AcceptedPin } from '../tools/pins.ts';

export type PreviewFault = {
  /** Below `previews.<tool>` of the upstream. */
  readonly path: readonly string[];
  readonly message: string;
  /** It holds whatever tools are accepted: such a file does not load. */
  readonly always: boolean;
};

type Argument = { readonly literal: number | boolean } | { readonly expression: Expression };
export type Program = {
  readonly args: ReadonlyMap<string, Argument>;
  readonly against?: Expression;
};

/** Undefined: it has faults that hold always. */
export function programOf(preview: PreviewConfig): Program | undefined {
  const args = new Map<string, Argument>();
  for (const [name, given] of Object.entries(preview.with)) {
    const argument = argumentOf(given, undefined);
    if ('fault' in argument) return undefined;
    args.set(name, argument);
  }
  if (preview.against === undefined) return { args };
  const against = compileExpression(preview.against, undefined);
  return against.ok ? { args, against: against.expression } : undefined;
}

type Broken = Extract<CompiledExpression, { ok: false }>;

function argumentOf(given: PreviewConfig['with'][string], schema: Json | undefined): Argument | Broken {
  if (typeof given !== 'string') return { literal: given };
  const compiled = compileExpression(given, schema);
  return compiled.ok ? { expression: compiled.expression } : compiled;
}

export type AcceptedTools = {
  accepted(tool: string): AcceptedPin | undefined;
  readonly names: readonly string[];
};

/** Every fault of one preview, of the calls of `tool`. */
export function faultsOf(
  tool: string,
  preview: PreviewConfig,
  tools: AcceptedTools,
): readonly PreviewFault[] {
  const held = tools.accepted(tool);
  const reader = tools.accepted(preview.call);
  const faults: PreviewFault[] = [];
  // Where nothing is accepted yet, there is nothing to hold it against.
  if (tools.names.length > 0 && held === undefined) faults.push(noTool([], tool, tools.names));
  if (tools.names.length > 0 && reader === undefined)
    faults.push(noTool(['call'], preview.call, tools.names));
  if (reader !== undefined) faults.push(...readerFaults(preview, reader));
  for (const [name, given] of Object.entries(preview.with)) {
    if (typeof given === 'string')
      faults.push(...textFaults(['with', name], given, { held, wants: typeIn(reader, name) }));
  }
  if (preview.against !== undefined)
    faults.push(...textFaults(['against'], preview.against, { held, wants: 'string' }));
  return faults;
}

const noTool = (path: readonly string[], tool: string, names: readonly string[]): PreviewFault => {
  const meant = likelySpelling(tool, names);
  const mend = meant === undefined ? 'accept it first: countersign tools' : `did you mean “${meant}”?`;
  return { path, always: false, message: `there is no accepted tool “${tool}”; ${mend}` };
};

function readerFaults(preview: PreviewConfig, { class: as, definition }: AcceptedPin): PreviewFault[] {
  const faults: PreviewFault[] = [];
  const say = (path: readonly string[], message: string): void => {
    faults.push({ path, message, always: false });
  };
  const { properties, required, open } = inputOf(definition);
  if (preview.dry_run === undefined && as !== 'read')
    say(
      ['call'],
      `“${preview.call}” is accepted as ${as}, and a preview only reads; accept it as read, or name its dry-run argument: dry_run: ARGUMENT`,
    );
  if (preview.dry_run !== undefined && !isSwitch(properties[preview.dry_run]))
    say(
      ['dry_run'],
      `the accepted definition of “${preview.call}” has no true-or-false argument “${preview.dry_run}”, so it would act; name the one that makes it change nothing`,
    );
  for (const name of Object.keys(preview.with)) {
    if (open || Object.hasOwn(properties, name)) continue;
    const meant = likelySpelling(name, Object.keys(properties));
    say(
      ['with', name],
      `“${preview.call}” has no argument “${name}”${meant === undefined ? `; it has: ${Object.keys(properties).join(', ')}` : `; did you mean “${meant}”?`}`,
    );
  }
  for (const name of required) {
    if (!Object.hasOwn(preview.with, name))
      say(
        ['with'],
        `“${preview.call}” needs the argument “${name}”; add ${name}: args.${name}, or whatever it is here`,
      );
  }
  return faults;
}

type Told = { readonly held: AcceptedPin | undefined; readonly wants: string | undefined };

function textFaults(path: readonly string[], text: string, { held, wants }: Told): PreviewFault[] {
  const bare = compileExpression(text, undefined);
  if (!bare.ok) return [{ path, message: wordsOf(bare), always: true }];
  if (held === undefined) return [];
  const typed = compileExpression(text, held.definition['inputSchema']);
  if (!typed.ok) return [{ path, message: wordsOf(typed), always: false }];
  const { makes } = typed.expression;
  const got = KINDS[makes.replace(/^optional<(.*)>$/, '$1')];
  if (got === undefined || wants === undefined || !Object.values(KINDS).includes(wants) || got === wants)
    return [];
  return [{ path, message: `${text} is a ${got}, and a ${wants} is wanted`, always: false }];
}

const wordsOf = ({ fault: { message, likely, fix } }: Broken): string => {
  const meant = likely === undefined ? '' : `; did you mean “${likely}”?`;
  return `${message.replace('condition', 'expression')}${meant}${fix === undefined ? '' : ` (${fix.replace('a condition here', 'an expression here')})`}`;
};

/** CEL's names, and JSON Schema's, of what cannot be taken for one another. */
const KINDS: { readonly [cel: string]: string } = {
  string: 'string',
  double: 'number',
  int: 'number',
  bool: 'boolean',
};

function typeIn(reader: AcceptedPin | undefined, name: string): string | undefined {
  const property = reader === undefined ? undefined : inputOf(reader.definition).properties[name];
  const type = isJsonObject(property ?? null) ? (property as JsonObject)['type'] : undefined;
  return type === 'integer' ? 'number' : typeof type === 'string' ? type : undefined;
}

const isSwitch = (property: Json | undefined): boolean =>
  property !== undefined && isJsonObject(property) && property['type'] === 'boolean';

/** The definition has this argument, and it is true or false: a server that knows no such thing would act. */
export const hasSwitch = ({ definition }: AcceptedPin, name: string): boolean => {
  const { properties } = inputOf(definition);
  return Object.hasOwn(properties, name) && isSwitch(properties[name]);
};

type Input = {
  readonly properties: JsonObject;
  readonly required: readonly string[];
  /** Other arguments may come, outright. */
  readonly open: boolean;
};

function inputOf(definition: JsonObject): Input {
  const schema = definition['inputSchema'];
  if (schema === undefined || !isJsonObject(schema)) return { properties: {}, required: [], open: true };
  const { properties, required, additionalProperties: others } = schema;
  return {
    properties: properties !== undefined && isJsonObject(properties) ? properties : {},
    required: Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
    open: others === true || (others !== undefined && isJsonObject(others)) || properties === undefined,
  };
}
