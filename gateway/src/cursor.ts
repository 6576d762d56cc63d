/** A page's cursor that does not read back. Refused, never taken as the first page or an empty one: both would mislead. */
export class BadCursor extends Error {
  override readonly name = 'BadCursor';
  constructor() {
    super('cursor: not one this gateway gave; leave it out to start at the first page');
  }
}
