/**
 * What is wrong with a configuration, said so that the next edit is right: the place, what must stand there and how it is
 * written. It decides nothing about what is right, and never repeats a value, which may be a secret (I7).
 *
 * This file: the schema as data, what may stand at a place of the file, in words and as it is written there.
 */
import { z } from 'zod';

type Node = {
  readonly type?: string;
  readonly title?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [key: string]: Node };
  readonly required?: readonly string[];
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
};

export type Form = {
  /** `a duration`, `a map of keys`; undefined when several would do. */
  readonly words: string | undefined;
  /** The keys it may have; none when any name will do. */
  readonly keys: readonly string[];
  /** For a choice of maps: the keys each must have, in the order of the choice. */
  readonly required: readonly (readonly string[])[];
  /** One line of YAML, `listen: { http: 127.0.0.1:7070 }`; undefined when it would show nothing. */
  readonly example: string | undefined;
};

export type FormAt = (path: readonly PropertyKey[]) => Form | undefined;

/** Undefined for a place the schema does not know. */
export function formsOf(schema: z.ZodType): FormAt {
  const root = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Node;
  return (path) => {
    let node: Node | undefined = root;
    for (const key of path) node = node === undefined ? undefined : below(node, String(key));
    if (node === undefined) return undefined;
    const branches = node.anyOf ?? [node];
    const text = exampleOf(node, node.default);
    const last = path.at(-1);
    return {
      words: wordsOf(node),
      keys: branches.flatMap(({ properties }) => Object.keys(properties ?? {})),
      required: branches.map(({ required }) => required ?? []),
      example: text === DOTS || typeof last !== 'string' ? undefined : `${last}: ${text}`,
    };
  };
}

function below(node: Node, key: string): Node | undefined {
  for (const branch of node.anyOf ?? [node]) {
    if (branch.properties !== undefined && Object.hasOwn(branch.properties, key))
      return branch.properties[key];
    if (branch.items !== undefined) return branch.items;
    if (typeof branch.additionalProperties === 'object') return branch.additionalProperties;
  }
  return undefined;
}

const WORDS: { readonly [type: string]: string } = {
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
};

function wordsOf({ type = '', title }: Node): string | undefined {
  if (title === 'duration') return 'a duration';
  return Object.hasOwn(WORDS, type) ? WORDS[type] : undefined;
}

const DOTS = '…';

/** What is left to the reader is `…`. A map shows what it must have, else its first key. */
function exampleOf(node: Node, value: unknown): string {
  if (node.properties !== undefined) {
    const keys = node.required ?? Object.keys(node.properties).slice(0, 1);
    const given = typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
    const members = keys.map((key) => {
      const member = node.properties?.[key] ?? {};
      return `${key}: ${exampleOf(member, given.get(key) ?? member.default)}`;
    });
    return `{ ${members.join(', ')} }`;
  }
  if (node.items !== undefined) return `[${exampleOf(node.items, undefined)}]`;
  if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  if (node.enum !== undefined) return String(node.enum[0]);
  return node.title === 'duration' ? '30s' : DOTS;
}
