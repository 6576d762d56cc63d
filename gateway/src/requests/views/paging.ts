/** Opaque cursors: where the last page ended. Not secret and not trusted: a cursor that does not read back is refused. */

export type Cursor = { readonly at: number; readonly id: string };

export class BadCursor extends Error {
  override readonly name = 'BadCursor';
}

export const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at}.${id}`).toString('base64url');

export function readCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const [, at, id] =
    /^(-?\d{1,16})\.([A-Za-z0-9_]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (at === undefined || id === undefined)
    throw new BadCursor('cursor: not one this gateway gave; leave it out to start at the first page');
  return { at: Number(at), id };
}
