/** A verb with verbs of its own: `requests list`. Its usage is made from theirs. */
import { UsageError, type Verb } from '../verb.ts';

export type Group = Verb & { readonly verbs: { readonly [name: string]: Verb } };

export const isGroup = (verb: Verb): verb is Group => 'verbs' in verb;

export function group(name: string, about: string, verbs: Group['verbs']): Group {
  const names = Object.keys(verbs);
  const column = Math.max(...names.map((each) => each.length)) + 2;
  const lines = Object.entries(verbs).map(([each, verb]) => `  ${each.padEnd(column)}${verb.about}`);
  const usage = `countersign ${name} <${names.join('|')}>\n\n${lines.join('\n')}\n\nMore of each: countersign ${name} <verb> --help`;
  return {
    about,
    usage,
    verbs,
    // Only reached when no inner verb was named.
    async run() {
      throw new UsageError(`which? One of: ${names.join(', ')}`);
    },
  };
}
