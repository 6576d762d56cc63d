/** The page `countersign help` prints. */
import { EXIT } from '../verb.ts';
import type { Listing } from './verbs.ts';

export function overview(verbs: { readonly [name: string]: Listing }): string {
  const column = Math.max(...Object.keys(verbs).map((name) => name.length)) + 2;
  const lines = Object.entries(verbs).map(([name, { about }]) => `  ${name.padEnd(column)}${about}`);
  return `countersign: agents keep their autonomy; privileged actions wait for people.

countersign <verb> [options]

${lines.join('\n')}

  --help      after any verb: how it is used
  --json      after any verb that shows something: JSON instead of text
  --version

Exit codes: ${codes()}
`;
}

const codes = (): string =>
  `${EXIT.ok} done, ${EXIT.no} the answer is no, ${EXIT.usage} wrong use, ${EXIT.refused} refused by the gateway,
            ${EXIT.unreachable} the gateway or a file cannot be reached, ${EXIT.broken} a fault in countersign itself`;
