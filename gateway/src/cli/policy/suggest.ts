/** `countersign policy suggest`: narrower rules for what is always approved, to read and to take or leave. */
import { NOT_SUGGESTED, type PolicySuggestion, type PolicySuggestions } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { contained, folded, hasColor, painter, writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { SINCE_USAGE, sinceOf } from './since.ts';

export const suggest: Verb = {
  about: 'Propose narrower rules for what is always approved',
  usage: `countersign policy suggest [--since SINCE] [--patch] [--json] [--url URL]

  ${SINCE_USAGE} (default 30d)
  --patch         only the first proposal, as a patch for git apply

Each says exactly what was approved every time, and was tried on what is on record. Nothing is
applied. Needs the operator or the auditor role.`,
  async run(args, io) {
    const { values } = readArguments(args, {
      options: { ...CLIENT_OPTIONS, since: { type: 'string' }, patch: { type: 'boolean' } },
    });
    const since = sinceOf(values.since, Date.now());
    const client = await openClient(io, values);
    const found = await client.policy.suggestions(since === undefined ? {} : { since });
    if (values.json === true) writeJson(io, found);
    else if (values.patch === true) io.stdout.write(found.suggestions[0]?.patch ?? '');
    else print(found, io);
    return EXIT.ok;
  },
};

function print({ suggestions, not_suggested, requests }: PolicySuggestions, io: Io): void {
  for (const suggestion of suggestions) io.stdout.write(`${drawn(suggestion, io)}\n`);
  if (suggestions.length === 0) io.stdout.write(`Nothing to propose from ${counted(requests)}.\n`);
  for (const { rule, why, agent, resource, requests: count, detail } of not_suggested) {
    const whose = agent === undefined ? '' : `, ${agent} with ${resource ?? 'it'}`;
    const more = detail === undefined ? '' : ` (${detail})`;
    const line = `${rule}${whose}: ${counted(count)}; ${NOT_SUGGESTED[why]}${more}`;
    io.stdout.write(`${folded(contained(line), io).join('\n')}\n`);
  }
}

const counted = (count: number): string => (count === 1 ? '1 request' : `${count} requests`);

function drawn({ rule, file, line, explains, proposed, asks_when }: PolicySuggestion, io: Io): string {
  const paint = painter(hasColor(io));
  const text = (lines: string): string => lines.split('\n').map(contained).join('\n');
  return [
    paint('bold', contained(`${rule} (${file}:${line})`)),
    ...explains.flatMap((each) => folded(contained(each), io, 2).map((row) => `  ${row}`)),
    '',
    text(proposed.text.trimEnd()),
    '',
    ...folded(`and ${rule} with when: ${contained(asks_when)}`, io),
    '',
  ].join('\n');
}
