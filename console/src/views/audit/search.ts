/** The filters of the log as they stand in a URL: plain text, times in unix milliseconds. Pure. */
import type { LogFilter } from '@countersign/sdk';

export const LOG_FILTERS = [
  'kind',
  'agent',
  'reviewer',
  'resource',
  'upstream',
  'rule',
  'request',
  'action',
  'since',
  'until',
] as const;
export type LogFilterName = (typeof LOG_FILTERS)[number];
export type AuditSearch = { readonly [F in LogFilterName]?: string | undefined };

const CHARS_MAX = 1024;

/**
 * Whatever stands there becomes a filter the gateway can take, or none. The router hands on what else stood in the address:
 * whoever reads a search reads it with this.
 */
export function readSearch(given: object): AuditSearch {
  const search: { [F in LogFilterName]?: string } = {};
  for (const filter of LOG_FILTERS) {
    const value: unknown = Object.entries(given).find(([name]) => name === filter)?.[1];
    const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
    if (text === '' || text.length > CHARS_MAX) continue;
    if ((filter === 'since' || filter === 'until') && !/^\d{1,15}$/.test(text)) continue;
    search[filter] = text;
  }
  return search;
}

export function filterOf(search: AuditSearch): LogFilter {
  const { since, until, ...names } = readSearch(search);
  const given = Object.entries(names).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as LogFilter),
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(until === undefined ? {} : { until: Number(until) }),
  };
}
