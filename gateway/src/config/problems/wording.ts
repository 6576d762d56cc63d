/** Says what is wrong with a value so that the next edit is right: what it must be, never what it was (I7). */
import type { z } from 'zod';
import { likelySpelling } from '../spelling.ts';
import type { Form } from './form.ts';

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

/** The value is looked at for what was meant; none of it is repeated. */
type Found = { readonly value: unknown; readonly form: Form | undefined };

export function wordingOf(issue: z.core.$ZodIssue, found: Found): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, found);
    case 'too_small':
      return bound(issue.origin, `at least ${String(issue.minimum)}`);
    case 'too_big':
      return bound(issue.origin, `at most ${String(issue.maximum)}`);
    case 'invalid_value':
      return oneOf(issue.values.map(String), found.value);
    case 'invalid_key':
      return `is no name for a key: it ${issue.issues[0]?.message ?? 'must be another'}`;
    default:
      return issue.message;
  }
}

/** zod's own sentence ends in what was received; that a key is missing is told apart by it alone. */
function wrongType({ expected, message }: z.core.$ZodIssueInvalidType, { value, form }: Found): string {
  const wanted = form?.words ?? kind(expected);
  const like = form?.example === undefined ? '' : `; write it like ${form.example}`;
  if (message.endsWith('received undefined')) return `is missing; it must be ${wanted}${like}`;
  if (expected === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return `must be ${wanted}, not text; write it without quotes`;
  const received = /received (\w+)$/.exec(message)?.[1];
  // A fraction is a number too, where a whole one must be.
  const fraction = received === 'number' && wanted === KINDS['int'];
  const not = received === undefined || received === expected || fraction ? '' : `, not ${kind(received)}`;
  return `must be ${wanted}${not}${like}`;
}

function oneOf(known: readonly string[], value: unknown): string {
  const near = typeof value === 'string' ? likelySpelling(value, known) : undefined;
  return `must be one of: ${known.join(', ')}${near === undefined ? '' : `; did you mean “${near}”?`}`;
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
