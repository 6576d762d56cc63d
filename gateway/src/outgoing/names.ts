/**
 * Whether a name may be handed to a proxy, which will look it up in its own network (A26). What a name says of itself, and what
 * it is here, is all that can be told: a name nobody here knows goes to the proxy, as the gateway may know no public names.
 */
import type { Judge } from './addresses.ts';

/** As `dns.lookup` with `all`. */
export type Lookup = (
  name: string,
  done: (
    error: Error | null,
    addresses: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void;

/** Why not; undefined when it may. */
export type JudgeName = (host: string) => Promise<string | undefined>;

type Parts = { readonly lookup: Lookup; readonly judge: Judge; readonly now: () => number };

/** Names that are somewhere inside by what they are (RFC 6761, 6762, 8375, ICANN’s .internal), or a cloud’s metadata. */
const INSIDE = ['localhost', 'local', 'internal', 'home.arpa', 'in-addr.arpa', 'ip6.arpa', 'localdomain'];
/** So long is waited for a name; then it is taken for one nobody here knows. */
const PATIENCE_MS = 2_000;
/** A look-up that fails may hold one of few threads for long: a name that is not known is not looked up again for so long. */
const UNKNOWN_MS = 60_000;
const UNKNOWN_MAX = 1_000;

export function judgeNames({ lookup, judge, now }: Parts): JudgeName {
  const unknown = new Map<string, number>();
  const addressesOf = (name: string): Promise<readonly string[]> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve([]), PATIENCE_MS);
      lookup(name, (error, addresses) => {
        clearTimeout(timer);
        resolve(error === null ? addresses.map(({ address }) => address) : []);
      });
    });
  return async (host) => {
    const name = host.toLowerCase().replace(/\.$/, '');
    // `metadata.google.internal..`: whoever looks it up may take it for what it nearly is.
    if (name.split('.').includes('')) return `${host} is no name`;
    if (!name.includes('.') || INSIDE.some((inside) => name === inside || name.endsWith(`.${inside}`)))
      return `${host} is a name of a network inside; what is inside is reached directly (outgoing.proxy.no_proxy)`;
    if ((unknown.get(name) ?? 0) > now()) return undefined;
    const addresses = await addressesOf(name);
    if (addresses.length === 0) {
      if (unknown.size >= UNKNOWN_MAX) unknown.clear();
      unknown.set(name, now() + UNKNOWN_MS);
    } else unknown.delete(name);
    for (const address of addresses) {
      const judged = judge(address, true);
      if (!judged.ok) return `${host} is at ${address}, ${judged.why}`;
    }
    return undefined;
  };
}
