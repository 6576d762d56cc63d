/** The agent's own words: behind their own gutter, under a title that says whose they are and what they are worth (A1, A18). Pure. */
import { CLAIM_GUTTER, type Drawing, heading, quotedRows } from './frame.ts';

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
