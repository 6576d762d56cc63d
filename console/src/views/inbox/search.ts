/** The filters, as they stand in the address. */
import { RISKS, type Risk } from '@countersign/core';
import type { InboxItem, Me } from '@countersign/sdk';

export type InboxSearch = {
  /** Everything that waits, not only what this person may answer. */
  readonly all?: true | undefined;
  readonly agent?: string | undefined;
  readonly upstream?: string | undefined;
  readonly risk?: Risk | undefined;
  readonly q?: string | undefined;
  /** Where the keyboard is. */
  readonly at?: string | undefined;
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;

/** The router hands on what else stood in the address: whoever reads a search reads it with this. */
export function readSearch(given: Readonly<Record<string, unknown>>): InboxSearch {
  const risk = RISKS.find((each) => each === given['risk']);
  const found = {
    agent: text(given['agent']),
    upstream: text(given['upstream']),
    q: text(given['q']),
    at: text(given['at']),
  };
  const named = Object.entries(found).filter(([, value]) => value !== undefined);
  return {
    ...(given['all'] === true ? { all: true as const } : {}),
    ...(risk === undefined ? {} : { risk }),
    ...Object.fromEntries(named),
  };
}

/** Every word of the text somewhere in what the row says. */
export function matches(item: InboxItem, { agent, upstream, risk, q = '' }: InboxSearch): boolean {
  if (agent !== undefined && item.agent !== agent) return false;
  if (upstream !== undefined && item.upstream !== upstream) return false;
  if (risk !== undefined && item.risk !== risk) return false;
  const said = [item.sentence, item.agent, item.subject, item.owner ?? '', item.env, ...item.rules]
    .join(' ')
    .toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

export const isFiltered = ({ agent, upstream, risk, q }: InboxSearch): boolean =>
  [agent, upstream, risk, q].some((value) => value !== undefined);

/** Who can never answer anything looks at all of it. */
export const answers = ({ roles }: Pick<Me, 'roles'>): boolean =>
  roles.includes('reviewer') || roles.includes('operator');
