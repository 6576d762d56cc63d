/**
 * What takes a look at the store to find out, for gauges: told is what was found last, and a new look is taken, one at a time.
 * A store that does not answer is said elsewhere; the number stays what it was.
 */
export function lately<T>(look: () => Promise<T>, first: T): () => T {
  let found = first;
  let looking = false;
  const again = (): void => {
    if (looking) return;
    looking = true;
    look()
      .then((seen) => {
        found = seen;
      })
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  };
  again();
  return () => {
    again();
    return found;
  };
}
