// Classes of characters, told from one UTF-16 unit. For what is read a few characters at a time and very often: starting
// an expression there costs more than the reading. They must mean what `\s`, `\d` and `[A-Za-z]` mean.

export const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const DIGITS = '0123456789';

export const isLower = (code: number): boolean => code >= 0x61 && code <= 0x7a;

export const isUpper = (code: number): boolean => code >= 0x41 && code <= 0x5a;

export const isLetter = (code: number): boolean => isLower(code) || isUpper(code);

const ASCII_MAX = 0x7f;
const WIDE_SPACE = /\s/;

/** `\s` */
export function isSpace(code: number): boolean {
  if (code <= ASCII_MAX) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code > ASCII_MAX && WIDE_SPACE.test(String.fromCharCode(code));
}

/** Whether a character is one of these, which are ASCII. */
export function oneOf(chars: string): (code: number) => boolean {
  const table = new Uint8Array(ASCII_MAX + 1);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return (code) => code <= ASCII_MAX && table[code] === 1;
}
