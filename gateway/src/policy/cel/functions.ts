/**
 * What a condition may call. Everything else CEL or its library offers is refused at load: functions that read a
 * clock or time zone, backtracking regular expressions, `dyn` (it would switch off type checking), bytes, and ways to
 * build large values. Ours fail closed: a text they do not understand is outside, not inside.
 */
import { type Environment, EvaluationError } from '@marcbachmann/cel-js';
import { type Linear, linear } from '../../limits/linear.ts';
import { LIMITS } from '../limits.ts';
import { ANY, type FactType, FLAG, NUMBER, TEXT } from './facts.ts';

/** Result types; `same` is the type of the receiver, `item` a list of what the loop yields. */
type Result = FactType | 'same' | 'item';

export const FUNCTIONS: ReadonlyMap<string, Result> = new Map<string, Result>([
  ['has', FLAG],
  ['size', NUMBER],
  ['string', TEXT],
  ['number', NUMBER],
  ['bool', FLAG],
  ['re2', FLAG],
  ['lower', TEXT],
  ['path_inside', FLAG],
  ['url_host', TEXT],
]);

export const METHODS: ReadonlyMap<string, Result> = new Map<string, Result>([
  ['size', NUMBER],
  ['startsWith', FLAG],
  ['endsWith', FLAG],
  ['contains', FLAG],
  ['trim', TEXT],
  ['split', { kind: 'list', item: TEXT }],
  ['join', TEXT],
  ['orValue', 'same'],
  ['hasValue', FLAG],
]);

/** Methods that bind a variable and run once for each element. */
export const LOOPS: ReadonlyMap<string, Result> = new Map<string, Result>([
  ['all', FLAG],
  ['exists', FLAG],
  ['exists_one', FLAG],
  ['filter', 'same'],
  ['map', 'item'],
]);

/** Why a name somebody might try is not here, and what to write instead. */
export const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['matches', 'write re2(text, "pattern"): it searches in linear time'],
  ['lowerAscii', 'write lower(text)'],
  ['upperAscii', 'write lower(text) and compare with lower case'],
  ['int', 'write number(x)'],
  ['double', 'write number(x)'],
  ['dyn', 'leave it out: it would switch off type checking'],
  ['type', 'leave it out: a value of the wrong type makes the rule err, which denies or asks'],
  ['bind', 'write the value where it is used'],
  ['timestamp', 'conditions cannot read times'],
  ['duration', 'conditions cannot read times'],
  ['bytes', 'conditions work on text'],
  ['indexOf', 'write contains, startsWith, endsWith or re2'],
  ['substring', 'write startsWith, endsWith or re2'],
]);

export const resultOf = (result: Result | undefined, receiver: FactType, item: FactType): FactType =>
  result === 'same' ? receiver : result === 'item' ? { kind: 'list', item } : (result ?? ANY);

const compiled = new Map<string, Linear>();

/** Compiles a literal pattern at load. @throws Error with RE2's own sentence for a pattern it does not take */
export function prepareRegex(pattern: string): void {
  if (compiled.has(pattern)) return;
  if (pattern.length > LIMITS.regex_chars_max)
    throw new Error(`longer than ${LIMITS.regex_chars_max} characters`);
  const regex = linear().compile(pattern);
  if (regex.programSize() > LIMITS.regex_program_max)
    throw new Error('too large once its repetitions are written out');
  // Patterns come from policy files only; the bound keeps years of reloads from adding up.
  if (compiled.size >= LIMITS.rules_max) compiled.clear();
  compiled.set(pattern, regex);
}

/** `test`, not `find`: without captures it runs as an automaton, up to a thousand times faster. */
function re2(text: string, pattern: string): boolean {
  const regex = compiled.get(pattern);
  if (regex === undefined) {
    prepareRegex(pattern);
    return re2(text, pattern);
  }
  if (
    text.length > LIMITS.regex_text_chars_max ||
    text.length * regex.programSize() > LIMITS.regex_work_max
  ) {
    throw new RangeError('re2: the text is too long to search');
  }
  return regex.test(text);
}

/** Decimal text only. CEL's own conversions take "", "nan" and "0b1" for numbers, and NaN makes a negated test true. */
function numberOf(text: string): number {
  if (text.length <= 40 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return Number(text);
  throw new EvaluationError({ code: 'number_conversion_error', message: 'not a decimal number' });
}

/** A to Z only: no other letter may come to look like one of them. */
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * Whether `path` is `root` or below it, by its text alone: absolute, with no `.` or `..` step, empty step, backslash,
 * percent sign or control character. Links on disk are not seen; the upstream must not follow them outside.
 */
function pathInside(path: string, root: string): boolean {
  const base = root.length > 1 && root.endsWith('/') ? root.slice(0, -1) : root;
  if (!isPlainPath(path) || !isPlainPath(base)) return false;
  return base === '/' || path === base || path.startsWith(`${base}/`);
}

const UNPLAIN = /[\\%\p{Cc}]/u;

export function isPlainPath(path: string): boolean {
  if (!path.startsWith('/') || UNPLAIN.test(path)) return false;
  const steps = path.slice(1).split('/');
  // One slash at the end names the same folder.
  if (steps.length > 1 && steps.at(-1) === '') steps.pop();
  return path === '/' || steps.every((step) => step !== '' && step !== '.' && step !== '..');
}

/** The host an http or https URL would really be sent to, in lower case; empty when the text is no such URL or names a user. */
function urlHost(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return '';
  return url.hostname;
}

/** CEL knows integers and fractions apart; JSON and people do not. */
const NUMBERS: readonly (readonly [string, (a: number | bigint, b: number | bigint) => number | boolean])[] =
  [
    ['+', (a, b) => Number(a) + Number(b)],
    ['-', (a, b) => Number(a) - Number(b)],
    ['*', (a, b) => Number(a) * Number(b)],
    ['/', (a, b) => Number(a) / Number(b)],
  ];

export function registerFunctions(environment: Environment): Environment {
  environment.registerFunction('re2(string, string): bool', re2);
  environment.registerFunction('number(string): double', numberOf);
  environment.registerFunction('number(double): double', (number: number) => number);
  environment.registerFunction('number(int): double', (number: bigint) => Number(number));
  environment.registerFunction('lower(string): string', lower);
  environment.registerFunction('path_inside(string, string): bool', pathInside);
  environment.registerFunction('url_host(string): string', urlHost);
  for (const [operator, handler] of NUMBERS) {
    environment.registerOperator(`double ${operator} int: double`, handler);
    environment.registerOperator(`int ${operator} double: double`, handler);
  }
  return environment;
}
