export type WireErrorCode = 'not-json' | 'bad-shape';

/** A document that is not the format it claims. `path` names the member at fault; the value is never quoted (I7). */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  readonly path: string;

  constructor(code: WireErrorCode, path: string, want: string) {
    super(`${path}: ${want}`);
    this.code = code;
    this.path = path;
  }
}
