/** The page `countersign help` prints, and usages folded to fit a terminal. */
import { columns, wrapWords } from '../render/text.ts';
import { EXIT } from '../verb.ts';
import type { Listing } from './verbs.ts';

export function overview(verbs: { readonly [name: string]: Listing }): string {
  const column = Math.max(...Object.keys(verbs).map((name) => name.length)) + 2;
  const lines = Object.entries(verbs).map(([name, { about }]) => `  ${name.padEnd(column)}${about}`);
  return `countersign: agents keep their autonomy; privileged actions wait for people.

countersign <verb> [options]

${lines.join('\n')}

  --help      after any verb: how it is used
  --json      after most verbs: JSON instead of text
  --url URL   after any verb that speaks to a gateway: which one
  --version

Exit codes: ${codes()}
`;
}

const codes = (): string =>
  [
    `${EXIT.ok} done, ${EXIT.no} the answer is no, ${EXIT.usage} wrong use, ${EXIT.refused} refused by the gateway,`,
    `${EXIT.unreachable} the gateway or a file cannot be reached,`,
    `${EXIT.broken} a fault in countersign itself`,
  ].join('\n            ');

export const USAGE_COLUMNS = 80;

/** Set anew to fit: the synopsis between its options, explanations under where they began, prose as paragraphs. */
export function foldUsage(usage: string): string {
  const blocks = usage.split('\n\n');
  return blocks.map((block) => (SYNOPSIS.test(block) ? foldSynopses(block) : foldBlock(block))).join('\n\n');
}

const SYNOPSIS = /^countersign /;
/** An option in its brackets stays whole. */
const PARTS = /\[(?:[^[\]]|\[[^\]]*\])*\](?:\.\.\.)?|\S+/g;

/** One for each way the verb is called. */
const foldSynopses = (block: string): string =>
  block
    .split(/\n *(?=countersign )/)
    .map(foldSynopsis)
    .join('\n');

function foldSynopsis(block: string): string {
  const parts = (block.match(PARTS) ?? []).map((part) => part.replace(/\s+/g, ' '));
  const words = parts.findIndex((part, at) => at > 0 && !/^[a-z][a-z-]*$/.test(part));
  const name = parts.slice(0, words === -1 ? parts.length : words).join(' ');
  const rows: string[] = [name];
  for (const part of words === -1 ? [] : parts.slice(words)) {
    const row = `${rows.at(-1) ?? ''} ${part}`;
    if (columns(row) <= USAGE_COLUMNS) rows[rows.length - 1] = row;
    else rows.push(`${' '.repeat(name.length)} ${part}`);
  }
  return rows.join('\n');
}

/** A row that goes on where the one above left off is joined to it before both are broken anew. */
function foldBlock(block: string): string {
  const items: string[] = [];
  for (const row of block.split('\n')) {
    const above = items.at(-1);
    const goesOn = above !== undefined && (/^ {4}/.test(row) || (/^\S/.test(row) && /^\S/.test(above)));
    if (goesOn) items[items.length - 1] = `${above} ${row.trimStart()}`;
    else items.push(row);
  }
  return items.flatMap(foldItem).join('\n');
}

function foldItem(item: string): readonly string[] {
  const option = /^ +\S.*? {2,}/.exec(item)?.[0] ?? '';
  const rows = wrapWords(item.slice(option.length), USAGE_COLUMNS - option.length);
  return rows.map((row, at) => (at === 0 ? option : ' '.repeat(option.length)) + row);
}
