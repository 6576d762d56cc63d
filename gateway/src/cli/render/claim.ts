/** The agent's own words, and ticket systems': behind their own gutter, under a title that says whose they are and what they are worth (A1, A18). Pure. */
import type { RequestDetail } from '@countersign/sdk';
import { CLAIM_GUTTER, type Drawing, heading, inline, quotedRows } from './frame.ts';
import { ago } from './time.ts';

/** A claim is not the action: it may be cut, and then says so. */
const CHARS_MAX = 4000;

export function claimRows(claim: string | undefined, drawing: Drawing): string[] {
  if (claim === undefined) return [];
  const rest = claim.length - CHARS_MAX;
  return [
    ...heading(drawing, 'The agent says'),
    ...quotedRows(drawing, claim.slice(0, CHARS_MAX), CLAIM_GUTTER),
    ...(rest > 0 ? [drawing.paint('dim', `  ${rest} more characters of it are not shown.`)] : []),
    drawing.paint('dim', '  Nobody has checked this. Decide from what would run.'),
  ];
}

/** The newest: the rest is in the console. */
const NOTES_MAX = 10;

export function noteRows(
  { ticket_notes = [] }: Pick<RequestDetail, 'ticket_notes'>,
  drawing: Drawing,
  now: number | undefined,
): string[] {
  if (ticket_notes.length === 0) return [];
  const left = ticket_notes.length - NOTES_MAX;
  return [
    ...heading(drawing, 'Ticket systems say'),
    ...(left > 0 ? [drawing.paint('dim', `  ${left} earlier are not shown here.`)] : []),
    ...ticket_notes.slice(-NOTES_MAX).flatMap(({ system, kind, at, author, text, ticket }) => {
      const of = ticket === undefined ? '' : `, in ${ticket.key}`;
      const where = ticket?.url === undefined ? '' : ` (${ticket.url})`;
      const says = kind === 'refusal' ? 'refused it' : 'says';
      // Whom it names is a claim as well: a long name must not begin a row at the left edge (A1).
      return [
        `  ${inline(system)} ${says} ${ago(at, now)}, in its words:`,
        ...quotedRows(drawing, `for ${author}${of}${where}`.replaceAll('\n', ' '), CLAIM_GUTTER),
        ...quotedRows(drawing, text, CLAIM_GUTTER),
      ];
    }),
    drawing.paint('dim', '  Nobody here has checked this, and none of it is an answer.'),
  ];
}
