/**
 * Work that one of several gateways took, and nobody knows whether it still has it. No clock is compared with another's:
 * whoever waits for it has seen the same lease, unchanged, for as long as it lasts by its own clock that only runs
 * forward; so neither a clock that is wrong nor one that is set takes work from somebody who is at it. What takes a lease
 * or gives it back is a compare-and-set on its mark, in the store: of several one wins.
 */
export type Leased = { readonly id: string; readonly mark: string };

/** Told of every lease there is, again and again; answers which of them are over. */
export function watchLeases(lasts_ms: number, elapsed: () => number = () => performance.now()) {
  let seen: ReadonlyMap<string, { readonly mark: string; readonly since: number }> = new Map();
  return <L extends Leased>(leased: readonly L[]): readonly L[] => {
    const at = elapsed();
    const sinceOf = ({ id, mark }: L): number => {
      const before = seen.get(id);
      return before?.mark === mark ? before.since : at;
    };
    seen = new Map(leased.map((each) => [each.id, { mark: each.mark, since: sinceOf(each) }]));
    return leased.filter(({ id }) => at - (seen.get(id)?.since ?? at) >= lasts_ms);
  };
}
