// Escapes glue letters to a secret's front ("\nAKIA…" in quoted JSON, "%3Dghp_…" in a URL) and hide its boundary.
// The view is the same text with escapes blanked, character for character, so that ranges stay true.

/** Backslashes double with each level of quoting. */
const ESCAPES = /\\{1,4}(?:u00[0-7][0-9a-fA-F]|[nrtbf"'/])|%[2-7][0-9a-fA-F]/g;

/** `text` itself when there is nothing to blank. Always of the same length. */
export function decodedView(text: string): string {
  if (!text.includes('\\') && !text.includes('%')) return text;
  return text.replace(ESCAPES, blank);
}

function blank(found: string): string {
  const code = /(?:u00|%)([0-9a-fA-F]{2})$/.exec(found)?.[1];
  const last = code === undefined ? found.slice(-1) : String.fromCharCode(Number.parseInt(code, 16));
  // Letters after a backslash are control characters: n, r, t, b, f.
  const kept = (code === undefined ? /["'/]/ : /[\x20-\x7e]/).test(last) ? last : ' ';
  return ' '.repeat(found.length - 1) + kept;
}
