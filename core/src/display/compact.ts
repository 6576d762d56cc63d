/**
 * Small members on one row, so that what matters is not lost among brackets. Nothing is left out, and whatever has
 * something to look at — an argument, a finding, a redaction, a cut — keeps a row of its own. Pure.
 */
import type { Line } from './lines.ts';

const ARGUMENTS = '/context/arguments';
const SIMPLE: ReadonlySet<Line['kind']> = new Set(['string', 'number', 'boolean', 'null', 'empty']);

export type Compacting = {
  /** What one row has for indent and text. */
  readonly room: number;
  /** How much of it a text takes. Default: one for each UTF-16 unit, so never less than is seen. */
  readonly widthOf?: (text: string) => number;
};

export function compact(lines: readonly Line[], compacting: Compacting): readonly Line[] {
  const out: Line[] = [];
  const opened: number[] = [];
  for (const line of lines) {
    out.push(line);
    if (line.kind === 'open') opened.push(out.length - 1);
    if (line.kind !== 'close') continue;
    const start = opened.pop() ?? out.length;
    const joined = join(out.slice(start), compacting);
    if (joined !== undefined) out.splice(start, out.length - start, joined);
  }
  return out;
}

function join(
  block: readonly Line[],
  { room, widthOf = (text) => text.length }: Compacting,
): Line | undefined {
  const [head, ...rest] = block;
  const close = rest.pop();
  if (head === undefined || close === undefined || head.indent === 0 || isArgument(head)) return undefined;
  if (head.findings.length > 0 || !rest.every(isSimple)) return undefined;
  const members = rest.map(({ key, value }) => (key === undefined ? value : `${key}: ${value}`));
  const value = `${head.value} ${members.join(', ')} ${close.value}`;
  const used = head.indent * 2 + (head.key === undefined ? 0 : head.key.length + 2) + widthOf(value);
  return used <= room ? { ...head, kind: 'empty', value } : undefined;
}

const isSimple = ({ kind, findings }: Line): boolean => SIMPLE.has(kind) && findings.length === 0;
const isArgument = ({ pointer }: Line): boolean =>
  pointer === ARGUMENTS || pointer.startsWith(`${ARGUMENTS}/`);
