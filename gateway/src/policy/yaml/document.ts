/**
 * One policy file as YAML nodes that know their place. Strict YAML 1.2: no anchors, aliases, tags, directives, second
 * documents or duplicate keys, so that what a person reads is what is loaded. Never throws for any text.
 */
import { isAlias, isCollection, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { LIMITS } from '../limits.ts';
import type { PolicyProblem } from '../problems/problem.ts';

export type Source = {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly problems: PolicyProblem[];
};

export type Said = { readonly message: string; readonly likely?: string | undefined; readonly fix?: string };
export type Span = { readonly start: number; readonly end: number };

/** Adds a problem at a span of the file. */
export function report(
  source: Source,
  span: Span,
  said: Said & { rule?: string | undefined; key?: string | undefined },
): void {
  const { line, col } = source.lines.linePos(span.start);
  const from = source.lines.lineStarts[line - 1] ?? 0;
  const text = source.text.slice(from).split(/\r?\n/, 1)[0] ?? '';
  source.problems.push({
    file: source.file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    length: Math.max(1, Math.min(span.end, from + text.length) - span.start),
    ...(said.rule === undefined ? {} : { rule: said.rule }),
    ...(said.key === undefined ? {} : { key: said.key }),
    message: said.message,
    ...(said.likely === undefined ? {} : { likely: said.likely }),
    ...(said.fix === undefined ? {} : { fix: said.fix }),
    source: text,
  });
}

/** Reads one file. Undefined when it is not sound YAML; the problems say why. */
export function readYaml(
  file: string,
  text: string,
  problems: PolicyProblem[],
): { source: Source; root: Node } | undefined {
  const lines = new LineCounter();
  const source: Source = { file, text, lines, problems };
  const before = problems.length;
  const document = parseStrictly(text, lines);
  if (document === undefined) return tooDeep(source);
  if (lines.lineStarts.length === 0) lines.addNewLine(0);
  // What follows the first error is mostly its echo.
  const [error] = [...document.errors, ...document.warnings];
  if (error?.code === 'RESOURCE_EXHAUSTION') return tooDeep(source);
  if (error !== undefined) {
    const [start, end] = error.pos;
    report(source, { start, end }, explain(error.code, error.message, lineAt(source, start)));
  }
  if (document.directives?.yaml.explicit === true) {
    report(
      source,
      { start: 0, end: 5 },
      { message: 'YAML directives are not allowed', fix: 'remove the % line' },
    );
  }
  if (problems.length > before) return undefined;
  const root = document.contents;
  if (root === null) {
    report(
      source,
      { start: 0, end: 1 },
      { message: 'the file is empty', fix: 'start it with "version: 1", then "rules:"' },
    );
    return undefined;
  }
  refuseIndirection(source, root);
  return problems.length > before ? undefined : { source, root };
}

/** Undefined when the text is nested deeper than the parser's stack. */
function parseStrictly(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      strict: true,
      stringKeys: true,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
      version: '1.2',
      schema: 'core',
      resolveKnownTags: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const lineAt = ({ text, lines }: Source, offset: number): string =>
  text.slice(lines.lineStarts[Math.max(0, lines.linePos(offset).line - 1)] ?? 0).split('\n', 1)[0] ?? '';

/** The parser ran out of stack somewhere: where exactly says nothing about the file. */
function tooDeep(source: Source): undefined {
  report(
    source,
    { start: 0, end: 1 },
    { message: 'the file is nested too deep', fix: 'flatten it: a rule needs four levels' },
  );
}

function explain(code: string, message: string, line: string): Said {
  if (code === 'DUPLICATE_KEY') return { message: 'this key is written twice', fix: 'keep one of the two' };
  if (code === 'MULTIPLE_DOCS')
    return { message: 'a policy file holds one YAML document', fix: 'move what follows --- to its own file' };
  if (code === 'TAB_AS_INDENT') return { message: 'tabs cannot indent YAML', fix: 'indent with spaces' };
  if (code === 'NON_STRING_KEY')
    return { message: 'keys must be plain words', fix: 'write the key as a word' };
  if (code === 'TAG_RESOLVE_FAILED')
    return {
      message: 'tags are not allowed',
      fix: 'remove the ! word; quote the value if it should be text',
    };
  if (code === 'BAD_ALIAS') return { message: 'aliases are not allowed', fix: 'write the value out' };
  return {
    message: `not valid YAML: ${message.replaceAll(/\s+/g, ' ')}`,
    fix: /\bwhen:/.test(line)
      ? 'quote the condition, or write it below "when: |": YAML reads [ ] { } # and ": " itself'
      : 'check indentation, quotes and brackets around here',
  };
}

/** Anchors, aliases and tags make a file say something else than it shows; and bounds what may be walked later. */
function refuseIndirection(source: Source, root: Node): void {
  let count = 0;
  visit(root, (_, node, path) => {
    if (!isNode(node)) return undefined;
    const span = spanOf(node);
    if (isAlias(node))
      report(source, span, { message: 'aliases are not allowed', fix: 'write the value out' });
    else if (node.anchor !== undefined)
      report(source, span, { message: 'anchors are not allowed', fix: `remove &${node.anchor}` });
    else if (node.tag?.startsWith('tag:') === true || node.tag?.startsWith('!') === true) {
      report(source, span, {
        message: 'tags are not allowed',
        fix: 'remove the ! word; quote the value if it should be text',
      });
    }
    if (++count > LIMITS.yaml_nodes_max || path.length > 40) {
      report(source, span, {
        message: 'the file is too large or nested too deep',
        fix: 'split it into several files',
      });
      return visit.BREAK;
    }
    return isCollection(node) || isNode(node) ? undefined : visit.SKIP;
  });
}

export function spanOf(node: Node | null | undefined): Span {
  const range = node?.range;
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 1 };
}
