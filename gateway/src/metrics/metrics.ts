/**
 * A small Prometheus registry: counters, gauges and histograms with declared labels, rendered as text exposition
 * format 0.0.4. Labels are closed sets by design: no agent, person, resource or argument ever becomes one (I7), and a
 * metric refuses to grow past its bound of series (I15) by counting the rest under `other`.
 */
export type Labels = { readonly [name: string]: string };
export type Series = readonly [labels: Labels, value: number];
export type Counter = { add(labels?: Labels, by?: number): void };
export type Gauge = { set(value: number, labels?: Labels): void };
export type Histogram = { observe(seconds: number, labels?: Labels): void };

export type Declaration = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
};

export type Metrics = {
  counter(declaration: Declaration): Counter;
  gauge(declaration: Declaration): Gauge;
  /** Read when scraped: one number, or one for each of its labels. */
  observed(declaration: Declaration, read: () => number | readonly Series[]): void;
  /** The same, for what only grows and is counted elsewhere. */
  counted(declaration: Declaration, read: () => readonly Series[]): void;
  /** Upper bounds in ascending order, in the unit the name ends in. */
  histogram(declaration: Declaration & { readonly buckets: readonly number[] }): Histogram;
  render(): string;
};

export const SERIES_MAX = 200;
export const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5, 30, 60] as const;

type Family = { readonly declaration: Declaration; readonly type: string; lines(): readonly string[] };

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const register = (family: Family): void => {
    const { name, labels = [] } = family.declaration;
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      throw new TypeError(`metric name ${JSON.stringify(name)}: use a–z, 0–9 and _`);
    if (labels.some((label) => !/^[a-z][a-z0-9_]*$/.test(label)))
      throw new TypeError(`${name}: bad label name`);
    if (families.has(name)) throw new TypeError(`metric ${name} is declared twice`);
    families.set(name, family);
  };
  const single = (type: string, declaration: Declaration): Map<string, number> => {
    const series = new Map<string, number>();
    const lines = (): string[] => [...series].map(([key, value]) => `${declaration.name}${key} ${value}`);
    register({ declaration, type, lines });
    return series;
  };
  return {
    counter(declaration) {
      const series = single('counter', declaration);
      return {
        add(labels = {}, by = 1) {
          if (!(by >= 0)) throw new RangeError(`${declaration.name}: a counter only grows`);
          const key = seriesKey(declaration, labels, series);
          series.set(key, (series.get(key) ?? 0) + by);
        },
      };
    },
    gauge(declaration) {
      const series = single('gauge', declaration);
      return { set: (value, labels = {}) => void series.set(seriesKey(declaration, labels, series), value) };
    },
    observed: (declaration, read) =>
      register({ declaration, type: 'gauge', lines: () => readLines(declaration, read()) }),
    counted: (declaration, read) =>
      register({ declaration, type: 'counter', lines: () => readLines(declaration, read()) }),
    histogram(declaration) {
      const series = new Map<string, Buckets>();
      register({ declaration, type: 'histogram', lines: () => histogramLines(declaration, series) });
      return {
        observe(seconds, labels = {}) {
          const key = seriesKey(declaration, labels, series);
          const buckets = series.get(key) ?? { counts: declaration.buckets.map(() => 0), count: 0, sum: 0 };
          series.set(key, observed(buckets, declaration.buckets, seconds));
        },
      };
    },
    render: () => [...families.values()].flatMap(familyLines).join('\n').concat('\n'),
  };
}

/** Of what is beyond the bound of series, the sum. */
function readLines(declaration: Declaration, read: number | readonly Series[]): string[] {
  if (typeof read === 'number') return [`${declaration.name} ${read}`];
  const series = new Map<string, number>();
  for (const [labels, value] of read) {
    const key = seriesKey(declaration, labels, series);
    series.set(key, (series.get(key) ?? 0) + value);
  }
  return [...series].map(([key, value]) => `${declaration.name}${key} ${value}`);
}

type Buckets = { readonly counts: number[]; readonly count: number; readonly sum: number };

function observed(buckets: Buckets, bounds: readonly number[], value: number): Buckets {
  const at = bounds.findIndex((bound) => value <= bound);
  if (at >= 0) buckets.counts[at] = (buckets.counts[at] ?? 0) + 1;
  return { counts: buckets.counts, count: buckets.count + 1, sum: buckets.sum + value };
}

function histogramLines(
  { name, buckets }: Declaration & { readonly buckets: readonly number[] },
  series: ReadonlyMap<string, Buckets>,
): string[] {
  return [...series].flatMap(([key, { counts, count, sum }]) => {
    let below = 0;
    const lines = buckets.map((bound, at) => {
      below += counts[at] ?? 0;
      return `${name}_bucket${withLabel(key, 'le', String(bound))} ${below}`;
    });
    return [
      ...lines,
      `${name}_bucket${withLabel(key, 'le', '+Inf')} ${count}`,
      `${name}_sum${key} ${sum}`,
      `${name}_count${key} ${count}`,
    ];
  });
}

const withLabel = (key: string, label: string, value: string): string =>
  key === '' ? `{${label}="${value}"}` : `${key.slice(0, -1)},${label}="${value}"}`;

function seriesKey(declaration: Declaration, labels: Labels, series: ReadonlyMap<string, unknown>): string {
  const names = declaration.labels ?? [];
  for (const name of Object.keys(labels)) {
    if (!names.includes(name)) throw new TypeError(`${declaration.name}: label ${name} was not declared`);
  }
  if (names.length === 0) return '';
  const key = render(names, (name) => labels[name] ?? '');
  return series.has(key) || series.size < SERIES_MAX ? key : render(names, () => 'other');
}

const render = (names: readonly string[], value: (name: string) => string): string =>
  `{${names.map((name) => `${name}="${quoted(value(name))}"`).join(',')}}`;

const quoted = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function familyLines({ declaration: { name, help }, type, lines }: Family): readonly string[] {
  return [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${type}`,
    ...lines(),
  ];
}
