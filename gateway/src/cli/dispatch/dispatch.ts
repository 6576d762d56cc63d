/**
 * From words to a verb to an exit code. Help and mistakes are answered here, so that a verb only ever runs with
 * arguments meant for it. What was typed is repeated escaped (A2).
 */
import { readFileSync } from 'node:fs';
import { visible } from '@countersign/core';
import { likelySpelling } from '../../config/spelling.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { explainFailure } from './failure.ts';
import { isGroup } from './group.ts';
import { foldUsage, overview } from './help.ts';
import { VERBS } from './verbs.ts';

const HELP = new Set(['--help', '-h']);

export async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined || HELP.has(first) || (first === 'help' && rest.length === 0)) {
    io.stdout.write(overview(VERBS));
    return EXIT.ok;
  }
  if (first === '--version' || first === '-V') {
    io.stdout.write(`countersign ${version()}\n`);
    return EXIT.ok;
  }
  if (first === 'help') return dispatch([...rest, '--help'], io);
  const listing = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  if (listing === undefined) {
    io.stderr.write(unknown({ path: [], word: first, known: Object.keys(VERBS) }));
    return EXIT.usage;
  }
  try {
    const { verb } = await listing.load();
    return await runVerb(verb, { path: [first], args: rest }, io);
  } catch (error) {
    return explainFailure(error, { usage: '', name: first }, io);
  }
}

type Call = { readonly path: readonly string[]; readonly args: readonly string[] };

/** Runs a verb, or the one of its group that the next word names. */
export async function runVerb(verb: Verb, { path, args }: Call, io: Io): Promise<number> {
  const [word, ...rest] = args;
  if (isGroup(verb) && word !== undefined && !HELP.has(word)) {
    const inner = Object.hasOwn(verb.verbs, word) ? verb.verbs[word] : undefined;
    if (inner !== undefined) return runVerb(inner, { path: [...path, word], args: rest }, io);
    if (!word.startsWith('-')) {
      io.stderr.write(unknown({ path, word, known: Object.keys(verb.verbs) }));
      return EXIT.usage;
    }
  }
  if (asksForHelp(args)) {
    io.stdout.write(`${verb.about}.\n\n${foldUsage(verb.usage)}\n`);
    return EXIT.ok;
  }
  try {
    return await verb.run(args, io);
  } catch (error) {
    return explainFailure(error, { usage: foldUsage(verb.usage), name: path.join(' ') }, io);
  }
}

/** Anywhere before `--`: what follows it is not ours. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => HELP.has(arg));
}

type Unknown = { readonly path: readonly string[]; readonly word: string; readonly known: readonly string[] };

function unknown({ path, word, known }: Unknown): string {
  const said = visible(word, { chars_max: 60 }).text;
  const near = likelySpelling(word, known);
  const before = ['countersign', ...path].join(' ');
  const what = near === undefined ? `one of: ${known.join(', ')}` : `did you mean: ${before} ${near}`;
  return `${before}: there is no “${said}”; ${what}\nEverything there is: ${before} --help\n`;
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version: found } = JSON.parse(text) as { version: string };
  return found;
}
