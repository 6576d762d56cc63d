/**
 * One plain sentence of what would happen, made from the canonical action: never from prose (I6). Every string in it
 * is made visible, so it can stand anywhere (A1–A3). It is a summary; nobody approves from it. What it names first is what
 * the tool's own schema asks for first: a caller that adds arguments pushes none of those out of sight.
 */
import {
  isJsonObject,
  type Json,
  type JsonObject,
  keyPointer,
  pointerTo,
  type Redaction,
  type Redactions,
  redactionMark,
  visible,
} from '@countersign/core';

import { type AcceptedPins, pinKey } from '../../authority/authority.ts';
import type { Masking } from '../../deps.ts';

const VALUE_CHARACTERS_MAX = 60;
/** One word may be longer: a path or an address says where, which its size does not. */
const WORD_CHARACTERS_MAX = 200;
const VALUES_MAX = 3;

export type Where = {
  /** Of the upstream. */
  readonly id: string;
  readonly env: string;
  /** Argument names in the order of the tool's schema, see {@link orderOf}. */
  readonly order: readonly string[];
};

/** The one way from an action to its sentence: what masking takes out is out, and of nothing more than is looked at. */
export function sentenceFor(
  masking: Pick<Masking, 'redactions' | 'text'>,
  agent: string,
  { action, where }: { readonly action: JsonObject; readonly where: Where },
): string {
  const change = changeSentence(agent, action);
  if (change !== undefined) return masking.text(change);
  return sentenceOf(action, where, masking.redactions(glanceOf(action, where.order)));
}

/** Of definitions, which are kept as long as they are accepted. */
const orders = new WeakMap<JsonObject, readonly string[]>();

/** In which order a tool's arguments are told: that of its accepted schema, the required ones first. Nothing for what is no accepted tool. */
export function orderOf(pins: AcceptedPins, upstream: string, action: JsonObject): readonly string[] {
  const { resource } = action;
  if (resource === undefined || !isJsonObject(resource) || resource['type'] !== 'tool') return [];
  const definition = pins.get(pinKey(upstream, String(resource['id'])))?.definition;
  if (definition === undefined) return [];
  const order = orders.get(definition) ?? namesIn(definition);
  orders.set(definition, order);
  return order;
}

function namesIn({ inputSchema: schema }: JsonObject): readonly string[] {
  if (schema === undefined || !isJsonObject(schema)) return [];
  const { required, properties } = schema;
  const first = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const named = properties !== undefined && isJsonObject(properties) ? Object.keys(properties) : [];
  return [...new Set([...first, ...named])];
}

/** Those the schema names, as it names them; then the others, as they stand. */
function inOrder(args: JsonObject, order: readonly string[]): readonly string[] {
  const first = order.filter((name) => Object.hasOwn(args, name));
  const named = new Set(first);
  return [...named, ...Object.keys(args).filter((name) => !named.has(name))];
}

/** Names of the action's arguments in that order. */
export function namesOf(action: JsonObject, order: readonly string[]): readonly string[] {
  const { context } = action;
  const args = context !== undefined && isJsonObject(context) ? context['arguments'] : undefined;
  return args !== undefined && isJsonObject(args) ? inOrder(args, order) : [];
}

/** More arguments than this are not looked at: no sentence names them. */
const GLANCED_MAX = 64;
const NAME_CHARACTERS_MAX = 4096;

/**
 * As much of the action as a sentence can show or say something of: a list of large actions must not cost what
 * reviewing each of them costs (I15). What is left out of a value is never quoted, only counted.
 */
export function glanceOf(action: JsonObject, order: readonly string[] = []): JsonObject {
  const named = isJsonObject(action['resource']) ? String(action['resource']['id'] ?? '') : '';
  const resource = { id: named.slice(0, NAME_CHARACTERS_MAX).toWellFormed() };
  const context = isJsonObject(action['context']) ? action['context'] : {};
  const args = isJsonObject(context['arguments']) ? context['arguments'] : {};
  const names = inOrder(args, order).slice(0, GLANCED_MAX);
  const glanced = names.map((name): [string, Json] => [name, glance(args[name] ?? null)]);
  return { resource, context: { arguments: Object.fromEntries(glanced) } };
}

function glance(value: Json): Json {
  if (typeof value === 'string') return value.slice(0, WORD_CHARACTERS_MAX + 1).toWellFormed();
  return typeof value === 'object' ? null : value;
}

export function sentenceOf(action: JsonObject, { id, env, order }: Where, hidden: Redactions): string {
  const resource = isJsonObject(action['resource']) ? String(action['resource']['id'] ?? '') : '';
  const [inResource] = hidden.get('/resource/id') ?? [];
  const context = isJsonObject(action['context']) ? action['context'] : {};
  const args = isJsonObject(context['arguments']) ? context['arguments'] : undefined;
  const head = `${inResource === undefined ? shownNamed(resource) : redactionMark(inResource)} on ${id} (${env})`;
  if (args === undefined) return head;
  const names = inOrder(args, order);
  const parts = names.slice(0, VALUES_MAX).map((name) => {
    const at = pointerTo('/context/arguments', name);
    return `${shownName(name, hidden.get(keyPointer(at)))} = ${shownValue(args[name] ?? null, hidden.get(at))}`;
  });
  const more = names.length > VALUES_MAX ? [`${names.length - VALUES_MAX} more`] : [];
  return names.length === 0 ? head : `${head}: ${[...parts, ...more].join(', ')}`;
}

const show = (text: string): string => visible(text, { chars_max: VALUE_CHARACTERS_MAX }).text;

/** What reads as a quotation mark, alone or twice; nothing between ours may close them (A1). */
const QUOTES = /[“”„‟″‴‶‷⁗ʺˮ˝״〃〝〞〟＂❝❞🙶🙷🙸]|[‘’‛′‵ʹʼˈ]{2,}/gu;
const escaped = (run: string): string =>
  Array.from(run, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`).join('');

const quoted = (text: string, chars_max = WORD_CHARACTERS_MAX): string =>
  `“${visible(text, { quoted: true, chars_max }).text.replace(QUOTES, escaped)}”`;

/** A name that could say more than a name stands between quotation marks (A1): ` = 1, path`. */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N}_.:/@$#*+-]+$/u;
const shownNamed = (name: string): string =>
  PLAIN_NAME.test(name) ? show(name) : quoted(name, VALUE_CHARACTERS_MAX);

const shownName = (name: string, [redaction]: readonly Redaction[] = []): string =>
  redaction === undefined ? shownNamed(name) : redactionMark(redaction);

function shownValue(value: Json, hidden: readonly Redaction[] | undefined): string {
  const [redaction] = hidden ?? [];
  if (redaction !== undefined)
    return redactionMark(typeof value === 'string' ? { ...redaction, chars: value.length } : redaction);
  if (typeof value === 'string') return isShort(value) ? quoted(value) : sizeOf(value);
  if (Array.isArray(value)) return `${value.length} items`;
  return isJsonObject(value) ? `${Object.keys(value).length} members` : String(value);
}

const isShort = (text: string): boolean =>
  text.length <= VALUE_CHARACTERS_MAX || (text.length <= WORD_CHARACTERS_MAX && !/\s/u.test(text));

/** UTF-8 size of a text too long to quote. */
function sizeOf(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1024 ? `${bytes} bytes of text` : `${(bytes / 1024).toFixed(1)} KiB of text`;
}

/** Who asks for changes of the gateway's own. No agent can be called this, so none can have its action said this way (A1). */
const OPERATOR_AGENT = 'countersign:operations';
const NAMED_MAX = 3;

type Args = { readonly [name: string]: Json };
const said = (value: Json | undefined): string => show(typeof value === 'string' ? value : '?');

const named = (members: Json | undefined): readonly string[] =>
  members !== undefined && isJsonObject(members) ? Object.keys(members) : [];

/** `rules a, b, c and 4 more`. */
function listed(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return `${names.slice(0, NAMED_MAX).map(show).join(', ')}${more}`;
}

const CHANGES: { readonly [name: string]: (args: Args) => string } = {
  'countersign.tools.accept': (args) =>
    `Accept the tool ${said(args['upstream'])}/${said(args['tool'])} as ${said(args['class'])}`,
  'countersign.policy.change': ({ added, changed, removed }) => {
    const parts = [
      ['add', named(added)],
      ['change', named(changed)],
      ['remove', named(removed)],
    ] as const;
    const some = parts.filter(([, names]) => names.length > 0);
    return `Change the policy: ${some.map(([verb, names]) => `${verb} ${listed(names)}`).join('; ') || 'as written'}`;
  },
  'countersign.config.change': ({ changed }) => `Change the configuration: ${listed(named(changed))}`,
  'countersign.operators.rule': ({ needed }) =>
    needed === 1 ? 'Let one operator be enough for a change' : 'Ask two operators for a change',
  'countersign.people.activate': ({ person }) => `Make ${said(person)} active again`,
  'countersign.people.link': ({ person, account }) => `Link the account ${said(account)} to ${said(person)}`,
  'countersign.people.unlink': ({ person, account }) =>
    `Take the account ${said(account)} from ${said(person)}`,
};

/** A change of the gateway's own, in a sentence of its own; undefined for anything else. To be masked like any text. */
export function changeSentence(agent: string, action: JsonObject): string | undefined {
  if (agent !== OPERATOR_AGENT || !isJsonObject(action['action'])) return undefined;
  const name = String(action['action']['name'] ?? '');
  const context = isJsonObject(action['context']) ? action['context'] : {};
  const args = isJsonObject(context['arguments']) ? context['arguments'] : {};
  return Object.hasOwn(CHANGES, name) ? CHANGES[name]?.(args) : undefined;
}
