export type EncodingErrorCode =
  | 'bad-character'
  | 'bad-length'
  | 'not-canonical'
  | 'invalid-utf8'
  | 'lone-surrogate';

/** A text or bytes that are not the one canonical encoding of anything. Never quotes the input (I7). */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
  readonly code: EncodingErrorCode;

  constructor(code: EncodingErrorCode, what: string) {
    super(what);
    this.code = code;
  }
}
