/**
 * When each upstream last answered and when it last did not, and why: for operators to look at. Kept in memory since the
 * start, one line an upstream; it must never decide anything, nor hold a word of the upstream's own (I7).
 */
export type Contact = {
  readonly answered_at?: number;
  readonly failed_at?: number;
  /** Why it did not answer, in the gateway's own words. */
  readonly why?: string;
};

export type Contacts = {
  answered(upstream: string): void;
  failed(upstream: string, why: string): void;
  of(upstream: string): Contact;
};

/** Over the limit of names the oldest is forgotten: upstreams are configured, and come and go with restarts only. */
const UPSTREAMS_MAX = 10_000;

export function createContacts(now: () => number): Contacts {
  const contacts = new Map<string, Contact>();
  const set = (upstream: string, contact: Contact): void => {
    const [oldest] = contacts.keys();
    if (!contacts.has(upstream) && contacts.size >= UPSTREAMS_MAX && oldest !== undefined)
      contacts.delete(oldest);
    contacts.set(upstream, { ...contacts.get(upstream), ...contact });
  };
  return {
    answered: (upstream) => set(upstream, { answered_at: now() }),
    failed: (upstream, why) => set(upstream, { failed_at: now(), why }),
    of: (upstream) => contacts.get(upstream) ?? {},
  };
}
