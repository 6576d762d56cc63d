import { DIGITS_ALWAYS_EXACT, isExactNumber } from './number.ts';

/**
 * What `JSON.parse` hides, in one pass over the text: how many members were written (it drops duplicate keys), how deep
 * it goes, whether every number survives as a double. It does not check the grammar; whatever the text, it ends.
 */
export type Scan = { readonly members: number; readonly escapes: boolean };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** `undefined` when the text must be refused: `locate` then says where and why. */
export function scan(text: string, depth_max: number): Scan | undefined {
  let members = 0;
  let depth = 0;
  let escapes = false;
  const length = text.length;
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at += 1;
      let inside = text.charCodeAt(at);
      while (inside !== QUOTE) {
        if (inside === BACKSLASH) {
          escapes = true;
          at += 1;
        }
        at += 1;
        if (at >= length) return undefined;
        inside = text.charCodeAt(at);
      }
      at += 1;
    } else if (code === 0x3a) {
      members += 1;
      at += 1;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > depth_max) return undefined;
      at += 1;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      at += 1;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = endOfNumber(text, at);
      if (!isPlainlyExact(text, at, end) && !isExactNumber(text.slice(at, end))) return undefined;
      at = end;
    } else {
      at += 1;
    }
  }
  return { members, escapes };
}

export function endOfNumber(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const numeric =
      (code >= 0x30 && code <= 0x39) ||
      code === 0x2e ||
      code === 0x2d ||
      code === 0x2b ||
      (code | 0x20) === 0x65;
    if (!numeric) break;
  }
  return at;
}

/** Few digits, no exponent, not `-0`: no conversion needed to know. */
function isPlainlyExact(text: string, start: number, end: number): boolean {
  if (end - start > DIGITS_ALWAYS_EXACT) return false;
  if (text.charCodeAt(start) === 0x2d && text.charCodeAt(start + 1) === 0x30) return false;
  for (let at = start; at < end; at += 1) {
    if ((text.charCodeAt(at) | 0x20) === 0x65) return false;
  }
  return true;
}
