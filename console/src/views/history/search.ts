/** The filters of the history as they stand in a URL. Pure: whatever stands there becomes a filter the gateway can take, or none. */
import { CALL_DECISIONS, CALL_OUTCOMES, type CallFilter, PERMITTED_BY } from '@countersign/sdk';

export const CALL_FILTERS = [
  'q',
  'agent',
  'subject',
  'owner',
  'team',
  'reviewer',
  'rule',
  'upstream',
  'action',
  'resource',
  'class',
  'env',
  'risk',
  'decision',
  'outcome',
  'permitted_by',
  'trail',
  'from',
  'to',
] as const;
export type CallFilterName = (typeof CALL_FILTERS)[number];
export type HistorySearch = { readonly [F in CallFilterName]?: string | undefined };

const CHARS_MAX = 256;
const CLOSED: { readonly [filter: string]: readonly string[] } = {
  risk: ['low', 'medium', 'high', 'critical'],
  decision: CALL_DECISIONS,
  outcome: CALL_OUTCOMES,
  permitted_by: PERMITTED_BY,
};

/** The router hands on what else stood in the address: whoever reads a search reads it with this. */
export function readSearch(given: object): HistorySearch {
  const search: { [F in CallFilterName]?: string } = {};
  for (const filter of CALL_FILTERS) {
    const value: unknown = Object.entries(given).find(([name]) => name === filter)?.[1];
    const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
    if (text.trim() === '' || text.length > CHARS_MAX) continue;
    if ((filter === 'from' || filter === 'to') && !/^\d{1,15}$/.test(text)) continue;
    if (CLOSED[filter]?.includes(text) === false) continue;
    search[filter] = text;
  }
  return search;
}

export function filterOf(search: HistorySearch): CallFilter {
  const { from, to, q, ...names } = readSearch(search);
  const given = Object.entries(names).filter(([, value]) => value !== undefined);
  return {
    // Each value of a closed set was checked when it was read.
    ...(Object.fromEntries(given) as CallFilter),
    // Without a letter or a digit there is no word to find.
    ...(q === undefined || !/[\p{L}\p{N}]/u.test(q) ? {} : { q }),
    ...(from === undefined ? {} : { from: Number(from) }),
    ...(to === undefined ? {} : { to: Number(to) }),
  };
}

/** As a path and query, to be saved and to be sent to somebody. */
export function addressOf(search: HistorySearch): string {
  const pairs = CALL_FILTERS.flatMap((filter) => {
    const value = search[filter];
    return value === undefined ? [] : [[filter, value] as [string, string]];
  });
  const query = new URLSearchParams(pairs).toString();
  return query === '' ? '/history' : `/history?${query}`;
}

/** A saved address back as filters; undefined when it is of another view. */
export function searchIn(address: string): HistorySearch | undefined {
  const url = URL.parse(address, 'https://console.invalid');
  if (url === null || url.origin !== 'https://console.invalid' || url.pathname !== '/history')
    return undefined;
  return readSearch(Object.fromEntries(url.searchParams));
}
