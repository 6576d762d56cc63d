/** The runs' URLs: filters of the list, the step one looks at, and the two that are compared. Pure. */
import type { TrailFilter } from '@countersign/sdk';

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 256
    ? value
    : typeof value === 'number'
      ? String(value)
      : undefined;
const time = (value: unknown): string | undefined => {
  const found = text(value);
  return found !== undefined && /^\d{1,15}$/.test(found) ? found : undefined;
};
/** What no run is called is no run. */
const trail = (value: unknown): string | undefined =>
  typeof value === 'string' && /^trl_[0-9A-Z]{26}$/.test(value) ? value : undefined;
const present = <T extends object>(given: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;

export type RunsSearch = {
  readonly agent?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The run another is to be compared with. */
  readonly first?: string | undefined;
};
export const readRunsSearch = (given: Record<string, unknown>): RunsSearch =>
  present<RunsSearch>({
    agent: text(given['agent']),
    from: time(given['from']),
    to: time(given['to']),
    first: trail(given['first']),
  });

/** The router hands on what else stood in the address: read again, so that nothing of that is asked for. */
export const filterOf = (search: RunsSearch): TrailFilter => {
  const { agent, from, to } = readRunsSearch({ ...search });
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(from === undefined ? {} : { from: Number(from) }),
    ...(to === undefined ? {} : { to: Number(to) }),
  };
};

/** The call one looks at; the first one otherwise. */
export type RunSearch = { readonly call?: string | undefined };
export const readRunSearch = (given: Record<string, unknown>): RunSearch =>
  present<RunSearch>({ call: text(given['call']) });

export type CompareSearch = { readonly a?: string | undefined; readonly b?: string | undefined };
export const readCompareSearch = (given: Record<string, unknown>): CompareSearch =>
  present<CompareSearch>({ a: trail(given['a']), b: trail(given['b']) });
