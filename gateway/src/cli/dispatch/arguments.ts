/** Options and arguments of one verb, checked by name: a wrong one says which, and the likely spelling. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { likelySpelling } from '../../config/spelling.ts';
import { UsageError } from '../verb.ts';

export type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>['values'];

/** For every verb that asks the gateway. */
export const CLIENT_OPTIONS = { url: { type: 'string' }, json: { type: 'boolean' } } as const;

/** What `--limit` and `--cursor` mean, wherever a list goes on. */
export const PAGES_USAGE = `  --limit N         how many at most (default 50, at most 200)
  --cursor CURSOR   goes on where the last list ended`;

export type Wanted<O extends Options> = {
  readonly options: O;
  /** Names of the required arguments, in order; a last one ending in `?` may be left out. */
  readonly arguments?: readonly string[];
};

export function readArguments<O extends Options>(
  args: readonly string[],
  { options, arguments: names = [] }: Wanted<O>,
): { readonly values: Parsed<O>; readonly given: readonly string[] } {
  const { values, positionals } = parse(args, options);
  const missing = names[positionals.length];
  if (missing !== undefined && !missing.endsWith('?')) throw new UsageError(`${missing} is missing`);
  const extra = positionals[names.length];
  if (extra !== undefined) throw new UsageError(`“${extra}” is one argument too many`);
  return { values, given: positionals };
}

function parse<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(sentence(error, Object.keys(options)));
  }
}

/** Node's own words up to the hint about `--`, with the likely spelling instead. */
function sentence(error: unknown, known: readonly string[]): string {
  const [text = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
  const word = /^Unknown option '-*([^'=]+)/.exec(text)?.[1];
  const near = word === undefined ? undefined : likelySpelling(word, known);
  return near === undefined ? text : `${text}; did you mean --${near}?`;
}

/** A whole number option within bounds. */
export function wholeNumber(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw new UsageError(`--${name} ${text}: give a number from 1 to ${max}`);
  return value;
}

/** `--reason TEXT` of a deed that goes on the record. */
export function requiredReason(text: string | undefined, deed: string): string {
  if (text === undefined || text.trim() === '')
    throw new UsageError(`--reason TEXT is missing: ${deed} goes on the record with its reason`);
  return text;
}

/** One of a closed list. */
export function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  known: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((each) => each === text);
  if (found !== undefined) return found;
  const near = likelySpelling(text, known);
  throw new UsageError(
    near === undefined
      ? `--${name} ${text}: one of ${known.join(', ')}`
      : `--${name} ${text}: did you mean ${near}?`,
  );
}
