/** Why a text is refused. Closed: callers may switch over it. */
export type JsonErrorCode =
  | 'too-large'
  | 'too-deep'
  | 'invalid-utf8'
  | 'byte-order-mark'
  | 'lone-surrogate'
  | 'control-character'
  | 'bad-escape'
  | 'duplicate-key'
  | 'inexact-number'
  | 'truncated'
  | 'trailing-text'
  | 'syntax';

export type Place = {
  /** UTF-16 code units from the start; bytes for `invalid-utf8` and `too-large`. */
  readonly offset: number;
  /** Both count from 1; a column is a UTF-16 code unit. */
  readonly line: number;
  readonly column: number;
};

/** The text is not JSON we accept. The message names the place and the fix, and never quotes a value (I7). */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code: JsonErrorCode;
  readonly offset: number;
  readonly line: number;
  readonly column: number;

  constructor(code: JsonErrorCode, what: string, place: Place) {
    super(`${what} (line ${place.line}, column ${place.column})`);
    this.code = code;
    this.offset = place.offset;
    this.line = place.line;
    this.column = place.column;
  }
}

export function placeIn(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { offset, line, column: offset - lineStart + 1 };
}
