/** Broken input, told apart by a closed set of codes: callers may switch over them. */
export abstract class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, what: string) {
    super(what);
    this.code = code;
  }
}
