/** SQL, coloured by its reader: loaded where a statement is shown. It colours text; what it does not understand stays plain. */
import { StandardSQL } from '@codemirror/lang-sql';
import { highlightCode, tagHighlighter, tags } from '@lezer/highlight';

export type Kind = 'keyword' | 'text' | 'number' | 'comment';
export type Coloured = readonly (readonly { readonly text: string; readonly as?: Kind }[])[];

const highlighter = tagHighlighter([
  { tag: [tags.keyword, tags.typeName, tags.bool, tags.null], class: 'keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'text' },
  { tag: tags.number, class: 'number' },
  { tag: [tags.lineComment, tags.blockComment], class: 'comment' },
]);

const isKind = (name: string): name is Kind => ['keyword', 'text', 'number', 'comment'].includes(name);

/** Line by line. */
export function colourSql(text: string): Coloured {
  const lines: { text: string; as?: Kind }[][] = [[]];
  const put = (part: string, name: string): void => {
    lines.at(-1)?.push(isKind(name) ? { text: part, as: name } : { text: part });
  };
  highlightCode(text, StandardSQL.language.parser.parse(text), highlighter, put, () => {
    lines.push([]);
  });
  return lines;
}
