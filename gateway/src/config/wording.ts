/** Says what is wrong with a value so that the next edit is right: what it must be, never what it was (I7). */
import type { z } from 'zod';

const KINDS: { readonly [kind: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  null: 'nothing',
};
const kind = (name: string): string => KINDS[name] ?? name;

export function wordingOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue);
    case 'too_small':
      return bound(issue.origin, `at least ${String(issue.minimum)}`);
    case 'too_big':
      return bound(issue.origin, `at most ${String(issue.maximum)}`);
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'invalid_key':
      return `is no name for a key: it ${issue.issues[0]?.message ?? 'must be another'}`;
    default:
      return issue.message;
  }
}

/** zod's own sentence ends in what was received; that a key is missing is told apart by it alone. */
function wrongType({ expected, message }: z.core.$ZodIssueInvalidType): string {
  if (message.endsWith('received undefined')) return `is missing; it must be ${kind(expected)}`;
  const received = /received (\w+)$/.exec(message)?.[1];
  return `must be ${kind(expected)}${received === undefined || received === expected ? '' : `, not ${kind(received)}`}`;
}

function bound(origin: string, most: string): string {
  if (origin === 'array') return `must have ${most} of them`;
  if (origin === 'string')
    return most === 'at least 1' ? 'must not be empty' : `must have ${most} characters`;
  return `must be ${most}`;
}

/** The YAML library's errors, by its code. */
const YAML: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'the same key stands here twice; keep one',
  MULTIPLE_DOCS: 'holds several documents; keep one, without “---”',
  TAB_AS_INDENT: 'is indented with a tab; use spaces',
  TAG_RESOLVE_FAILED: 'uses a YAML tag (“!…”); write a plain value',
};
export const yamlWordingOf = (code: string, message: string): string =>
  YAML[code] ?? `is not YAML: ${message}`;
