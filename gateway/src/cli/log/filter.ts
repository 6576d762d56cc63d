/** The look-ups of the audit log, as options: by agent, reviewer, action, resource, upstream, rule, request, kind and time. */
import type { LogFilter } from '@countersign/sdk';
import { CLIENT_OPTIONS } from '../dispatch/arguments.ts';
import { UsageError } from '../verb.ts';

const TEXT = { type: 'string' } as const;
export const FILTER_OPTIONS = {
  ...CLIENT_OPTIONS,
  agent: TEXT,
  reviewer: TEXT,
  action: TEXT,
  resource: TEXT,
  upstream: TEXT,
  rule: TEXT,
  request: TEXT,
  kind: TEXT,
  since: TEXT,
  until: TEXT,
} as const;

/** Options of a verb's own go before `--json`. */
export const filterUsage = (
  own = '',
): string => `[--agent ID] [--reviewer ID] [--action NAME] [--resource ID] [--upstream ID]
    [--rule ID] [--request ID] [--kind KIND] [--since TIME] [--until TIME] ${own}[--json] [--url URL]

  TIME              2026-11-21, 2026-11-21T06:00Z; --until is exclusive`;

type Given = { readonly [name: string]: string | boolean | undefined };
const KEYS = ['agent', 'reviewer', 'action', 'resource', 'upstream', 'rule', 'request', 'kind'] as const;

export function filterOf(values: Given): LogFilter {
  const filter: { -readonly [K in keyof LogFilter]: LogFilter[K] } = {};
  for (const key of KEYS) {
    const value = values[key];
    if (typeof value === 'string') filter[key] = value;
  }
  for (const key of ['since', 'until'] as const) {
    const text = values[key];
    if (typeof text === 'string') filter[key] = timeOf(key, text);
  }
  return filter;
}

export function timeOf(name: string, text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UsageError(`--${name} ${text}: give a date or time such as 2026-11-21 or 2026-11-21T06:00Z`);
  return time;
}
