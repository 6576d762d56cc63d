/**
 * What a preview says, in sentences for a place that has no room to draw it: a card, a line of a list. Pure. Counts are
 * the gateway's own; what the upstream answered is quoted, made visible, and short, and never looks like a sentence of
 * ours (A1–A3). Whoever shows it escapes it for their own mark-up.
 */
import { visible } from '@countersign/core';
import type { Preview, PreviewShown } from '@countersign/sdk';

const QUOTE_CHARACTERS_MAX = 120;

/** At most `lines_max` lines, the most telling first; none when there is nothing to say. */
export function impactOf(preview: Preview | undefined, lines_max: number): readonly string[] {
  if (preview === undefined) return [];
  return linesOf(preview).slice(0, lines_max);
}

function linesOf(preview: Preview): readonly string[] {
  switch (preview.state) {
    case 'making':
      return [];
    case 'none':
      return [`No preview: ${preview.why}.`];
    case 'shown':
      return [headOf(preview), ...restOf(preview)];
  }
}

function headOf(preview: PreviewShown): string {
  const at = `as of ${clock(preview.at)}`;
  switch (preview.show) {
    case 'diff':
      if (preview.added + preview.removed === 0)
        return preview.hidden_differs
          ? `It would change nothing that is in sight, ${at}.`
          : `It would change nothing, ${at}.`;
      return preview.before === ''
        ? `It would write ${lines(preview.added)} where there is nothing, ${at}.`
        : `It would ${changesIn(preview)}, ${at}.`;
    case 'patch':
      return `It would ${changesIn(preview)}, ${at}.`;
    case 'text':
      return `${visible(preview.tool).text} answered, ${at}: ${quoted(preview.text)}`;
  }
}

function restOf(preview: PreviewShown): readonly string[] {
  return [
    ...(preview.hidden === 0
      ? []
      : [
          `${preview.hidden} ${preview.hidden === 1 ? 'part' : 'parts'} of it ${preview.hidden === 1 ? 'is' : 'are'} hidden.`,
        ]),
    ...(preview.hidden_differs ? ['What is hidden would change too.'] : []),
    ...(preview.dry_run ? ['This is the upstream’s own dry run.'] : []),
  ];
}

function changesIn({ added, removed }: { readonly added: number; readonly removed: number }): string {
  if (removed === 0) return `add ${lines(added)} and take away none`;
  if (added === 0) return `take away ${lines(removed)} and add none`;
  return `take away ${lines(removed)} and add ${lines(added)}`;
}

/**
 * A count as people read it: 12,345. By hand, because the first number Node is asked to write for a locale has it read
 * tables of every language there is, some 7 MB that stay.
 */
export const thousands = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
const lines = (count: number): string => `${thousands(count)} ${count === 1 ? 'line' : 'lines'}`;

/** The first words, on one line and inside quotes they cannot close; cut with a word for it, as nobody approves from a quote. */
function quoted(text: string): string {
  const shown = visible(text.slice(0, QUOTE_CHARACTERS_MAX).toWellFormed(), { quoted: true }).text;
  return text.length > QUOTE_CHARACTERS_MAX ? `"${shown}" (and more)` : `"${shown}"`;
}

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;
