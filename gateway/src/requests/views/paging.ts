/** Opaque cursors: where the last page ended. Not secret and not trusted: a cursor that does not read back is refused. */
import { BadCursor } from '../../cursor.ts';

export type Cursor = { readonly at: number; readonly id: string };

export const writeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at}.${id}`).toString('base64url');

export function readCursor(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const [, at, id] =
    /^(-?\d{1,16})\.([A-Za-z0-9_]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (at === undefined || id === undefined) throw new BadCursor();
  return { at: Number(at), id };
}
