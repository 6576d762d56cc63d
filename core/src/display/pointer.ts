// JSON Pointers (RFC 6901): how redactions and lines name a place in a value.

/** The pointer of a member or item below `parent`. */
export function pointerTo(parent: string, key: string): string {
  return `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Where a redaction of the key itself is filed, as opposed to the value it leads to. No pointer looks like this: in a
 * pointer, `~` is always followed by 0 or 1.
 */
export function keyPointer(pointer: string): string {
  return `${pointer}~key`;
}
