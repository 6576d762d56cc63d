import { CodedError } from '../coded-error.ts';

export type EncodingErrorCode =
  | 'bad-character'
  | 'bad-length'
  | 'not-canonical'
  | 'invalid-utf8'
  | 'lone-surrogate';

/** A text or bytes that are not the one canonical encoding of anything. Never quotes the input (I7). */
export class EncodingError extends CodedError<EncodingErrorCode> {
  override readonly name = 'EncodingError';
}
