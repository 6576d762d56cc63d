/** What was taken already, for as long as it could come again. When too much is remembered, nothing new is taken. */
export type Seen = {
  /** True the first time. @throws SeenTooMuch */
  first(id: string): boolean;
};

export class SeenTooMuch extends Error {
  override readonly name = 'SeenTooMuch';
}

export function createSeen(
  now: () => number,
  { lasts_ms, most }: { readonly lasts_ms: number; readonly most: number },
): Seen {
  const until = new Map<string, number>();
  const forget = (): void => {
    // In the order they came: the first that still counts ends it.
    for (const [id, at] of until) {
      if (at > now()) return;
      until.delete(id);
    }
  };
  return {
    first(id) {
      forget();
      if (until.has(id)) return false;
      if (until.size >= most) throw new SeenTooMuch('too much at once');
      until.set(id, now() + lasts_ms);
      return true;
    },
  };
}
